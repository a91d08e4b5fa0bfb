"""What Compliance recalled of a person's messages since they last read there: they are told so."""

from collections import defaultdict

from sqlalchemy import bindparam, func, literal_column, select

from core.schema import chat
from core.store import Statement, Tx
from core.types import PersonId

_i, _k, _m = chat.items.c, chat.marks.c, chat.memberships.c

_RECALLED = Statement(
    select(_i.id, _i.conversation_id)
    .join(
        chat.memberships,
        (_m.conversation_id == _i.conversation_id) & (_m.person_id == _i.sender_id) & (_m.left_ms.is_(None)),
    )
    .join(
        chat.marks,
        (_k.conversation_id == _i.conversation_id) & (_k.person_id == _i.sender_id),
        isouter=True,
    )
    # The state stands there as a literal, as it does in the index of these few.
    .where(
        _i.state == literal_column("'recalled'"),
        _i.sender_id == bindparam("who"),
        _i.cseq > func.coalesce(_k.cseq, 0),
    )
    .order_by(_i.cseq)
)


def recalled_unseen(tx: Tx, person: PersonId) -> dict[str, list[str]]:
    """Return somebody's recalled messages by conversation, as long as they read no further there."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in tx.rows(_RECALLED, who=person):
        found[row.conversation_id].append(row.id)
    return dict(found)
