"""Who follows a thread, and how far each has read it.

Whoever begins a thread, replies in it or is mentioned in it follows it. This is noted in the
transaction that delivers the reply.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, insert, select, update

from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ItemId, PersonId

_f, _i = chat.thread_followers.c, chat.items.c

_mine = (_f.root_id == bindparam("root")) & (_f.person_id == bindparam("who"))
_ONE = Statement(select(chat.thread_followers).where(_mine))
_FOLLOWERS = Statement(select(_f.person_id).where(_f.root_id == bindparam("root")))
_FIRST = Statement(insert(chat.thread_followers))
_FOLLOW = Statement(
    update(chat.thread_followers).where(_mine).values(following=bindparam("on"), at_ms=bindparam("at"))
)
_READ = Statement(
    update(chat.thread_followers).where(_mine).values(read_cseq=bindparam("to"), at_ms=bindparam("at"))
)
_ROOT = Statement(select(_i.sender_id, _i.conversation_id).where(_i.id == bindparam("item")))
_HEAD = Statement(select(chat.conversations.c.cseq).where(chat.conversations.c.id == bindparam("conv")))


def do_note_reply(
    tx: Tx, root: ItemId, sender: PersonId, mentioned: Iterable[str], cseq: int, at_ms: int
) -> None:
    """Let the sender of a reply, who is mentioned in it and who began the thread follow it.

    Who chose not to follow any more is left in peace, unless they reply themselves.
    """
    first = tx.sole(_ROOT, item=root)
    known = {row.person_id for row in tx.rows(_FOLLOWERS, root=root)}
    for person in sorted({sender, first.sender_id, *mentioned} - known):
        tx.run(
            _FIRST,
            person_id=person,
            root_id=root,
            conversation_id=first.conversation_id,
            following=1,
            read_cseq=cseq if person == sender else cseq - 1,
            at_ms=at_ms,
        )
    if sender in known:
        tx.run(_FOLLOW, root=root, who=sender, on=1, at=at_ms)


def do_follow(tx: Tx, root: Row, person: PersonId, at_ms: int, *, on: bool) -> None:
    """Follow a thread, or follow it no more."""
    if tx.run(_FOLLOW, root=root.id, who=person, on=int(on), at=at_ms):
        return
    tx.run(
        _FIRST,
        person_id=person,
        root_id=root.id,
        conversation_id=root.conversation_id,
        following=int(on),
        read_cseq=int(tx.value(_HEAD, conv=root.conversation_id)),
        at_ms=at_ms,
    )


def do_mark_thread(tx: Tx, root: Row, person: PersonId, cseq: int, at_ms: int) -> None:
    """Move a follower's mark forward, never back and never beyond what exists."""
    target = min(cseq, int(tx.value(_HEAD, conv=root.conversation_id)))
    known = tx.one(_ONE, root=root.id, who=person)
    if known is not None and target > known.read_cseq:
        tx.run(_READ, root=root.id, who=person, to=target, at=at_ms)


def follower(tx: Tx, root: ItemId, person: PersonId) -> Row | None:
    """Return the row that says how a person follows a thread, if they ever did."""
    return tx.one(_ONE, root=root, who=person)
