"""Conversations: open, rename, set the topic, close. Each is an item of the conversation itself."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from core.crypto.chat_keys import month_of
from core.errors import Denied, InvalidInput, TooLarge
from core.messaging.answers import stopped
from core.messaging.attempt import PlainAttempt, Question
from core.messaging.blank import hides_something, is_blank
from core.messaging.model import (
    Before,
    Conversation,
    ItemState,
    ItemType,
    NewVersion,
    Outcome,
    Person,
    VersionKind,
)
from core.messaging.names import check_name_free
from core.messaging.rooms import Titles, do_bump_revision
from core.messaging.send import Writing, check_member
from core.schema import chat
from core.store import Statement, Tx
from core.types import (
    ConversationId,
    ConversationKind,
    Decision,
    Facts,
    ItemId,
    PersonId,
    Surface,
    new_id,
    rfc3339,
    to_ms,
)

_c, _m = chat.conversations.c, chat.memberships.c

_BY_TAG = Statement(select(_c.id).where(_c.direct_tag == bindparam("tag")))
_NEW = Statement(insert(chat.conversations))
_JOIN = Statement(
    insert(chat.memberships).values({c.name: bindparam(c.name) for c in chat.memberships.c if c.name != "id"})
)
_NAME = Statement(
    update(chat.conversations)
    .where(_c.id == bindparam("conv"))
    .values(name=bindparam("sealed"), name_tag=bindparam("tag"))
)
_TOPIC = Statement(
    update(chat.conversations).where(_c.id == bindparam("conv")).values(topic=bindparam("sealed"))
)
_CLOSE = Statement(
    update(chat.conversations)
    .where(_c.id == bindparam("conv"))
    .values(closed_ms=bindparam("at"), name_tag=None)
)

NAME_MAX = 80
TOPIC_MAX = 250
GROUP_MAX = 50


def event(
    writing: Writing,
    kind: VersionKind,
    actor: PersonId,
    *,
    delivered: bool,
    data: dict[str, Any],
    state: ItemState = ItemState.SENT,
    intended: tuple[PersonId, ...] = (),
) -> NewVersion:
    """Return the item that says what happened to a conversation."""
    at = writing.clock.now()
    view = {"event": kind, "data": data, "at": rfc3339(at), "reactions": {}}
    return NewVersion(
        item=ItemId(new_id()),
        version=1,
        kind=kind,
        type=ItemType.EVENT,
        state=state,
        sender=actor,
        actor=actor,
        at=at,
        month=month_of(at),
        delivered=delivered,
        view=view,
        record={"event": data},
        intended=intended,
    )


def write_event(
    writing: Writing,
    tx: Tx,
    conversation: Conversation,
    new: NewVersion,
    *,
    facts: Facts | None,
    decision: Decision | None,
    text: str = "",
    actor: Person | None = None,
) -> Outcome:
    """Write an event as delivered or as stopped, and return its outcome."""
    who = actor or conversation.members[new.actor]
    frame = writing.versions.write(tx, conversation, new, who, facts=facts, decision=decision, text=text)
    if frame is None:
        assert decision is not None
        return Outcome(stopped(new.item, ItemState.BLOCKED, new.at, decision))
    answer = {
        "ok": True,
        "conversation": conversation.id,
        "id": new.item,
        "cseq": frame.cseq,
        "at": rfc3339(new.at),
    }
    return Outcome(answer, frames=(frame,))


def do_join(
    tx: Tx, conversation: ConversationId, person: PersonId, by: PersonId, at_ms: int, cseq: int
) -> None:
    """Write a membership that begins now; its person sees what comes after ``cseq``."""
    tx.run(
        _JOIN,
        conversation_id=conversation,
        person_id=person,
        invited_by=by,
        joined_ms=at_ms,
        joined_cseq=cseq,
        left_ms=None,
        left_cseq=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConversation(PlainAttempt):
    """One person opens a conversation with others. A direct one between two people exists once."""

    writing: Writing
    titles: Titles
    sender: PersonId
    client_id: str
    kind: ConversationKind
    name: str
    people: tuple[Person, ...]
    direct_tag: str | None = None
    name_tag: str | None = None
    conversation: ConversationId = field(default_factory=lambda: ConversationId(new_id()))

    @property
    def opening(self) -> Conversation:
        """The conversation as it will be."""
        members = {person.id: person for person in self.people}
        return Conversation(self.conversation, self.kind, self.name, "", 0, False, members, self.sender)

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["open", self.kind, self.name, sorted(p.id for p in self.people)])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Refuse what no conversation of this kind can be; ask about every pair of people and the name."""
        members = conversation.members
        if self.kind is ConversationKind.DIRECT and len(members) != 2:
            raise InvalidInput("A direct conversation has two people.", code="bad_members")
        if self.kind is ConversationKind.GROUP and not 2 < len(members) <= GROUP_MAX:
            raise InvalidInput(
                f"A group has 3 to {GROUP_MAX} people. Make a channel for more.", code="bad_members"
            )
        if self.kind in {ConversationKind.PUBLIC, ConversationKind.PRIVATE}:
            check_name(self.name)
            check_name_free(tx, self.name_tag, self.conversation, self.sender)
        elif self.name:
            raise InvalidInput("Only channels have a name.", code="bad_name")
        if not self.direct_tag or tx.value(_BY_TAG, tag=self.direct_tag) is None:
            check_take_part(person for person in self.people if person.id != self.sender)
        pairs = [
            Question(Surface.MEMBERSHIP, members[p].facts, "", conversation.others(p))
            for p in sorted(members)
        ]
        if not self.name:
            return pairs
        sender = members[self.sender].facts
        return [
            Question(Surface.CONVERSATION_NAME, sender, self.name, conversation.others(self.sender)),
            *pairs,
        ]

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Open it; or keep a closed one that holds only the evidence of the attempt."""
        existing = tx.value(_BY_TAG, tag=self.direct_tag) if self.direct_tag else None
        if existing is not None:
            return Outcome({"ok": True, "conversation": existing, "existed": True})
        delivered = decision is None or decision.verdict.delivers
        if delivered:
            check_name_free(tx, self.name_tag, self.conversation, self.sender)
        at = to_ms(self.writing.clock.now())
        sealed = self.titles.seal_title(self.conversation, "name", self.name) if self.name else None
        tx.run(
            _NEW,
            id=self.conversation,
            kind=self.kind,
            name=sealed,
            topic=None,
            direct_tag=self.direct_tag if delivered else None,
            created_by=self.sender,
            created_ms=at,
            closed_ms=None if delivered else at,
            revision=0,
            cseq=0,
            stop_seq=0,
            name_tag=self.name_tag if delivered else None,
        )
        if delivered:
            for person in sorted(before.conversation.members):
                do_join(tx, self.conversation, person, self.sender, at, 0)
        data = {"kind": self.kind, "name": self.name, "people": sorted(before.conversation.members)}
        state = ItemState.SENT if delivered else ItemState.BLOCKED
        new = event(self.writing, VersionKind.OPEN, self.sender, delivered=delivered, data=data, state=state)
        outcome = write_event(
            self.writing, tx, before.conversation, new, facts=facts, decision=decision, text=self.name
        )
        if not delivered:
            return outcome
        return replace(
            outcome, joined=tuple((self.conversation, p) for p in sorted(before.conversation.members))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retitle(PlainAttempt):
    """Somebody changes the name or the topic of a channel."""

    writing: Writing
    titles: Titles
    sender: PersonId
    client_id: str
    conversation: ConversationId
    kind: VersionKind
    text: str
    name_tag: str | None = None

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps([self.kind, self.conversation, self.text])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only channels have a name and a topic."""
        check_member(conversation, self.sender)
        if conversation.kind in {ConversationKind.DIRECT, ConversationKind.GROUP}:
            raise InvalidInput("Only channels have a name and a topic.", code="bad_name")
        if self.kind is VersionKind.RENAME:
            check_name(self.text)
            check_name_free(tx, self.name_tag, self.conversation, self.sender)
        elif len(self.text) > TOPIC_MAX:
            raise TooLarge(
                f"A topic has at most {TOPIC_MAX} characters.", code="text_too_long", limit=TOPIC_MAX
            )
        surface = Surface.CONVERSATION_NAME if self.kind is VersionKind.RENAME else Surface.TOPIC
        sender = conversation.members[self.sender].facts
        return (Question(surface, sender, self.text, conversation.others(self.sender)),) if self.text else ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the new title, or the attempt."""
        delivered = decision is None or decision.verdict.delivers
        rename = self.kind is VersionKind.RENAME
        data = {
            "text": self.text,
            "before": before.conversation.name if rename else before.conversation.topic,
        }
        state = ItemState.SENT if delivered else ItemState.BLOCKED
        conversation = before.conversation
        if delivered:
            purpose = "name" if rename else "topic"
            sealed = self.titles.seal_title(self.conversation, purpose, self.text)
            if rename:
                check_name_free(tx, self.name_tag, self.conversation, self.sender)
                tx.run(_NAME, conv=self.conversation, sealed=sealed, tag=self.name_tag)
            else:
                tx.run(_TOPIC, conv=self.conversation, sealed=sealed)
            do_bump_revision(tx, self.conversation)
            conversation = (
                replace(conversation, name=self.text) if rename else replace(conversation, topic=self.text)
            )
        new = event(self.writing, self.kind, self.sender, delivered=delivered, data=data, state=state)
        return write_event(
            self.writing, tx, conversation, new, facts=facts, decision=decision, text=self.text
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseConversation(PlainAttempt):
    """Whoever opened a channel closes it: it can be read, and nothing more is said in it."""

    writing: Writing
    sender: PersonId
    client_id: str
    conversation: ConversationId

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["close", self.conversation])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only its opener closes a channel."""
        check_member(conversation, self.sender)
        if conversation.kind in {ConversationKind.DIRECT, ConversationKind.GROUP}:
            raise InvalidInput("Only channels can be closed.", code="bad_kind")
        if conversation.opener != self.sender:
            raise Denied("Only whoever opened this channel can close it.", code="not_opener")
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Close it."""
        new = event(self.writing, VersionKind.CLOSE, self.sender, delivered=True, data={})
        outcome = write_event(self.writing, tx, before.conversation, new, facts=None, decision=None)
        tx.run(_CLOSE, conv=self.conversation, at=to_ms(new.at))
        do_bump_revision(tx, self.conversation)
        return outcome


def check_take_part(people: Iterable[Person]) -> None:
    """Refuse to bring accounts into a conversation that are nobody's own.

    Raises:
        Denied: ``takes_no_part``.
    """
    if apart := sorted(person.id for person in people if not person.takes_part):
        raise Denied(
            "This account takes no part in conversations. Choose somebody else.",
            code="takes_no_part",
            people=apart,
        )


def check_name(name: str) -> None:
    """Refuse a name that is empty, overlong, of several lines or not what it seems."""
    if is_blank(name):
        raise InvalidInput("A channel needs a name.", code="bad_name")
    if len(name) > NAME_MAX:
        raise TooLarge(f"A name has at most {NAME_MAX} characters.", code="text_too_long", limit=NAME_MAX)
    if hides_something(name):
        raise InvalidInput("A name is one line of text, without hidden characters.", code="bad_name")


def direct_pair(people: Iterable[PersonId]) -> str:
    """Return the text whose keyed tag makes a direct conversation unique."""
    return "/".join(sorted(people))
