"""What a client asks for: its conversations, and everything since it was last here.

An answer to *everything since* says ``through`` which ``cseq`` it reaches, so that a client never
has a silent hole. History begins at one's joining: a later version of an older item arrives as a
bare ``cseq``. All reads are pages of at most 200 items or 256 kB.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import orjson
from sqlalchemy import bindparam, case, func, literal_column, select, text

from core.errors import InvalidInput, NotFound
from core.messaging.arrangement import UNTOUCHED, Arrangement, arrangement, arrangements
from core.messaging.model import Conversation, Person
from core.messaging.naming import Naming, named
from core.messaging.paging import PAGE_ITEMS
from core.messaging.rooms import Rooms, no_conversation
from core.messaging.showing import Showing
from core.messaging.state import EPOCH_VALUE
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, PersonId

_c, _m, _k = chat.conversations.c, chat.memberships.c, chat.marks.c
_i, _n, _v = chat.items.c, chat.mentions.c, chat.versions.c

UNREAD_COUNTED = 1_000
"""As far as unread messages are counted: nobody is told apart more, and it is read for each of many."""

# What one has read, and what was before one came, is not unread.
_reached = func.coalesce(_k.unread_cseq, _k.cseq)
_read = case((_reached > _m.joined_cseq, _reached), else_=_m.joined_cseq)
_unread = (
    select(literal_column("1"))
    .where(
        _i.conversation_id == _c.id,
        _i.created_cseq > _read,
        _i.sender_id != _m.person_id,
        _i.type == "message",
    )
    .limit(UNREAD_COUNTED)
    .correlate(chat.conversations, chat.memberships, chat.marks)
    .subquery("unread_ones")
)
_LIST = (
    select(
        chat.conversations,
        EPOCH_VALUE.scalar_subquery().label("policy_epoch"),
        _m.joined_cseq,
        _read.label("mark"),
        # What one kept as unread ends with the membership in which one did.
        (_k.unread_cseq >= _m.joined_cseq).label("by_hand"),
        select(func.count()).select_from(_unread).scalar_subquery().label("unread"),
        select(func.count())
        .where(_n.person_id == _m.person_id, _n.conversation_id == _c.id, _n.cseq > _read)
        .correlate(chat.conversations, chat.memberships, chat.marks)
        .scalar_subquery()
        .label("mentions"),
    )
    .join(chat.memberships, _m.conversation_id == _c.id)
    .join(chat.marks, (_k.conversation_id == _c.id) & (_k.person_id == _m.person_id), isouter=True)
    .where(_m.person_id == bindparam("who"), _m.left_ms.is_(None))
)
_OVERVIEW = Statement(_LIST)
_HEAD = Statement(_LIST.where(_c.id == bindparam("conv")))
_CSEQ = Statement(select(_c.cseq).where(_c.id == bindparam("conv")))
_SINCE = Statement(
    select(chat.items)
    .where(_i.conversation_id == bindparam("conv"), _i.cseq > bindparam("after"))
    .order_by(_i.cseq)
    .limit(bindparam("count"))
)
_STOPPED = Statement(
    select(chat.items)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.sender_id == bindparam("who"),
        _i.created_cseq.is_(None),
        _i.type == "message",
    )
    .order_by(_i.created_ms.desc())
    .limit(bindparam("count"))
)
_PUBLIC = Statement(select(_c.id).where(_c.kind == "public", _c.closed_ms.is_(None)).order_by(_c.created_ms))

# Written out as the index has it.
_WAITS = Statement(
    select((_v.at_ms - _i.created_ms).label("waited"))
    .join(chat.items, _i.id == _v.item_id)
    .where(text("versions.kind in ('release', 'reject')"))
    .order_by(_v.at_ms.desc())
    .limit(25)
)

PAGE_BYTES = 256 * 1024
LEAST_WAITS = 3
"""Fewer decisions say nothing about how long one usually takes."""


class Resync:
    """Reads for one person at a time, always checked against their membership."""

    def __init__(self, rooms: Rooms, showing: Showing, naming: Naming) -> None:
        self._rooms = rooms
        self._showing = showing
        self._naming = naming

    def overview(self, tx: Tx, person: PersonId) -> list[dict[str, Any]]:
        """Return the person's conversations with names, members, unread and mention counts."""
        arranged = arrangements(tx, person)
        return self._heads(tx, person, tx.rows(_OVERVIEW, who=person), arranged)

    def head(self, tx: Tx, conversation: ConversationId, person: PersonId) -> dict[str, Any]:
        """Return one conversation as its member sees it in the list, with how they arranged it."""
        rows = tx.rows(_HEAD, conv=conversation, who=person)
        found = self._heads(tx, person, rows, {conversation: arrangement(tx, conversation, person)})
        if not found:
            raise no_conversation()
        return found[0]

    def _heads(
        self,
        tx: Tx,
        person: PersonId,
        rows: Sequence[Row],
        arranged: Mapping[ConversationId, Arrangement],
    ) -> list[dict[str, Any]]:
        found = [
            (row, room)
            for row, room in zip(rows, self._rooms.of_rows(tx, rows), strict=True)
            if person in room.members
        ]
        deserted = [room for _, room in found if not room.name and len(room.members) == 1]
        former = self._rooms.former(tx, person, deserted) if deserted else {}
        return [
            _head(row, room, arranged.get(room.id, UNTOUCHED), former.get(room.id, ())) for row, room in found
        ]

    def sees_from(self, tx: Tx, conversation: ConversationId, person: PersonId) -> int:
        """Return the ``cseq`` after which a person sees what is said in a conversation."""
        return self._rooms.sees_from(tx, conversation, person)

    def public_channels(self, tx: Tx) -> list[ConversationId]:
        """Return all open public channels; barriers decide who is shown which, and who joins."""
        return [row.id for row in tx.rows(_PUBLIC)]

    def since(self, tx: Tx, person: PersonId, known: Mapping[ConversationId, int]) -> dict[str, Any]:
        """Return, for each conversation, what came after the ``cseq`` that the client knows.

        Raises:
            InvalidInput: ``bad_cseq`` for a number that was never given.
        """
        answers: dict[str, Any] = {}
        room_left = PAGE_BYTES
        for conversation, after in known.items():
            try:
                room = self._rooms.load_for(tx, conversation, person)
            except NotFound:
                answers[conversation] = {"gone": True}
                continue
            answer = self._since(tx, person, room.id, after, room_left)
            room_left = max(0, room_left - len(orjson.dumps(answer["items"])))
            answers[conversation] = answer
        return answers

    def _since(
        self, tx: Tx, person: PersonId, conversation: ConversationId, after: int, budget: int
    ) -> dict[str, Any]:
        head = int(tx.value(_CSEQ, conv=conversation))
        if not 0 <= after <= head:
            raise InvalidInput("The client knows a number that was never given.", code="bad_cseq", cseq=after)
        sees_from = self._rooms.sees_from(tx, conversation, person)
        rows = tx.rows(_SINCE, conv=conversation, after=max(after, sees_from), count=PAGE_ITEMS)
        items: list[dict[str, Any]] = []
        size, through = 0, head
        for row in rows:
            payload = self._showing.payload(tx, row, sees_from, reader=person)
            size += len(orjson.dumps(payload))
            if items and size > budget:
                through = int(items[-1]["cseq"])
                break
            items.append(payload)
        else:
            if len(rows) == PAGE_ITEMS:
                through = int(items[-1]["cseq"])
        return {"items": items, "through": through, "more": through < head}

    def stopped(
        self, tx: Tx, person: PersonId, conversation: ConversationId, count: int = 20
    ) -> list[dict[str, Any]]:
        """Return the person's own stopped messages, newest first; nobody else sees them here."""
        self._rooms.load_for(tx, conversation, person)
        return [
            self._showing.payload(tx, row, 0, own=True)
            for row in tx.rows(_STOPPED, conv=conversation, who=person, count=count)
        ]

    def usual_wait_ms(self, tx: Tx) -> int | None:
        """Return how long Compliance usually takes to decide; None where too little is known."""
        waits = [int(row.waited) for row in tx.rows(_WAITS)]
        return round(median(waits)) if len(waits) >= LEAST_WAITS else None

    def after(self, tx: Tx, conversation: ConversationId, cseq: int) -> list[dict[str, Any]]:
        """Return what others are shown after ``cseq``, for delivery to live connections."""
        members = self._rooms.load(tx, conversation).members
        return [
            self._naming.heard(tx, self._showing.payload(tx, row, 0), members)
            for row in tx.rows(_SINCE, conv=conversation, after=cseq, count=PAGE_ITEMS)
        ]


def _head(row: Row, room: Conversation, arranged: Arrangement, former: Iterable[Person]) -> dict[str, Any]:
    return {
        "id": room.id,
        "kind": room.kind,
        "name": room.name,
        "topic": room.topic,
        "closed": room.closed,
        "opener": row.created_by,
        "cseq": row.cseq,
        "sees_from": row.joined_cseq,
        "mark": row.mark,
        "by_hand": bool(row.by_hand),
        "settings": arranged.as_dict(),
        "unread": row.unread,
        "mentions": row.mentions,
        "members": named(room.members.values()),
        # By whom a conversation without a name is known when nobody else is left in it.
        "former": named(former),
    }
