"""Membership: invite, join, leave; who was a member when is never forgotten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select, update

from core.errors import Conflict, Denied, InvalidInput, NotFound
from core.messaging.attempt import PlainAttempt, Question
from core.messaging.conversations import GROUP_MAX, check_take_part, do_join, event, write_event
from core.messaging.model import Before, Conversation, ItemState, Outcome, Person, VersionKind
from core.messaging.rooms import do_bump_revision
from core.messaging.send import Writing, check_member
from core.schema import chat
from core.store import Statement, Tx
from core.types import (
    ConversationId,
    ConversationKind,
    Decision,
    Facts,
    PersonId,
    Surface,
    from_ms,
    rfc3339,
    to_ms,
)

_c, _m = chat.conversations.c, chat.memberships.c

_CSEQ = Statement(select(_c.cseq).where(_c.id == bindparam("conv")))
_LEAVE = Statement(
    update(chat.memberships)
    .where(_m.conversation_id == bindparam("conv"), _m.person_id == bindparam("who"), _m.left_ms.is_(None))
    .values(left_ms=bindparam("at"), left_cseq=bindparam("seen"))
)
_HISTORY = Statement(
    select(_m.person_id, _m.invited_by, _m.joined_ms, _m.left_ms)
    .where(_m.conversation_id == bindparam("conv"))
    .order_by(_m.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember(PlainAttempt):
    """Somebody is invited, or joins a public channel: ``person`` is who enters, ``sender`` who acts."""

    writing: Writing
    sender: PersonId
    client_id: str
    conversation: ConversationId
    person: Person

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["join", self.conversation, self.person.id])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Members invite; a public channel is also joined by oneself. Barriers decide on who enters."""
        joins_alone = self.sender == self.person.id
        if joins_alone:
            if conversation.kind is not ConversationKind.PUBLIC:
                raise NotFound("There is no such conversation.", code="no_conversation")
            if conversation.closed:
                raise Conflict("This conversation is closed.", code="conversation_closed")
        else:
            check_member(conversation, self.sender)
            if conversation.kind is ConversationKind.DIRECT:
                raise InvalidInput("Open a group to talk with more people.", code="bad_kind")
            if conversation.kind is ConversationKind.GROUP and len(conversation.members) >= GROUP_MAX:
                raise InvalidInput(
                    f"A group has at most {GROUP_MAX} people. Make a channel for more.", code="bad_members"
                )
        if self.person.id in conversation.members:
            raise Conflict("This person is a member already.", code="already_member")
        if not joins_alone:
            check_take_part((self.person,))
        others = tuple(conversation.members[p].facts for p in sorted(conversation.members))
        return (Question(Surface.MEMBERSHIP, self.person.facts, "", others),)

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Let the person in, or keep the attempt."""
        assert decision is not None
        delivered = decision.verdict.delivers
        data = {"person": self.person.id, "by": self.sender}
        state = ItemState.SENT if delivered else ItemState.BLOCKED
        intended = (self.person.id,)
        new = event(
            self.writing,
            VersionKind.JOIN,
            self.sender,
            delivered=delivered,
            data=data,
            state=state,
            intended=intended,
        )
        conversation = before.conversation
        actor = conversation.members.get(self.sender, self.person)
        if not delivered:
            return write_event(
                self.writing, tx, conversation, new, facts=facts, decision=decision, actor=actor
            )
        # Who enters sees their own entry, and nothing from before it.
        do_join(
            tx,
            conversation.id,
            self.person.id,
            self.sender,
            to_ms(new.at),
            int(tx.value(_CSEQ, conv=conversation.id)),
        )
        do_bump_revision(tx, conversation.id)
        entered = replace(conversation, members={**conversation.members, self.person.id: self.person})
        outcome = write_event(self.writing, tx, entered, new, facts=facts, decision=decision, actor=actor)
        return replace(outcome, joined=((conversation.id, self.person.id),))


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMembership(PlainAttempt):
    """A member leaves, or is taken out by whoever opened the conversation. Nobody leaves a direct one.

    ``person`` is who is no member any more, ``sender`` who acts.
    """

    writing: Writing
    sender: PersonId
    client_id: str
    conversation: ConversationId
    person: PersonId

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["leave", self.conversation, *([] if self._leaves else [self.person])])

    @property
    def _leaves(self) -> bool:
        return self.person == self.sender

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Only a member can leave, and only the opener takes others out. A closed one can be left."""
        if self.sender not in conversation.members:
            raise NotFound("There is no such conversation.", code="no_conversation")
        if conversation.kind is ConversationKind.DIRECT:
            raise InvalidInput("A direct conversation cannot be left.", code="bad_kind")
        if self._leaves:
            return ()
        check_member(conversation, self.sender)
        if conversation.opener != self.sender:
            raise Denied(
                "Only whoever opened this conversation can take others out of it.", code="not_opener"
            )
        if self.person not in conversation.members:
            raise Conflict("This person is not a member any more.", code="not_member")
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """End the membership; what was said until then is theirs to have read, and nothing after it."""
        new = event(
            self.writing, VersionKind.LEAVE, self.sender, delivered=True, data={"person": self.person}
        )
        outcome = write_event(self.writing, tx, before.conversation, new, facts=None, decision=None)
        tx.run(
            _LEAVE,
            conv=self.conversation,
            who=self.person,
            at=to_ms(new.at),
            seen=outcome.frames[0].cseq,
        )
        do_bump_revision(tx, self.conversation)
        return replace(outcome, left=((self.conversation, self.person),))


def membership_history(tx: Tx, conversation: ConversationId) -> list[dict[str, str | None]]:
    """Return who was a member when, oldest first."""
    return [
        {
            "person": row.person_id,
            "by": row.invited_by,
            "joined_at": rfc3339(from_ms(row.joined_ms)),
            "left_at": rfc3339(from_ms(row.left_ms)) if row.left_ms is not None else None,
        }
        for row in tx.rows(_HISTORY, conv=conversation)
    ]
