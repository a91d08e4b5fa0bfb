"""Reads conversations with their members, and keeps what it read for as long as it is true.

A cached conversation is only ever a guess: the transaction that writes compares ``revision`` and
the store's ``policy_epoch`` again (see ``pipeline``), so a stale one costs a second try, no more.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from sqlalchemy import bindparam, func, insert, select, update

from core.errors import NotFound
from core.messaging.model import Conversation, Person
from core.messaging.state import EPOCH_VALUE
from core.schema import chat
from core.store import Among, Row, Statement, Tx
from core.types import ConversationId, ConversationKind, PersonId

_c, _m, _meta = chat.conversations.c, chat.memberships.c, chat.meta.c

_CONVERSATION = Statement(
    select(chat.conversations, EPOCH_VALUE.scalar_subquery().label("policy_epoch")).where(
        _c.id == bindparam("conv")
    )
)
_CONVERSATIONS = Among(select(chat.conversations, EPOCH_VALUE.scalar_subquery().label("policy_epoch")), _c.id)
_MEMBERS = Among(select(_m.conversation_id, _m.person_id).where(_m.left_ms.is_(None)), _m.conversation_id)
_met = chat.memberships.alias("met")
# Whoever left before one came, and who came after one left, one never met.
_MET = Among(
    select(_met.c.conversation_id, _met.c.person_id)
    .distinct()
    .join(
        chat.memberships,
        (_m.conversation_id == _met.c.conversation_id)
        & (_m.person_id == bindparam("who"))
        & (func.coalesce(_met.c.left_cseq, _m.joined_cseq + 1) > _m.joined_cseq)
        & (func.coalesce(_m.left_cseq, _met.c.joined_cseq + 1) > _met.c.joined_cseq),
    )
    .where(_met.c.person_id != bindparam("who")),
    _met.c.conversation_id,
)
_JOINED = Statement(
    select(_m.person_id, _m.joined_cseq).where(_m.conversation_id == bindparam("conv"), _m.left_ms.is_(None))
)
_MINE = Statement(
    select(_m.conversation_id, _m.joined_cseq).where(_m.person_id == bindparam("who"), _m.left_ms.is_(None))
)
_SPELL = Statement(
    select(_m.joined_cseq, _m.left_cseq)
    .where(_m.conversation_id == bindparam("conv"), _m.person_id == bindparam("who"))
    .order_by(_m.id)
)
_BUMP = Statement(
    update(chat.conversations).where(_c.id == bindparam("conv")).values(revision=_c.revision + 1)
)
_EPOCH = Statement(EPOCH_VALUE)
_SET_EPOCH = Statement(update(chat.meta).where(_meta.key == "policy_epoch").values(value=bindparam("epoch")))
_FIRST_EPOCH = Statement(insert(chat.meta).values(key="policy_epoch", value=bindparam("epoch")))

CACHED = 4_096


class Roster(Protocol):
    """Who people are: names and the facts that policies see."""

    def people(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        """Return those of ``ids`` that exist and are not disabled."""
        ...

    def anybody(self, tx: Tx, person: PersonId) -> Person | None:
        """Return a person, also one who has left."""
        ...

    def ever(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        """Return those of ``ids`` that exist, also who has left."""
        ...


class Titles(Protocol):
    """Seals and opens the names and topics of conversations."""

    def open_title(self, owner: str, purpose: str, sealed: bytes) -> str:
        """Return a name or topic."""
        ...

    def foresee_titles(self, owners: Iterable[str]) -> None:
        """Read at once the keys of those whose names and topics will be opened."""
        ...

    def seal_title(self, owner: str, purpose: str, text: str) -> bytes:
        """Return a name or topic sealed under its conversation's own key."""
        ...


