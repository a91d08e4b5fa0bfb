"""Read marks: how far each member has read. A mark only ever moves forward."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, PersonId

_k = chat.marks.c

_new = insert(chat.marks)
_SET = Statement(
    _new.on_conflict_do_update(
        index_elements=[_k.conversation_id, _k.person_id],
        set_={"cseq": _new.excluded.cseq, "at_ms": _new.excluded.at_ms},
        where=_new.excluded.cseq > _k.cseq,
    )
)
_HEAD = Statement(select(chat.conversations.c.cseq).where(chat.conversations.c.id == bindparam("conv")))


def do_mark(tx: Tx, conversation: ConversationId, person: PersonId, cseq: int, at_ms: int) -> int:
    """Move the mark to ``cseq``, never beyond what exists, never back; return where it was asked to be."""
    target = min(cseq, int(tx.value(_HEAD, conv=conversation) or 0))
    tx.run(_SET, conversation_id=conversation, person_id=person, cseq=target, at_ms=at_ms)
    return target
