"""The threads that a person follows (:mod:`core.messaging.followers`), as they are listed.

What others said after a follower's own mark is unread.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, case, exists, func, or_, select

from core.messaging.cursor import NEWEST, Cursor
from core.messaging.paging import no_message
from core.messaging.rooms import Rooms
from core.messaging.showing import Showing
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId

_f, _i, _m = chat.thread_followers.c, chat.items.c, chat.memberships.c
_reply, _last = chat.items.alias("reply").c, chat.items.alias("last").c

_ROOT = Statement(select(chat.items).where(_i.id == bindparam("item")))

# The threads that a person follows and sees, each with the number of its last reply: one look into an index.
_followed = (
    select(
        _f.root_id,
        _f.conversation_id,
        _f.read_cseq,
        _m.joined_cseq,
        select(func.max(_reply.created_cseq))
        .where(_reply.thread_root == _f.root_id, _reply.created_cseq > _m.joined_cseq)
        .scalar_subquery()
        .label("last_cseq"),
    )
    .join(
        chat.memberships,
        (_m.conversation_id == _f.conversation_id) & (_m.person_id == _f.person_id) & (_m.left_ms.is_(None)),
    )
    .where(_f.person_id == bindparam("who"), _f.following == 1)
    .subquery("followed")
)
_t = _followed.c
_PAGE = Statement(
    select(_t.root_id, _t.joined_cseq, _t.read_cseq, _t.last_cseq, _last.created_ms.label("last_ms"))
    .join_from(
        _followed,
        _last.id.table,
        (_last.conversation_id == _t.conversation_id) & (_last.created_cseq == _t.last_cseq),
    )
    .where(
        or_(
            _last.created_ms < bindparam("at"),
            (_last.created_ms == bindparam("at")) & (_t.root_id < bindparam("after_id")),
        )
    )
    .order_by(_last.created_ms.desc(), _t.root_id.desc())
    .limit(bindparam("count"))
)
_unread = (_reply.created_cseq > _t.read_cseq) & (_reply.sender_id != bindparam("who"))
_UNREAD = Statement(
    select(func.count())
    .select_from(_followed)
    .where(exists().where(_reply.thread_root == _t.root_id, _reply.created_cseq > _t.joined_cseq, _unread))
)
_COUNTS = Statement(
    select(
        func.count().label("replies"),
        func.count(
            case(((_reply.created_cseq > bindparam("read")) & (_reply.sender_id != bindparam("who")), 1))
        ).label("unread"),
    ).where(_reply.thread_root == bindparam("root"), _reply.created_cseq > bindparam("joined"))
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
        place = before or NEWEST
        rows = tx.rows(_PAGE, who=person, at=place.at_ms, after_id=place.id, count=THREADS_SHOWN + 1)
        page = rows[:THREADS_SHOWN]
        return {
            "threads": [self._thread(tx, row, person) for row in page],
            "unread": int(tx.value(_UNREAD, who=person)),
            "next": str(Cursor(page[-1].last_ms, page[-1].root_id)) if len(rows) > len(page) else None,
        }

    def _thread(self, tx: Tx, row: Row, person: PersonId) -> Mapping[str, Any]:
        root = tx.sole(_ROOT, item=row.root_id)
        last = tx.sole(_BY_CSEQ, conv=root.conversation_id, cseq=row.last_cseq)
        counts = tx.sole(_COUNTS, root=row.root_id, joined=row.joined_cseq, read=row.read_cseq, who=person)
        return {
            "conversation": root.conversation_id,
            "root": self._showing.payload(tx, root, row.joined_cseq, reader=person),
            "last_reply": self._showing.payload(tx, last, row.joined_cseq, reader=person),
            "replies": int(counts.replies),
            "unread": int(counts.unread),
        }
