"""How a process learns of what others committed: by the counters of conversations."""

from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from core.messaging.model import ItemState
from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, PersonId, from_ms, rfc3339

_c, _i, _v = chat.conversations.c, chat.items.c, chat.versions.c

_COUNTS = select(_c.id, _c.cseq, _c.stop_seq, _c.revision)
_HEADS = Statement(_COUNTS)
_HEAD = Statement(_COUNTS.where(_c.id == bindparam("conv")))
_ENDED = Statement(
    select(_i.id, _i.sender_id, _i.state, _v.at_ms)
    .join(chat.items, _i.id == _v.item_id)
    .where(
        _v.conversation_id == bindparam("conv"),
        _v.stop_seq > bindparam("after"),
        _v.version == _i.version,
        _v.version > 1,
    )
    .order_by(_v.stop_seq)
)


class Counts(NamedTuple):
    """The counters of one conversation."""

    cseq: int
    stop_seq: int
    revision: int


NONE = Counts(0, 0, 0)


def heads(tx: Tx) -> dict[ConversationId, Counts]:
    """Return the counters of every conversation."""
    return {row.id: Counts(row.cseq, row.stop_seq, row.revision) for row in tx.rows(_HEADS)}


def head(tx: Tx, conversation: ConversationId) -> Counts:
    """Return the counters of one conversation; zeros where there is none."""
    row = tx.one(_HEAD, conv=conversation)
    return NONE if row is None else Counts(row.cseq, row.stop_seq, row.revision)


def ended_after(tx: Tx, conversation: ConversationId, stop_seq: int) -> list[tuple[PersonId, dict[str, Any]]]:
    """Return whose wait for a stopped message ended after ``stop_seq``, and what each sender is told."""
    return [
        (
            PersonId(row.sender_id),
            {
                "id": row.id,
                "conversation": conversation,
                "state": ItemState(row.state),
                "at": rfc3339(from_ms(row.at_ms)),
            },
        )
        for row in tx.rows(_ENDED, conv=conversation, after=stop_seq)
    ]
