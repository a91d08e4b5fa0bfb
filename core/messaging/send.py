"""Sending a message: what is checked, and what is written for each verdict."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, insert, select

from core.crypto.chat_keys import month_of
from core.errors import Conflict, InvalidInput, NotFound, Stale, TooLarge
from core.messaging.answers import STOPPED_STATE, notice_of, sent, stopped, told
from core.messaging.attempt import Confirmation, PlainAttempt, Question
from core.messaging.blank import is_blank
from core.messaging.carried import Carried, Carries, as_shown, beside_of, decided_text, origin_of
from core.messaging.markup import parse
from core.messaging.model import Before, Conversation, ItemState, ItemType, NewVersion, Outcome, VersionKind
from core.messaging.rooms import Rooms
from core.messaging.showing import Showing
from core.messaging.versions import VersionWriter
from core.schema import chat
from core.store import Statement, Tx
from core.types import (
    Clock,
    ConversationId,
    Decision,
    Facts,
    ItemId,
    PersonId,
    Surface,
    UsageRules,
    Verdict,
    new_id,
    rfc3339,
)

_i = chat.items.c

_ROOT = Statement(
    select(_i.conversation_id, _i.thread_root, _i.created_cseq, _i.state).where(_i.id == bindparam("item"))
)
_MENTION = Statement(insert(chat.mentions))

QUARANTINE_HOURS = 24
SCHEDULED: Final = "scheduled"
"""The source of what its sender wanted to be said later."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What every operation needs to write: one of each process."""

    versions: VersionWriter
    clock: Clock
    max_chars: int
    rooms: Rooms
    showing: Showing
    usage: Callable[[], UsageRules]

    def told(self, decision: Decision | None, text: str) -> dict[str, Any]:
        """Return what the sender alone is told of what others see now."""
        return told(decision, text, self.usage())


@dataclass(frozen=True, slots=True)
class SendMessage(PlainAttempt):
    """One person says something in a conversation, or confirms what was warned about.

    ``source`` marks where the message came from (``seeded`` in a demo, ``scheduled``); it is archived.
    """

    writing: Writing
    sender: PersonId
    client_id: str
    conversation: ConversationId
    text: str
    thread_root: ItemId | None = None
    confirms: Confirmation | None = None
    source: str = "native"
    carries: Carries | None = None

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return request_key(self.conversation, self.text, self.thread_root, self.confirms, self.carries)

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Raise a typed error if this cannot be said here."""
        check_member(conversation, self.sender)
        if self.text or self.carries is None or not self.carries.speaks:
            check_text(self.text, self.writing.max_chars)
        if self.thread_root is not None:
            check_thread_root(tx, conversation.id, self.thread_root)
        carried = self._carried(tx, conversation)
        return (
            Question(
                Surface.MESSAGE,
                conversation.members[self.sender].facts,
                decided_text(self.text, carried),
                conversation.others(self.sender),
                origin=origin_of(carried),
                beside=beside_of(carried),
            ),
        )

    def _carried(self, tx: Tx, conversation: Conversation) -> Carried | None:
        if self.carries is None:
            return None
        return self.carries.read(tx, self.writing.rooms, self.writing.showing, conversation, self.sender)

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the message as delivered or as stopped."""
        assert facts is not None and decision is not None
        at = self.writing.clock.now()
        item = ItemId(new_id())
        carried = self._carried(tx, before.conversation)
        if decided_text(self.text, carried) != before.text:
            raise Stale("What this message carries was changed in the meantime.")
        if decision.verdict.delivers:
            return self._deliver(tx, before, facts, decision, item, at, carried)
        return self._stop(tx, before, facts, decision, item, at, carried)

    def _deliver(
        self,
        tx: Tx,
        before: Before,
        facts: Facts,
        decision: Decision,
        item: ItemId,
        at: datetime,
        carried: Carried | None,
    ) -> Outcome:
        conversation = before.conversation
        shown, seen = as_shown(decision, self.text, carried)
        state = ItemState.REDACTED if decision.verdict is Verdict.REDACT else ItemState.SENT
        view, mentioned, has_link = message_view(conversation, shown, at, seen)
        said = self.writing.told(decision, self.text)
        view |= said
        new = self._version(
            item, at, state, delivered=True, view=view, has_link=has_link, shown=shown, carried=carried
        )
        frame = self.writing.versions.write(
            tx,
            conversation,
            new,
            conversation.members[self.sender],
            facts=facts,
            decision=decision,
            text=self.text,
        )
        assert frame is not None
        tx.run_many(
            _MENTION,
            [
                {"person_id": person, "conversation_id": conversation.id, "cseq": frame.cseq}
                for person in sorted(mentioned - {self.sender})
            ],
        )
        return Outcome(sent(item, state, frame.cseq, at, said), frames=(frame,))

    def _stop(
        self,
        tx: Tx,
        before: Before,
        facts: Facts,
        decision: Decision,
        item: ItemId,
        at: datetime,
        carried: Carried | None,
    ) -> Outcome:
        conversation = before.conversation
        state = STOPPED_STATE[decision.verdict]
        expires = None
        if state is ItemState.QUARANTINED:
            expires = at + timedelta(hours=int(decision.obligations.get("expires_hours", QUARANTINE_HOURS)))
        view, _, has_link = message_view(conversation, self.text, at, carried)
        view |= {"notice": notice_of(decision), "decision": decision.id}
        view |= self.carries.asked_for() if self.carries else {}
        if expires:
            view["expires_at"] = rfc3339(expires)
        new = self._version(
            item,
            at,
            state,
            delivered=False,
            view=view,
            has_link=has_link,
            shown=None,
            expires=expires,
            carried=carried,
        )
        self.writing.versions.write(
            tx,
            conversation,
            new,
            conversation.members[self.sender],
            facts=facts,
            decision=decision,
            text=self.text,
        )
        return Outcome(stopped(item, state, at, decision, expires))

    def _version(
        self,
        item: ItemId,
        at: datetime,
        state: ItemState,
        *,
        delivered: bool,
        view: dict[str, Any],
        has_link: bool,
        shown: str | None,
        expires: datetime | None = None,
        carried: Carried | None,
    ) -> NewVersion:
        record: dict[str, Any] = {"has_link": has_link, "source": self.source, "client_id": self.client_id}
        record |= carried.as_record() if carried else {}
        if shown is not None and shown != self.text:
            record["shown"] = shown
        if self.confirms is not None:
            record |= {"confirms": self.confirms.decision, "reason": self.confirms.reason}
        return NewVersion(
            item=item,
            version=1,
            kind=VersionKind.CREATE,
            type=ItemType.MESSAGE,
            state=state,
            sender=self.sender,
            actor=self.sender,
            at=at,
            month=month_of(at),
            delivered=delivered,
            view=view,
            record=record,
            thread_root=self.thread_root,
            expires=expires,
        )


