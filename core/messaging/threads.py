"""The threads that a person follows (:mod:`core.messaging.followers`), as they are listed.

What others said after a follower's own mark is unread.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, func, select

from core.messaging.cursor import Cursor
from core.messaging.paging import no_message
from core.messaging.rooms import Rooms
from core.messaging.showing import Showing
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId

_f, _i, _m = chat.thread_followers.c, chat.items.c, chat.memberships.c
_reply = chat.items.alias("reply").c

_ROOT = Statement(select(chat.items).where(_i.id == bindparam("item")))
_replies = (_reply.thread_root == _f.root_id) & (_reply.created_cseq > _m.joined_cseq)
_THREADS = Statement(
    select(
        _f.root_id,
        _m.joined_cseq,
        select(func.max(_reply.created_ms)).where(_replies).scalar_subquery().label("last_ms"),
        select(func.max(_reply.created_cseq)).where(_replies).scalar_subquery().label("last_cseq"),
        select(func.count()).select_from(_reply.id.table).where(_replies).scalar_subquery().label("replies"),
        select(func.count())
        .select_from(_reply.id.table)
        .where(
            _replies,
            _reply.created_cseq > _f.read_cseq,
            _reply.sender_id != bindparam("who"),
        )
        .scalar_subquery()
        .label("unread"),
    )
    .join(
        chat.memberships,
        (_m.conversation_id == _f.conversation_id) & (_m.person_id == _f.person_id) & (_m.left_ms.is_(None)),
    )
    .where(_f.person_id == bindparam("who"), _f.following == 1)
)
_BY_CSEQ = Statement(
    select(chat.items).where(_i.conversation_id == bindparam("conv"), _i.created_cseq == bindparam("cseq"))
)

THREADS_SHOWN = 20


class Threads:
    """Reads the threads of one person at a time."""

    def __init__(self, rooms: Rooms, showing: Showing) -> None:
        self._rooms = rooms
        self._showing = showing

    def root(self, tx: Tx, person: PersonId, conversation: ConversationId, root: ItemId) -> Row:
        """Return the first message of a thread to a member who sees it.

        Raises:
            NotFound: ``no_conversation`` or ``no_message``.
        """
        self._rooms.load_for(tx, conversation, person)
        row = tx.one(_ROOT, item=root)
        if (
            row is None
            or row.conversation_id != conversation
            or row.thread_root is not None
            or row.type != "message"
            or (row.created_cseq or 0) <= self._rooms.sees_from(tx, conversation, person)
        ):
            raise no_message()
        return row

    def page(self, tx: Tx, person: PersonId, before: Cursor | None) -> dict[str, Any]:
        """Return a page of the threads that a person follows, the last replied to first."""
        found = [row for row in tx.rows(_THREADS, who=person) if row.replies]
        found.sort(key=lambda row: (row.last_ms, row.root_id), reverse=True)
        wanted = [row for row in found if before is None or (row.last_ms, row.root_id) < before.place]
        page = wanted[:THREADS_SHOWN]
        return {
            "threads": [self._thread(tx, row, person) for row in page],
            "unread": sum(1 for row in found if row.unread),
            "next": str(Cursor(page[-1].last_ms, page[-1].root_id)) if len(wanted) > len(page) else None,
        }

    def _thread(self, tx: Tx, row: Row, person: PersonId) -> Mapping[str, Any]:
        root = tx.sole(_ROOT, item=row.root_id)
        last = tx.sole(_BY_CSEQ, conv=root.conversation_id, cseq=row.last_cseq)
        return {
            "conversation": root.conversation_id,
            "root": self._showing.payload(tx, root, row.joined_cseq, reader=person),
            "last_reply": self._showing.payload(tx, last, row.joined_cseq, reader=person),
            "replies": int(row.replies),
            "unread": int(row.unread),
        }
