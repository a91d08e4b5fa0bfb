"""Read marks: how far each member has read, and from where on they keep what they read as unread.

The mark itself only ever moves forward. Whoever puts a conversation back among what they have to read sets a
second number beside it, which counts for them alone until they read again.
"""

from sqlalchemy import bindparam, insert, select, update

from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, PersonId

_i, _k = chat.items.c, chat.marks.c

_mine = (_k.conversation_id == bindparam("conv")) & (_k.person_id == bindparam("who"))
_MARK = Statement(select(_k.cseq, _k.unread_cseq).where(_mine))
_FIRST = Statement(insert(chat.marks))
_MOVE = Statement(
    update(chat.marks).where(_mine).values(cseq=bindparam("to"), unread_cseq=None, at_ms=bindparam("at"))
)
_KEEP = Statement(update(chat.marks).where(_mine).values(unread_cseq=bindparam("to"), at_ms=bindparam("at")))
_HEAD = Statement(select(chat.conversations.c.cseq).where(chat.conversations.c.id == bindparam("conv")))
_LAST = Statement(
    select(_i.created_cseq)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.created_cseq > bindparam("after"),
        _i.sender_id != bindparam("who"),
        _i.type == "message",
    )
    .order_by(_i.created_cseq.desc())
    .limit(1)
)


def do_mark(tx: Tx, conversation: ConversationId, person: PersonId, cseq: int, at_ms: int) -> int:
    """Move the mark to ``cseq``, never beyond what exists, never back; return where it was asked to be."""
    target = min(cseq, int(tx.value(_HEAD, conv=conversation) or 0))
    mark = tx.one(_MARK, conv=conversation, who=person)
    if mark is None:
        tx.run(
            _FIRST, conversation_id=conversation, person_id=person, cseq=target, unread_cseq=None, at_ms=at_ms
        )
    elif target > mark.cseq or (mark.unread_cseq is not None and target > mark.unread_cseq):
        tx.run(_MOVE, conv=conversation, who=person, to=max(target, mark.cseq), at=at_ms)
    return target


def do_keep_unread(tx: Tx, conversation: ConversationId, person: PersonId, cseq: int, at_ms: int) -> int:
    """Keep everything from ``cseq`` on as unread; return how far it then counts as read."""
    mark = tx.one(_MARK, conv=conversation, who=person)
    if mark is None:
        # Whoever never read here has nothing to put back.
        tx.run(_FIRST, conversation_id=conversation, person_id=person, cseq=0, unread_cseq=0, at_ms=at_ms)
        return 0
    target = min(max(cseq - 1, 0), int(mark.cseq))
    tx.run(_KEEP, conv=conversation, who=person, to=target, at=at_ms)
    return target


def last_of_others(tx: Tx, conversation: ConversationId, person: PersonId, after: int) -> int | None:
    """Return the number of the last message that somebody else said after ``after``."""
    found = tx.value(_LAST, conv=conversation, who=person, after=after)
    return None if found is None else int(found)
