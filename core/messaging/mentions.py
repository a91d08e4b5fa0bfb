"""Where a person is mentioned, newest first, over all their conversations."""

from typing import Any

from sqlalchemy import bindparam, or_, select

from core.messaging.cursor import NEWEST, Cursor
from core.messaging.showing import Showing
from core.schema import chat
from core.store import Statement, Tx
from core.types import PersonId

_i, _m, _n = chat.items.c, chat.memberships.c, chat.mentions.c

_PAGE = Statement(
    select(chat.items, _m.joined_cseq)
    .select_from(chat.mentions)
    .join(
        chat.memberships,
        (_m.conversation_id == _n.conversation_id) & (_m.person_id == _n.person_id) & (_m.left_ms.is_(None)),
    )
    .join(chat.items, (_i.conversation_id == _n.conversation_id) & (_i.created_cseq == _n.cseq))
    .where(
        _n.person_id == bindparam("who"),
        _n.cseq > _m.joined_cseq,
        or_(
            _i.created_ms < bindparam("at"),
            (_i.created_ms == bindparam("at")) & (_i.id < bindparam("after_id")),
        ),
    )
    .order_by(_i.created_ms.desc(), _i.id.desc())
    .limit(bindparam("count"))
)

MENTIONS_SHOWN = 50


class Mentions:
    """Reads the mentions of one person at a time."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing

    def page(self, tx: Tx, person: PersonId, before: Cursor | None) -> dict[str, Any]:
        """Return a page of messages that mention a person and still do."""
        place = before or NEWEST
        rows = tx.rows(_PAGE, who=person, at=place.at_ms, after_id=place.id, count=MENTIONS_SHOWN + 1)
        page = rows[:MENTIONS_SHOWN]
        items = [self._showing.payload(tx, row, row.joined_cseq) for row in page]
        last = Cursor(page[-1].created_ms, page[-1].id) if len(rows) > len(page) else None
        return {
            "items": [item for item in items if person in item["view"].get("mentions", ())],
            "next": str(last) if last else None,
        }
