"""What people do for themselves alone, as their other connections have to learn it.

All of it is state and not change, so that telling it twice, or only the last of it, is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from core.messaging.arrangement import ARRANGED, Arrangement, arrangement_of
from core.messaging.scheduled import brief
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, PersonId

_a, _k = chat.arrangements.c, chat.marks.c

_CHANGED = Statement(ARRANGED.where(_a.at_ms >= bindparam("since")).order_by(_a.at_ms))
_MARKED = Statement(
    select(_k.conversation_id, _k.person_id, _k.cseq, _k.unread_cseq, _k.at_ms).where(
        _k.at_ms >= bindparam("since")
    )
)

_FOLLOWED = Statement(
    select(chat.thread_followers).where(chat.thread_followers.c.at_ms >= bindparam("since"))
)
_SCHEDULED = Statement(
    select(chat.scheduled)
    .where(chat.scheduled.c.at_ms >= bindparam("since"))
    .order_by(chat.scheduled.c.at_ms)
)


@dataclass(frozen=True, slots=True)
class OwnChange:
    """What the other connections of one person have to learn: an event and its payload."""

    person: PersonId
    event: str
    payload: Mapping[str, Any]
    at_ms: int


def arranged(person: PersonId, conversation: ConversationId, now: Arrangement) -> OwnChange:
    """Return what tells that somebody arranged a conversation."""
    return OwnChange(person, "arranged", {"conversation": conversation, "settings": now.as_dict()}, now.at_ms)


def marked(
    person: PersonId, conversation: ConversationId, cseq: int, at_ms: int, *, by_hand: bool = False
) -> OwnChange:
    """Return what tells how far somebody has read, or ``by_hand`` put it back."""
    payload = {"conversation": conversation, "cseq": cseq, "by_hand": by_hand}
    return OwnChange(person, "marked", payload, at_ms)


def followed(person: PersonId, row: Row) -> OwnChange:
    """Return what tells how somebody follows a thread, from their row of it."""
    payload = {
        "conversation": row.conversation_id,
        "root": row.root_id,
        "following": bool(row.following),
        "read": row.read_cseq,
    }
    return OwnChange(person, "followed", payload, row.at_ms)


def own_changes(tx: Tx, since_ms: int) -> list[OwnChange]:
    """Return what people arranged and marked since then, in any process."""
    return [
        *(
            arranged(PersonId(row.person_id), ConversationId(row.conversation_id), arrangement_of(row))
            for row in tx.rows(_CHANGED, since=since_ms)
        ),
        *(
            marked(
                PersonId(row.person_id),
                ConversationId(row.conversation_id),
                row.cseq if row.unread_cseq is None else row.unread_cseq,
                row.at_ms,
                by_hand=row.unread_cseq is not None,
            )
            for row in tx.rows(_MARKED, since=since_ms)
        ),
        *(followed(PersonId(row.person_id), row) for row in tx.rows(_FOLLOWED, since=since_ms)),
        *(
            OwnChange(PersonId(row.person_id), "scheduled", brief(row), row.at_ms)
            for row in tx.rows(_SCHEDULED, since=since_ms)
        ),
    ]
