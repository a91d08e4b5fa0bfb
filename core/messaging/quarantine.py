"""What becomes of a quarantined message: release, rejection, withdrawal, expiry.

Each moves the item from ``quarantined`` by its version, conditionally: one wins, and the others are
told ``already_decided``. A release is decided again; it takes its ``cseq`` at release.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select

from core.errors import Conflict, NotFound
from core.messaging.answers import stopped
from core.messaging.attempt import PlainAttempt, Question
from core.messaging.carried import Carried, as_shown, beside_of, decided_text, origin_of
from core.messaging.files.rows import do_drop_files
from core.messaging.model import (
    Before,
    Conversation,
    ItemState,
    Outcome,
    Person,
    VersionKind,
)
from core.messaging.send import Writing, message_view
from core.messaging.vault import Vault
from core.messaging.versions import VIEW, following
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonId, Surface, Verdict, rfc3339

_i = chat.items.c

_ITEM = Statement(select(chat.items).where(_i.id == bindparam("item")))
_DUE = Statement(
    select(_i.id, _i.conversation_id)
    .where(_i.state == "quarantined", _i.expires_ms <= bindparam("now"))
    .order_by(_i.expires_ms)
    .limit(100)
)
_MENTION = Statement(insert(chat.mentions))

_UNDECIDED = (ItemState.QUARANTINED, ItemState.CHECKING)

_ENDS = {
    VersionKind.WITHDRAW: ItemState.WITHDRAWN,
    VersionKind.REJECT: ItemState.REJECTED,
    VersionKind.LAPSE: ItemState.LAPSED,
}


def waiting_item(
    tx: Tx,
    item: ItemId,
    conversation: ConversationId | None = None,
    states: Collection[str] = (ItemState.QUARANTINED,),
) -> Row:
    """Return the row of a message that still waits.

    Raises:
        NotFound: ``no_message``.
        Conflict: ``already_decided``.
    """
    row = tx.one(_ITEM, item=item)
    if row is None or (conversation is not None and row.conversation_id != conversation):
        raise NotFound("There is no such message.", code="no_message")
    if row.state not in states:
        raise Conflict("This message was decided in the meantime.", code="already_decided", state=row.state)
    return row


def due_items(tx: Tx, now_ms: int) -> list[tuple[ItemId, ConversationId]]:
    """Return quarantined messages whose time is over."""
    return [(row.id, row.conversation_id) for row in tx.rows(_DUE, now=now_ms)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndQuarantine(PlainAttempt):
    """The sender withdraws, an officer rejects, or time runs out: nobody else ever sees the message.

    What still is being checked can be withdrawn too.
    """

    writing: Writing
    vault: Vault
    sender: PersonId
    client_id: str
    conversation: ConversationId
    item: ItemId
    kind: VersionKind
    actor: Person
    reason: str = ""

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps([self.kind, self.item])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only the sender withdraws."""
        row = waiting_item(tx, self.item, conversation.id, _UNDECIDED)
        if self.kind is VersionKind.WITHDRAW and row.sender_id != self.sender:
            raise NotFound("There is no such message.", code="no_message")
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the end."""
        row = waiting_item(tx, self.item, states=_UNDECIDED)
        do_drop_files(tx, self.item)
        state, at = _ENDS[self.kind], self.writing.clock.now()
        view = self.vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        ended = {**view, "ended_at": rfc3339(at)}
        new = following(
            row, self.kind, state, self.actor.id, at,
            delivered=False, view=ended, record={"reason": self.reason},
        )  # fmt: skip
        self.writing.versions.write(tx, before.conversation, new, self.actor)
        told = {"id": self.item, "conversation": self.conversation, "state": state, "at": rfc3339(at)}
        return Outcome({"ok": True, **told}, ended=(self.conversation,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(PlainAttempt):
    """An officer's release, carried by the worker: decided again, and delivered if nothing new stops it.

    ``approved`` are the findings the officer released; ``job`` the signed job that carries it.
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

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["release", self.item, sorted(self.approved)])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """The sender must still be a member: nobody speaks for a leaver."""
        row = waiting_item(tx, self.item, conversation.id)
        if self.sender not in conversation.members or conversation.closed:
            raise Conflict(
                "The sender is no longer in this conversation, or it is closed. Reject the message instead.",
                code="cannot_release",
            )
        carried = Carried.of_view(tx, self.writing.rooms, self.view_of(row))
        return (
            Question(
                Surface.MESSAGE,
                conversation.members[self.sender].facts,
                decided_text(self.text_of(row), carried),
                conversation.others(self.sender),
                origin=origin_of(carried),
                beside=beside_of(carried),
            ),
        )

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Deliver it now, or record why it still may not be delivered."""
        assert facts is not None
        assert decision is not None
        row = waiting_item(tx, self.item)
        text, at = self.text_of(row), self.writing.clock.now()
        if not decision.verdict.delivers:
            return self._refused(tx, before, row, facts, decision, text)
        carried = Carried.of_view(tx, self.writing.rooms, self.view_of(row))
        redacted = decision.verdict is Verdict.REDACT
        shown, seen = as_shown(decision, text, carried)
        view, mentioned, has_link = message_view(before.conversation, shown, at, seen)
        view |= self.do_show(tx)
        state = ItemState.REDACTED if redacted else ItemState.SENT
        new = following(
            row,
            VersionKind.RELEASE,
            state,
            self.officer.id,
            at,
            delivered=True,
            view=view,
            record={
                "reason": self.reason,
                "has_link": has_link,
                "approved": sorted(self.approved),
                **self.evidence(),
                **(carried.as_record() if carried else {}),
                **({"shown": shown} if redacted else {}),
            },
        )
        frame = self.writing.versions.write(
            tx, before.conversation, new, self.officer, facts=facts, decision=decision, text=text
        )
        assert frame is not None
        tx.run_many(
            _MENTION,
            [
                {"person_id": person, "conversation_id": self.conversation, "cseq": frame.cseq}
                for person in sorted(mentioned - {self.sender})
            ],
        )
        told = {"id": self.item, "conversation": self.conversation, "state": state, "cseq": frame.cseq}
        return Outcome({"ok": True, **told}, frames=(frame,))

    def do_show(self, tx: Tx) -> dict[str, Any]:
        """Return what others see beside the text; a message without files has nothing."""
        return {}

    def evidence(self) -> dict[str, Any]:
        """Return what the archive keeps beside the text."""
        return {}

    def _refused(
        self, tx: Tx, before: Before, row: Row, facts: Facts, decision: Decision, text: str
    ) -> Outcome:
        at = self.writing.clock.now()
        end = ItemState.REJECTED
        do_drop_files(tx, self.item)
        carried = Carried.of_view(tx, self.writing.rooms, self.view_of(row))
        view = self.vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        new = following(
            row,
            VersionKind.REJECT,
            end,
            self.officer.id,
            at,
            delivered=False,
            view={**view, "ended_at": rfc3339(at)},
            record={
                "reason": self.reason,
                "why": "stopped again at release",
                **self.evidence(),
                **(carried.as_record() if carried else {}),
            },
        )
        self.writing.versions.write(
            tx, before.conversation, new, self.officer, facts=facts, decision=decision, text=text
        )
        answer = {**stopped(self.item, end, at, decision), "code": "stopped_again"}
        return Outcome(answer, ended=(self.conversation,))

    def text_of(self, row: Row) -> str:
        """Return what the sender wrote."""
        return str(self.view_of(row)["text"])

    def view_of(self, row: Row) -> dict[str, Any]:
        """Return what the sender sees of it while it waits."""
        view: dict[str, Any] = self.vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        return view
