"""A sender says that a finding is wrong: kept beside the message as a version, for officers to find.

No text leaves with it, and nothing changes for anybody. Each decision can be reported once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import bindparam, insert, select

from core.errors import Conflict, NotFound
from core.messaging.attempt import PlainAttempt, Question
from core.messaging.model import Before, Conversation, ItemState, ItemType, NewVersion, Outcome, VersionKind
from core.messaging.send import Writing
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonId, from_ms, to_ms

_i, _r, _reported = chat.items.c, chat.receipts.c, chat.reported.c

_DECIDED = Statement(
    select(chat.items, _r.rules)
    .join(chat.receipts, _r.item_id == _i.id)
    .where(_r.decision_id == bindparam("decision"))
)
_KNOWN = Statement(select(_reported.item_id).where(_reported.decision_id == bindparam("decision")))
_NOTE = Statement(insert(chat.reported))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFinding(PlainAttempt):
    """The sender of what was decided says that the decision is wrong."""

    writing: Writing
    sender: PersonId
    client_id: str
    conversation: ConversationId
    decision: str

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["report", self.decision])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only the sender reports what was found in their own words, once."""
        self._row(tx, conversation)
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the version that says so; the item stays as it is."""
        row, at = self._row(tx, before.conversation), self.writing.clock.now()
        tx.run(_NOTE, decision_id=self.decision, item_id=row.id, at_ms=to_ms(at))
        rules = sorted(orjson.loads(row.rules))
        new = NewVersion(
            item=ItemId(row.id),
            version=row.version + 1,
            kind=VersionKind.REPORT,
            type=ItemType(row.type),
            state=ItemState(row.state),
            sender=self.sender,
            actor=self.sender,
            at=at,
            month=row.month,
            delivered=False,
            view=None,
            record={"reports": self.decision, "rules": rules, "client_id": self.client_id},
            thread_root=ItemId(row.thread_root) if row.thread_root else None,
            expires=from_ms(row.expires_ms) if row.expires_ms is not None else None,
        )
        self.writing.versions.write(tx, before.conversation, new, before.conversation.members[self.sender])
        return Outcome({"ok": True, "id": row.id, "decision": self.decision})

    def _row(self, tx: Tx, conversation: Conversation) -> Row:
        row = tx.one(_DECIDED, decision=self.decision)
        if (
            row is None
            or row.sender_id != self.sender
            or row.conversation_id != conversation.id
            or self.sender not in conversation.members
            or not orjson.loads(row.rules)
        ):
            raise NotFound("There is no finding of yours here to report.", code="nothing_to_report")
        if tx.one(_KNOWN, decision=self.decision) is not None:
            raise Conflict("You reported this already. Compliance can see it.", code="already_reported")
        return row
