"""Read marks: how far each member has read. A mark only ever moves forward."""

from sqlalchemy import bindparam, insert, select, update

from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, PersonId

_k = chat.marks.c

_mine = (_k.conversation_id == bindparam("conv")) & (_k.person_id == bindparam("who"))
_MARK = Statement(select(_k.cseq).where(_mine))
_FIRST = Statement(insert(chat.marks))
_MOVE = Statement(update(chat.marks).where(_mine).values(cseq=bindparam("to"), at_ms=bindparam("at")))
_HEAD = Statement(select(chat.conversations.c.cseq).where(chat.conversations.c.id == bindparam("conv")))


def do_mark(tx: Tx, conversation: ConversationId, person: PersonId, cseq: int, at_ms: int) -> int:
    """Move the mark to ``cseq``, never beyond what exists, never back; return where it was asked to be."""
    target = min(cseq, int(tx.value(_HEAD, conv=conversation) or 0))
    mark = tx.one(_MARK, conv=conversation, who=person)
    if mark is None:
        tx.run(_FIRST, conversation_id=conversation, person_id=person, cseq=target, at_ms=at_ms)
    elif target > mark.cseq:
        tx.run(_MOVE, conv=conversation, who=person, to=target, at=at_ms)
    return target