def request_key(
    conversation: ConversationId,
    text: str,
    thread_root: ItemId | None,
    confirms: Confirmation | None,
    carries: Carries | None,
    files: Sequence[str] = (),
) -> str:
    """Return what makes a retry the same message."""
    confirmed = [confirms.decision, confirms.reason] if confirms else None
    with_files = [list(files)] if files else []
    carried = [carries.key()] if carries else []
    return json.dumps(["send", conversation, text, thread_root, confirmed, *with_files, *carried])


def message_view(
    conversation: Conversation, text: str, at: datetime, carried: Carried | None = None
) -> tuple[dict[str, Any], frozenset[PersonId], bool]:
    """Return what the chat shows of a message, who is mentioned in it, and whether it holds a link."""
    names = {person.username.casefold(): person.id for person in conversation.members.values()}
    tokens, mentioned, has_link = parse(text, names)
    view = {"text": text, "tokens": tokens, "mentions": sorted(mentioned), "reactions": {}, "at": rfc3339(at)}
    view |= carried.as_view(conversation) if carried else {}
    return view, mentioned, has_link


def check_member(conversation: Conversation, person: PersonId) -> None:
    """Refuse who is not a member now, and everybody where the conversation is closed."""
    if person not in conversation.members:
        raise NotFound("There is no such conversation.", code="no_conversation")
    if conversation.closed:
        raise Conflict(
            "This conversation is closed. Nothing more can be said in it.", code="conversation_closed"
        )


def check_text(text: str, max_chars: int) -> None:
    """Refuse an empty text, one over the limit, and one that cannot be stored as UTF-8."""
    if is_blank(text):
        raise InvalidInput("There is nothing to send.", code="empty_text")
    if len(text) > max_chars:
        raise TooLarge(
            f"This is {len(text):,} characters long; the limit is {max_chars:,}. Shorten it, or send parts.",
            code="text_too_long",
            limit=max_chars,
        )
    if any("\ud800" <= character <= "\udfff" for character in text) or "\x00" in text:
        raise bad_text()


def bad_text() -> InvalidInput:
    """Return what is raised for text that cannot be stored as UTF-8."""
    return InvalidInput(
        "The text holds characters that cannot be stored. Paste it again as plain text.", code="bad_text"
    )


def check_thread_root(tx: Tx, conversation: ConversationId, root: ItemId) -> None:
    """Refuse a reply to what is not a visible first message of this conversation."""
    row = tx.one(_ROOT, item=root)
    if row is None or row.conversation_id != conversation or row.created_cseq is None:
        raise NotFound("The message you reply to is not in this conversation.", code="no_thread")
    if row.thread_root is not None:
        raise InvalidInput("Reply to the first message of the thread.", code="nested_thread")
