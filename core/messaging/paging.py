"""Pages of what was said: before or after a place, around a message or a date, and of a thread.

History begins at one's joining. A page is in the order in which its items first appeared; items of
threads stand in their thread, and their first message says how many there are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from core.errors import InvalidInput, NotFound
from core.messaging.rooms import Rooms
from core.messaging.showing import Showing
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId, from_ms, rfc3339, to_ms

_c, _i = chat.conversations.c, chat.items.c
_reply = chat.items.alias("reply").c

_HEAD = Statement(select(_c.cseq).where(_c.id == bindparam("conv")))
_WITH_REPLIES = select(
    chat.items,
    select(func.count())
    .where(_reply.thread_root == _i.id, _reply.created_cseq.is_not(None))
    .scalar_subquery()
    .label("replies"),
    select(func.max(_reply.created_ms))
    .where(_reply.thread_root == _i.id, _reply.created_cseq.is_not(None))
    .scalar_subquery()
    .label("last_reply_ms"),
).where(_i.conversation_id == bindparam("conv"), _i.thread_root.is_(None))
_BEFORE = Statement(
    _WITH_REPLIES.where(_i.created_cseq > bindparam("sees_from"), _i.created_cseq < bindparam("place"))
    .order_by(_i.created_cseq.desc())
    .limit(bindparam("count"))
)
_AFTER = Statement(
    _WITH_REPLIES.where(_i.created_cseq > bindparam("place"))
    .order_by(_i.created_cseq)
    .limit(bindparam("count"))
)
_THREAD = Statement(
    select(chat.items)
    .where(_i.thread_root == bindparam("root"), _i.created_cseq > bindparam("after"))
    .order_by(_i.created_cseq)
    .limit(bindparam("count"))
)
_ONE = Statement(select(chat.items).where(_i.id == bindparam("item")))
_AT = Statement(
    select(_i.created_cseq, _i.created_ms)
    .where(_i.conversation_id == bindparam("conv"), _i.created_cseq >= bindparam("place"))
    .order_by(_i.created_cseq)
    .limit(1)
)

PAGE_ITEMS = 200
"""What no page of any kind goes beyond."""
HISTORY_ITEMS = 50


class Paging:
    """Reads pages for one member at a time."""

    def __init__(self, rooms: Rooms, showing: Showing) -> None:
        self._rooms = rooms
        self._showing = showing

    def history(
        self,
        tx: Tx,
        person: PersonId,
        conversation: ConversationId,
        *,
        before: int | None = None,
        after: int | None = None,
        count: int = HISTORY_ITEMS,
    ) -> dict[str, Any]:
        """Return a page of what first appeared before or after a ``cseq`` (neither: the newest).

        ``more`` tells whether there is anything before the page, ``more_after`` whether after it.

        Raises:
            InvalidInput: ``bad_place`` for both at once.
        """
        if before is not None and after is not None:
            raise InvalidInput("Ask for what is before or for what is after, not both.", code="bad_place")
        sees_from, head = self._enter(tx, person, conversation)
        count = min(max(1, count), PAGE_ITEMS)
        if after is not None:
            rows, more_after = self._after(tx, conversation, sees_from, after, count)
            more = bool(self._before(tx, conversation, sees_from, after + 1, 1)[0])
        else:
            place = before if before is not None else head + 1
            rows, more = self._before(tx, conversation, sees_from, place, count)
            more_after = bool(self._after(tx, conversation, sees_from, place - 1, 1)[0])
        items = self._items(tx, rows, sees_from, person)
        return {"items": items, "more": more, "more_after": more_after, "through": head}

    def around(
        self,
        tx: Tx,
        person: PersonId,
        conversation: ConversationId,
        *,
        item: ItemId | None = None,
        at: datetime | None = None,
        cseq: int | None = None,
        count: int = HISTORY_ITEMS,
    ) -> dict[str, Any]:
        """Return a page around a message, a time or a ``cseq``, with what it is around in ``anchor``.

        For a reply the page is around its thread's first message, which ``thread`` names.

        Raises:
            NotFound: ``no_message``, also where it is from before one's joining.
            InvalidInput: ``bad_place`` unless exactly one place is given.
        """
        if sum(given is not None for given in (item, at, cseq)) != 1:
            raise InvalidInput("Name one place: a message, a time or a number.", code="bad_place")
        sees_from, head = self._enter(tx, person, conversation)
        anchor = thread = None
        if item is not None:
            row = self._visible(tx, conversation, item, sees_from)
            if row.thread_root is not None:
                thread = row.thread_root
                row = tx.sole(_ONE, item=thread)
            anchor, place = row.id, int(row.created_cseq)
        elif at is not None:
            place = self._place_of(tx, conversation, sees_from, head, to_ms(at))
        else:
            assert cseq is not None
            place = cseq
        half = max(1, min(count, PAGE_ITEMS) // 2)
        earlier, more = self._before(tx, conversation, sees_from, place, half)
        later, more_after = self._after(tx, conversation, sees_from, place - 1, half)
        if anchor is None and later:
            anchor = later[0].id
        items = self._items(tx, [*earlier, *later], sees_from, person)
        return {
            "items": items,
            "more": more,
            "more_after": more_after,
            "through": head,
            "anchor": anchor,
            "thread": thread,
        }

    def thread(
        self, tx: Tx, person: PersonId, conversation: ConversationId, root: ItemId, after: int = 0
    ) -> dict[str, Any]:
        """Return a thread's first message and a page of the replies after ``after``, oldest first."""
        sees_from, _ = self._enter(tx, person, conversation)
        first = tx.one(_ONE, item=root)
        if first is None or first.conversation_id != conversation or first.created_cseq is None:
            raise no_message()
        rows = tx.rows(_THREAD, root=root, after=max(after, sees_from), count=PAGE_ITEMS)
        items = [self._showing.payload(tx, row, sees_from, reader=person) for row in [first, *rows]]
        return {"items": items, "more": len(rows) == PAGE_ITEMS}

    def _enter(self, tx: Tx, person: PersonId, conversation: ConversationId) -> tuple[int, int]:
        self._rooms.load_for(tx, conversation, person)
        return self._rooms.sees_from(tx, conversation, person), int(tx.value(_HEAD, conv=conversation))

    @staticmethod
    def _visible(tx: Tx, conversation: ConversationId, item: ItemId, sees_from: int) -> Row:
        row = tx.one(_ONE, item=item)
        if row is None or row.conversation_id != conversation or (row.created_cseq or 0) <= sees_from:
            raise no_message()
        return row

    @staticmethod
    def _before(
        tx: Tx, conversation: ConversationId, sees_from: int, place: int, count: int
    ) -> tuple[list[Row], bool]:
        """Return up to ``count`` rows before ``place``, oldest first, and whether there are more."""
        rows = tx.rows(_BEFORE, conv=conversation, sees_from=sees_from, place=place, count=count + 1)
        return list(reversed(rows[:count])), len(rows) > count

    @staticmethod
    def _after(
        tx: Tx, conversation: ConversationId, sees_from: int, place: int, count: int
    ) -> tuple[list[Row], bool]:
        # One bound and not two: SQLite may walk from the wrong one, through all that lies between.
        rows = tx.rows(_AFTER, conv=conversation, place=max(place, sees_from), count=count + 1)
        return rows[:count], len(rows) > count

    @staticmethod
    def _place_of(tx: Tx, conversation: ConversationId, sees_from: int, head: int, at_ms: int) -> int:
        """Return the first ``cseq`` where something appeared at ``at_ms`` or later, by halving."""
        low, high = sees_from + 1, head + 1
        while low < high:
            middle = (low + high) // 2
            row = tx.one(_AT, conv=conversation, place=middle)
            if row is None or row.created_ms >= at_ms:
                high = middle
            else:
                low = int(row.created_cseq) + 1
        return low

    def _items(self, tx: Tx, rows: Sequence[Row], sees_from: int, reader: PersonId) -> list[dict[str, Any]]:
        items = []
        for row in rows:
            item = self._showing.payload(tx, row, sees_from, reader=reader)
            item["replies"] = int(row.replies)
            if row.replies:
                item["last_reply_at"] = rfc3339(from_ms(row.last_reply_ms))
            items.append(item)
        return items


def no_message() -> NotFound:
    """Return what is raised for a message that is not there, or not for whoever asks."""
    return NotFound("There is no such message here.", code="no_message")
