"""Changing what was said: edit, delete, react, unreact. Each is a new version; nothing is overwritten."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, select

from core.errors import Conflict, Denied, InvalidInput, NotFound
from core.messaging.answers import STOPPED_STATE, sent, stopped
from core.messaging.attempt import Confirmation, PlainAttempt, Question
from core.messaging.carried import Carried, as_shown, beside_of, decided_text, origin_of
from core.messaging.files.names import stem_of
from core.messaging.files.rows import do_drop_files
from core.messaging.model import Before, Conversation, ItemState, Outcome, VersionKind
from core.messaging.send import Writing, check_member, check_text, message_view
from core.messaging.vault import Vault
from core.messaging.versions import VIEW, following
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonId, Surface, Verdict, from_ms, rfc3339

_ITEM = Statement(select(chat.items).where(chat.items.c.id == bindparam("item")))
_UNPIN = Statement(delete(chat.pins).where(chat.pins.c.item_id == bindparam("item")))
_ALIAS = re.compile(r"[a-z0-9_+\-]{1,40}")
CHANGEABLE: Final = frozenset({ItemState.SENT, ItemState.EDITED, ItemState.REDACTED})

KEPT_BY_EDITS: Final = ("at", "reactions", "pinned", "files")

REACTIONS_PER_MESSAGE = 50
_KEY: Final = "keycap_"


def do_unpin(tx: Tx, item: ItemId) -> None:
    """Take a message off the list of pins, if it is on it."""
    tx.run(_UNPIN, item=item)


def tombstone(old: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the chat shows where a message was: that there was one, and when."""
    return {"text": "", "tokens": [], "mentions": [], "reactions": {}, "at": old["at"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(PlainAttempt):
    """What edit, delete and reactions share: an item of a conversation, and who changes it."""

    writing: Writing
    vault: Vault
    sender: PersonId
    client_id: str
    conversation: ConversationId
    item: ItemId

    def item_of(self, tx: Tx, conversation: Conversation) -> Row:
        """Return the visible message, or raise a typed error."""
        check_member(conversation, self.sender)
        row = tx.one(_ITEM, item=self.item)
        if (
            row is None
            or row.conversation_id != conversation.id
            or row.created_cseq is None
            or row.type != "message"
            or not self._sees(tx, row)
        ):
            raise NotFound("There is no such message here.", code="no_message")
        if row.state not in CHANGEABLE:
            raise Conflict("This message can no longer be changed.", code="not_changeable")
        return row

    def _sees(self, tx: Tx, row: Row) -> bool:
        """Tell whether the message is one's own, or was said since one joined."""
        rooms, conversation = self.writing.rooms, ConversationId(row.conversation_id)
        return bool(
            row.sender_id == self.sender or row.created_cseq > rooms.sees_from(tx, conversation, self.sender)
        )

    def view_of(self, row: Row) -> dict[str, Any]:
        """Return what the chat shows of the message now."""
        view: dict[str, Any] = self.vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        return view

    def check_window(self, row: Row, window: timedelta | None, limit: str, never: str, code: str) -> None:
        """Refuse what a policy lets people do for some minutes only.

        Raises:
            Denied: ``code``, with ``minutes``.
        """
        if window is None or self.writing.clock.now() - from_ms(row.created_ms) < window:
            return
        minutes = int(window.total_seconds() // 60)
        raise Denied(limit.format(minutes=minutes) if minutes else never, code=code, minutes=minutes)

    def apply(
        self,
        tx: Tx,
        before: Before,
        row: Row,
        *,
        kind: VersionKind,
        state: ItemState,
        view: dict[str, Any] | None,
        record: dict[str, Any],
        facts: Facts | None = None,
        decision: Decision | None = None,
        text: str = "",
    ) -> Outcome:
        """Write the next version: delivered where there is a view, stopped where there is none."""
        at = self.writing.clock.now()
        new = following(
            row, kind, ItemState(state), self.sender, at,
            delivered=view is not None, view=view, record=record,
        )  # fmt: skip
        frame = self.writing.versions.write(
            tx,
            before.conversation,
            new,
            before.conversation.members[self.sender],
            facts=facts,
            decision=decision,
            text=text,
        )
        if frame is None:
            assert decision is not None
            return Outcome(stopped(self.item, STOPPED_STATE[decision.verdict], at, decision))
        return Outcome(
            sent(self.item, new.state, frame.cseq, at, self.writing.told(decision, text)), frames=(frame,)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMessage(Change):
    """The sender replaces the text; others see the old one until the new one passed."""

    text: str
    confirms: Confirmation | None = None

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        confirmed = [self.confirms.decision, self.confirms.reason] if self.confirms else None
        return json.dumps(["edit", self.item, self.text, confirmed])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only the sender edits, and only what is still shown."""
        row = self.item_of(tx, conversation)
        if row.sender_id != self.sender:
            raise Denied("You can only edit your own messages.", code="not_yours")
        self.check_window(
            row,
            self.writing.usage().edit_within,
            "Your firm's policy lets messages be edited for {minutes} minutes. That time is over.",
            "Your firm's policy does not let messages be edited.",
            "too_late_to_edit",
        )
        view = self.view_of(row)
        files = view.get("files", ())
        if self.text or not files:
            check_text(self.text, self.writing.max_chars)
        facts = conversation.members[self.sender].facts
        carried = Carried.of_view(tx, self.writing.rooms, view)
        return (
            Question(
                Surface.EDIT,
                facts,
                decided_text(self.text, carried),
                conversation.others(self.sender),
                origin=origin_of(carried),
                beside=(*(stem_of(file["name"]) for file in files), *beside_of(carried)),
            ),
        )

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Show the new text, or keep the attempt as evidence and the old text in place."""
        assert facts is not None and decision is not None
        row = self.item_of(tx, before.conversation)
        old = self.view_of(row)
        carried = Carried.of_view(tx, self.writing.rooms, old)
        record: dict[str, Any] = {"client_id": self.client_id, **(carried.as_record() if carried else {})}
        if self.confirms is not None:
            record |= {"confirms": self.confirms.decision, "reason": self.confirms.reason}
        if not decision.verdict.delivers:
            return self.apply(
                tx, before, row, kind=VersionKind.EDIT, state=ItemState(row.state), view=None,
                record=record, facts=facts, decision=decision, text=self.text,
            )  # fmt: skip
        redacted = decision.verdict is Verdict.REDACT
        shown, seen = as_shown(decision, self.text, carried)
        view, _, has_link = message_view(before.conversation, shown, self.writing.clock.now(), seen)
        view |= {name: old[name] for name in KEPT_BY_EDITS if name in old}
        view |= {"edited_at": rfc3339(self.writing.clock.now()), **self.writing.told(decision, self.text)}
        record |= {"has_link": has_link} | ({"shown": shown} if redacted else {})
        state = ItemState.REDACTED if redacted else ItemState.EDITED
        return self.apply(
            tx, before, row, kind=VersionKind.EDIT, state=state, view=view,
            record=record, facts=facts, decision=decision, text=self.text,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteMessage(Change):
    """The sender takes a message back: the chat shows a tombstone, the archive keeps every version."""

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["delete", self.item])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only the sender deletes."""
        row = self.item_of(tx, conversation)
        if row.sender_id != self.sender:
            raise Denied("You can only delete your own messages.", code="not_yours")
        self.check_window(
            row,
            self.writing.usage().delete_within,
            "Your firm's policy lets messages be deleted for {minutes} minutes. That time is over.",
            "Your firm's policy does not let messages be deleted.",
            "too_late_to_delete",
        )
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Leave a tombstone."""
        row = self.item_of(tx, before.conversation)
        do_drop_files(tx, self.item)
        old = self.view_of(row)
        do_unpin(tx, self.item)
        return self.apply(
            tx, before, row, kind=VersionKind.DELETE, state=ItemState.DELETED, view=tombstone(old),
            record={"client_id": self.client_id},
        )  # fmt: skip


def reaction_as_read(alias: str) -> str:
    """Return what people read where a reaction stands: its words, or the digit on a key."""
    return alias.removeprefix(_KEY).replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class React(Change):
    """Somebody adds or takes back a reaction. Its alias is decided like any other text."""

    alias: str
    add: bool

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["react", self.item, self.alias, self.add])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Any member reacts, with an alias such as ``thumbs_up``."""
        row = self.item_of(tx, conversation)
        if not _ALIAS.fullmatch(self.alias):
            raise InvalidInput(
                "A reaction is named by small letters, digits and _ only.", code="bad_reaction"
            )
        reactions = self.view_of(row)["reactions"]
        if self.add and self.alias not in reactions and len(reactions) >= REACTIONS_PER_MESSAGE:
            raise InvalidInput("This message has all the reactions it can hold.", code="too_many_reactions")
        if not self.add:
            return ()
        facts = conversation.members[self.sender].facts
        return (
            Question(
                Surface.REACTION,
                facts,
                reaction_as_read(self.alias),
                conversation.others(self.sender),
                # Signs stand side by side: digits among them make a number.
                beside=tuple(
                    reaction_as_read(alias)
                    for alias, people in reactions.items()
                    if self.sender in people and alias != self.alias
                ),
            ),
        )

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the reaction, or the attempt."""
        row = self.item_of(tx, before.conversation)
        kind = VersionKind.REACT if self.add else VersionKind.UNREACT
        record = {"reaction": self.alias, "client_id": self.client_id}
        view: dict[str, Any] | None = None
        if decision is None or decision.verdict.delivers:
            view = self.view_of(row)
            people = set(view["reactions"].get(self.alias, []))
            people = people | {self.sender} if self.add else people - {self.sender}
            view["reactions"] = {**view["reactions"], self.alias: sorted(people)}
            if not people:
                del view["reactions"][self.alias]
        return self.apply(
            tx, before, row, kind=kind, state=ItemState(row.state), view=view,
            record=record, facts=facts, decision=decision, text=self.alias if decision else "",
        )  # fmt: skip
