"""Recalling a message that was delivered, and showing it again: what officers do from the desk.

A recall beats whatever its sender does meanwhile, but for taking the message back. Others then see that
something was removed, and no word of it; what it said is kept, sealed, with the version of the recall. A
restored message is decided again, as it was shown last.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from core.errors import Conflict, NotFound
from core.messaging.answers import stopped
from core.messaging.attempt import Answer, PlainAttempt, Question
from core.messaging.carried import Carried, as_shown, beside_of, decided_text, origin_of
from core.messaging.changes import CHANGEABLE, KEPT_BY_EDITS, do_unpin, tombstone
from core.messaging.files.checking import ReadFile, evidence_of, judged, questions_of
from core.messaging.files.model import FileState
from core.messaging.files.rows import do_move_files
from core.messaging.model import (
    Before,
    Conversation,
    ItemState,
    ItemType,
    Outcome,
    Person,
    VersionKind,
)
from core.messaging.send import Writing, message_view
from core.messaging.vault import Vault
from core.messaging.versions import BODY, following
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonFacts, PersonId, Surface, Verdict

KEPT: Final = "kept"
"""The part of a recall's record that holds what the message showed, and in which state."""

_v = chat.versions.c

_ITEM = Statement(select(chat.items).where(chat.items.c.id == bindparam("item")))
_RECALLED = Statement(
    select(_v.version, _v.body)
    .where(_v.item_id == bindparam("item"), _v.kind == VersionKind.RECALL)
    .order_by(_v.version.desc())
    .limit(1)
)

_SHOWN_AGAIN: Final = (*(name for name in KEPT_BY_EDITS if name != "pinned"), "edited_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(PlainAttempt):
    """An officer's recall, carried by the worker. ``client_id`` is the signed job that carries it."""

    writing: Writing
    vault: Vault
    sender: PersonId
    client_id: str
    conversation: ConversationId
    item: ItemId
    officer: Person
    reason: str

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["recall", self.item])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only what others see is recalled; nothing has to be decided."""
        _delivered(tx, self.item, conversation.id, CHANGEABLE)
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Leave a tombstone, and keep what stood there."""
        row = _delivered(tx, self.item, before.conversation.id, CHANGEABLE)
        old = self.writing.showing.view(row)
        do_move_files(tx, self.item, FileState.RECALLED)
        do_unpin(tx, self.item)
        new = following(
            row,
            VersionKind.RECALL,
            ItemState.RECALLED,
            self.officer.id,
            self.writing.clock.now(),
            delivered=True,
            view=tombstone(old),
            record={"reason": self.reason, KEPT: {"state": row.state, "view": old}},
        )
        frame = self.writing.versions.write(tx, before.conversation, new, self.officer)
        assert frame is not None
        told = {"id": self.item, "conversation": self.conversation, "state": new.state, "cseq": frame.cseq}
        return Outcome({"ok": True, **told}, frames=(frame,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(PlainAttempt):
    """An officer shows a recalled message again: decided again, for those who would see it now.

    ``approved`` are the findings with which it was delivered before.
    """

    writing: Writing
    vault: Vault
    sender: PersonId
    client_id: str
    conversation: ConversationId
    item: ItemId
    approved: frozenset[str]
    officer: Person
    reason: str
    files: tuple[ReadFile, ...] = ()

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["restore", self.item, sorted(self.approved)])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Ask about all that would be shown again."""
        row = _delivered(tx, self.item, conversation.id, (ItemState.RECALLED,))
        _, view = self._kept(tx, row)
        author = self.writing.rooms.anybody(tx, self.sender)
        facts = author.facts if author else PersonFacts(self.sender)
        carried = Carried.of_view(tx, self.writing.rooms, view)
        text, others = decided_text(str(view["text"]), carried), conversation.others(self.sender)
        if self.files:
            return questions_of(facts, others, text, self.files, (), carried)
        return (
            Question(
                Surface.MESSAGE,
                facts,
                text,
                others,
                origin=origin_of(carried),
                beside=beside_of(carried),
            ),
        )

    def judge(self, answers: Sequence[Answer]) -> Answer:
        """Return all decisions as one."""
        return judged(answers) if self.files else PlainAttempt.judge(self, answers)

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Show it again, or record why it still may not be shown."""
        assert facts is not None and decision is not None
        row, at = _delivered(tx, self.item, before.conversation.id, (ItemState.RECALLED,)), self._now()
        state, old = self._kept(tx, row)
        text, carried = str(old["text"]), Carried.of_view(tx, self.writing.rooms, old)
        record: dict[str, Any] = {
            "reason": self.reason,
            "approved": sorted(self.approved),
            **evidence_of(self.files),
            **(carried.as_record() if carried else {}),
        }
        if not decision.verdict.delivers:
            new = following(
                row,
                VersionKind.RESTORE,
                ItemState.RECALLED,
                self.officer.id,
                at,
                delivered=False,
                view=None,
                record={**record, "why": "stopped again"},
            )
            self.writing.versions.write(
                tx, before.conversation, new, self.officer, facts=facts, decision=decision, text=text
            )
            answer = stopped(self.item, ItemState.RECALLED, at, decision)
            return Outcome({**answer, "code": "stopped_again"})
        shown, seen = as_shown(decision, text, carried)
        view, _, has_link = message_view(before.conversation, shown, at, seen)
        view |= {name: old[name] for name in _SHOWN_AGAIN if name in old}
        redacted = decision.verdict is Verdict.REDACT
        do_move_files(tx, self.item, FileState.SHOWN)
        new = following(
            row,
            VersionKind.RESTORE,
            ItemState.REDACTED if redacted else state,
            self.officer.id,
            at,
            delivered=True,
            view=view,
            record={**record, "has_link": has_link, **({"shown": shown} if redacted else {})},
        )
        frame = self.writing.versions.write(
            tx, before.conversation, new, self.officer, facts=facts, decision=decision, text=text
        )
        assert frame is not None
        told = {"id": self.item, "conversation": self.conversation, "state": new.state, "cseq": frame.cseq}
        return Outcome({"ok": True, **told}, frames=(frame,))

    def _kept(self, tx: Tx, row: Row) -> tuple[ItemState, dict[str, Any]]:
        """Return in which state it was when it was recalled, and what it showed."""
        recalled = tx.sole(_RECALLED, item=self.item)
        place = f"{self.item}/{recalled.version}"
        kept = self.vault.open(BODY, row.conversation_id, row.month, place, recalled.body)[KEPT]
        return ItemState(kept["state"]), kept["view"]

    def _now(self) -> datetime:
        return self.writing.clock.now()


def _delivered(tx: Tx, item: ItemId, conversation: ConversationId, states: Collection[ItemState]) -> Row:
    """Return the row of a message that was delivered and is in one of ``states``.

    Raises:
        NotFound: ``no_message``.
        Conflict: ``already_recalled``, ``already_gone``, or ``not_recalled``.
    """
    row = tx.one(_ITEM, item=item)
    if (
        row is None
        or row.conversation_id != conversation
        or row.created_cseq is None
        or row.type != ItemType.MESSAGE
    ):
        raise NotFound("There is no such message that was delivered.", code="no_message")
    if row.state in states:
        return row
    if row.state == ItemState.RECALLED:
        raise Conflict("This message is recalled already.", code="already_recalled")
    if row.state in CHANGEABLE:
        raise Conflict("This message is not recalled, or not any more.", code="not_recalled")
    raise Conflict("This message was deleted meanwhile: nobody sees it any more.", code="already_gone")