class Rooms:
    """Conversations of one process."""

    def __init__(self, roster: Roster, titles: Titles) -> None:
        self._roster = roster
        self._titles = titles
        self._cache: OrderedDict[tuple[ConversationId, int, int], Conversation] = OrderedDict()

    def load(self, tx: Tx, conversation: ConversationId) -> Conversation:
        """Return the conversation as it is.

        Raises:
            NotFound: ``no_conversation``.
        """
        row = tx.one(_CONVERSATION, conv=conversation)
        if row is None:
            raise no_conversation()
        return self.of_row(tx, row)

    def of_row(self, tx: Tx, row: Row) -> Conversation:
        """Return the conversation whose row, with ``policy_epoch``, was read in this transaction."""
        return self.of_rows(tx, [row])[0]

    def of_rows(self, tx: Tx, rows: Sequence[Row]) -> list[Conversation]:
        """Return the conversations of such rows; what is not kept of them is read at once."""
        found = {row.id: kept for row in rows if (kept := self._cache.get(_key(row)))}
        missing = [row for row in rows if row.id not in found]
        for row, read in zip(missing, self._read(tx, missing) if missing else (), strict=True):
            found[row.id] = self._cache[_key(row)] = read
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return [found[row.id] for row in rows]

    def load_for(self, tx: Tx, conversation: ConversationId, person: PersonId) -> Conversation:
        """Return the conversation to one of its members; to others it does not exist."""
        found = self.load(tx, conversation)
        if person not in found.members:
            raise no_conversation()
        return found

    def of_person(self, tx: Tx, person: PersonId) -> dict[ConversationId, int]:
        """Return the conversations of a person, with the ``cseq`` at which they joined each."""
        return {row.conversation_id: row.joined_cseq for row in tx.rows(_MINE, who=person)}

    def sees_from(self, tx: Tx, conversation: ConversationId, person: PersonId) -> int:
        """Return the ``cseq`` after which the present membership began."""
        spells = tx.rows(_SPELL, conv=conversation, who=person)
        return int(spells[-1].joined_cseq) if spells else 0

    def joined(self, tx: Tx, conversation: ConversationId) -> dict[PersonId, int]:
        """Return the members of a conversation, with the ``cseq`` at which each joined."""
        return {row.person_id: row.joined_cseq for row in tx.rows(_JOINED, conv=conversation)}

    def anybody(self, tx: Tx, person: PersonId) -> Person | None:
        """Return a person, also one who has left."""
        return self._roster.anybody(tx, person)

    def ever(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        """Return those of ``ids`` that exist, also who has left."""
        return self._roster.ever(tx, ids)

    def former(
        self, tx: Tx, person: PersonId, rooms: Sequence[Conversation]
    ) -> dict[ConversationId, list[Person]]:
        """Return who was in each of ``rooms`` together with a person and is in none of it now.

        They left it, or the firm.
        """
        now = {room.id: room.members for room in rooms}
        rows = [
            row for row in _MET.rows(tx, now, who=person) if row.person_id not in now[row.conversation_id]
        ]
        people = self._roster.ever(tx, {row.person_id for row in rows})
        found: dict[ConversationId, list[Person]] = {}
        for row in rows:
            if row.person_id in people:
                found.setdefault(row.conversation_id, []).append(people[row.person_id])
        return found

    def gone(self, tx: Tx, people: Mapping[ConversationId, set[PersonId]]) -> Collection[Person]:
        """Return those of ``people`` who are no member now of the conversation under which they stand."""
        rooms = self.of_rows(tx, _CONVERSATIONS.rows(tx, [room for room, named in people.items() if named]))
        absent = {person for room in rooms for person in people[room.id] - room.members.keys()}
        return self._roster.ever(tx, absent).values() if absent else ()

    def _read(self, tx: Tx, rows: Sequence[Row]) -> list[Conversation]:
        members: dict[str, list[PersonId]] = {row.id: [] for row in rows}
        for row in _MEMBERS.rows(tx, members):
            members[row.conversation_id].append(PersonId(row.person_id))
        people = self._roster.people(tx, {who for ids in members.values() for who in ids})
        self._titles.foresee_titles([row.id for row in rows if row.name or row.topic])
        return [
            Conversation(
                id=ConversationId(row.id),
                kind=ConversationKind(row.kind),
                name=self._titles.open_title(row.id, "name", row.name) if row.name else "",
                topic=self._titles.open_title(row.id, "topic", row.topic) if row.topic else "",
                revision=int(row.revision),
                closed=row.closed_ms is not None,
                members={who: people[who] for who in members[row.id] if who in people},
                opener=PersonId(row.created_by),
            )
            for row in rows
        ]


def _key(row: Row) -> tuple[ConversationId, int, int]:
    return ConversationId(row.id), int(row.revision), int(row.policy_epoch or 0)


def no_conversation() -> NotFound:
    """Return what is raised for a conversation that is not there, or not for whoever asks."""
    return NotFound("There is no such conversation.", code="no_conversation")


def policy_epoch(tx: Tx) -> int:
    """Return the store's policy epoch: it grows when the bundle or anybody's segments change."""
    return int(tx.value(_EPOCH) or 0)


def do_bump_policy_epoch(tx: Tx) -> int:
    """Make every decision taken before this transaction stale; return the new epoch."""
    epoch = policy_epoch(tx) + 1
    if not tx.run(_SET_EPOCH, epoch=str(epoch)):
        tx.run(_FIRST_EPOCH, epoch=str(epoch))
    tx.known.clear()
    return epoch


def do_bump_revision(tx: Tx, conversation: ConversationId) -> None:
    """Make every decision taken on this conversation's members before this transaction stale."""
    tx.run(_BUMP, conv=conversation)
    tx.known.clear()
