"""What attempts are decided on, and compared with again when they are written.

All of it comes from one statement, for one attempt or for a whole batch, so that a transaction on a
server asks once. What a transaction has read it keeps in ``tx.known``, and whoever changes it there
keeps it current (:mod:`core.messaging.versions`) or forgets it (:mod:`core.messaging.rooms`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    values,
)

from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, PersonId

_a, _c, _i, _v, _meta = (
    chat.attempts.c,
    chat.conversations.c,
    chat.items.c,
    chat.versions.c,
    chat.meta.c,
)

SAYS: Final = ("create", "edit", "release", "check", "restore")
"""The kinds of versions in which a person says something to others."""
EPOCH_VALUE: Final = select(_meta.value).where(_meta.key == "policy_epoch")

_EPOCH: Final = "policy_epoch"
_SIZES: Final = (1, 4, 16, 64)
"""How many attempts one statement asks for; what is left over is asked for twice."""
_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Key:
    """Which attempt it is. ``seen`` is the conversation's ``cseq`` when the attempt was looked at."""

    sender: PersonId
    client_id: str
    conversation: ConversationId
    seen: int = _NEVER


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation's row, and its counters as this transaction has them."""

    row: Row
    revision: int
    cseq: int
    stop_seq: int


@dataclass(frozen=True, slots=True)
class State:
    """How things are for one attempt.

    ``earlier`` is the row of an earlier attempt with the same id; ``said`` the ``cseq`` of a text of
    the sender that came after ``Key.seen``, 0 if none did.
    """

    earlier: Row | None
    head: Head | None
    policy_epoch: int
    said: int


def state_of(tx: Tx, key: Key) -> State:
    """Return how things are for ``key`` in this transaction; what is known is not asked for again."""
    foresee(tx, [key])
    known = tx.known
    return State(
        earlier=known[_attempt(key)],
        head=known[_head(key.conversation)],
        policy_epoch=known[_EPOCH],
        said=known[_said(key.conversation, key.sender)],
    )


def foresee(tx: Tx, keys: Sequence[Key]) -> None:
    """Ask at once for what :func:`state_of` will need of ``keys``."""
    unknown = [key for key in keys if not tx.known.keys() >= _places(key)]
    for start in range(0, len(unknown), _SIZES[-1]):
        _ask(tx, unknown[start : start + _SIZES[-1]])


def head_of(tx: Tx, conversation: ConversationId) -> Head | None:
    """Return the conversation's counters if this transaction knows them."""
    found: Head | None = tx.known.get(_head(conversation))
    return found


def note_head(tx: Tx, conversation: ConversationId, head: Head) -> None:
    """Note counters as this transaction has set them."""
    if _head(conversation) in tx.known:
        tx.known[_head(conversation)] = head


def note_said(tx: Tx, conversation: ConversationId, sender: PersonId, cseq: int) -> None:
    """Note that this transaction shows others a text of ``sender``."""
    tx.known[_said(conversation, sender)] = cseq


def note_attempt(tx: Tx, key: Key) -> None:
    """Forget whether there was an earlier attempt: now there is one."""
    tx.known.pop(_attempt(key), None)


def _attempt(key: Key) -> tuple[str, ...]:
    return "attempt", key.sender, key.client_id


def _head(conversation: ConversationId) -> tuple[str, ...]:
    return "head", conversation


def _said(conversation: ConversationId, sender: PersonId) -> tuple[str, ...]:
    return "said", conversation, sender


def _places(key: Key) -> set[Any]:
    return {_attempt(key), _head(key.conversation), _said(key.conversation, key.sender), _EPOCH}


def _ask(tx: Tx, keys: Sequence[Key]) -> None:
    size = next(size for size in _SIZES if size >= len(keys))
    asked = [*keys, *[keys[-1]] * (size - len(keys))]
    given: dict[str, Any] = {}
    for place, key in enumerate(asked):
        given |= {
            f"who{place}": key.sender,
            f"client{place}": key.client_id,
            f"conv{place}": key.conversation,
            f"seen{place}": key.seen,
        }
    for row in tx.rows(_STATEMENTS[size], **given):
        if row.place < len(keys):
            _take_in(tx, keys[row.place], row)


def _take_in(tx: Tx, key: Key, row: Row) -> None:
    known = tx.known
    known[_EPOCH] = int(row.policy_epoch or 0)
    known[_attempt(key)] = row if row.request_hash is not None else None
    if row.id is None:
        known[_head(key.conversation)] = None
    else:
        head = Head(row, int(row.revision), int(row.cseq), int(row.stop_seq))
        known[_head(key.conversation)] = head
    said = _said(key.conversation, key.sender)
    known[said] = max(known.get(said, 0), int(row.said or 0))


def _statement(size: int) -> Statement:
    keys = (
        values(
            column("place", Integer),
            column("who", Text),
            column("client", Text),
            column("conv", Text),
            column("seen", BigInteger),
            name="keys",
        )
        .data(
            [
                (
                    literal_column(str(place)),
                    bindparam(f"who{place}", type_=Text),
                    bindparam(f"client{place}", type_=Text),
                    bindparam(f"conv{place}", type_=Text),
                    cast(bindparam(f"seen{place}"), BigInteger),
                )
                for place in range(size)
            ]
        )
        .cte("keys")
    )
    said = (
        select(func.max(_v.cseq))
        .join(chat.items, _i.id == _v.item_id)
        .where(
            _v.conversation_id == keys.c.conv,
            _v.cseq > keys.c.seen,
            _v.kind.in_(SAYS),
            _i.sender_id == keys.c.who,
            _i.type == "message",
        )
        .correlate(keys)
        .scalar_subquery()
    )
    return Statement(
        select(
            keys.c.place,
            chat.conversations,
            EPOCH_VALUE.scalar_subquery().label("policy_epoch"),
            _a.request_hash,
            _a.answer,
            _a.month,
            _a.conversation_id,
            said.label("said"),
        )
        .select_from(keys)
        .join(chat.conversations, _c.id == keys.c.conv, isouter=True)
        .join(
            chat.attempts,
            (_a.sender_id == keys.c.who) & (_a.client_id == keys.c.client),
            isouter=True,
        )
    )


_STATEMENTS: Final = {size: _statement(size) for size in _SIZES}
