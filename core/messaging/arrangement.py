"""How members arrange a conversation for themselves: muted, a favourite, hidden.

Nobody else learns of it. What is hidden comes back as soon as something new is said in it: what is
kept is up to which ``cseq`` it was hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, insert, select, update

from core.errors import InvalidInput
from core.messaging.model import Conversation
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ConversationKind, PersonId

_a, _i = chat.arrangements.c, chat.items.c

_mine = (_a.conversation_id == bindparam("conv")) & (_a.person_id == bindparam("who"))
_said_since = exists().where(
    _i.conversation_id == _a.conversation_id, _i.created_cseq > _a.hidden_cseq, _i.type == "message"
)
ARRANGED = select(chat.arrangements, _said_since.label("said_since"))
"""What :func:`arrangement_of` takes the rows of."""
_ONE = Statement(ARRANGED.where(_mine))
_OF_PERSON = Statement(ARRANGED.where(_a.person_id == bindparam("who")))
_FIRST = Statement(insert(chat.arrangements))
_CHANGE = Statement(
    update(chat.arrangements)
    .where(_mine)
    .values(
        muted=bindparam("is_muted"),
        favourite=bindparam("is_favourite"),
        hidden_cseq=bindparam("hidden"),
        at_ms=bindparam("at"),
    )
)
_HEAD = Statement(select(chat.conversations.c.cseq).where(chat.conversations.c.id == bindparam("conv")))
HIDEABLE = frozenset({ConversationKind.DIRECT, ConversationKind.GROUP})
"""Channels are left instead."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How one person has arranged one conversation, and when they did."""

    muted: bool = False
    favourite: bool = False
    hidden: bool = False
    at_ms: int = 0

    def as_dict(self) -> dict[str, bool]:
        """Return the wire form."""
        return {"muted": self.muted, "favourite": self.favourite, "hidden": self.hidden}


UNTOUCHED = Arrangement()


def arrangement(tx: Tx, conversation: ConversationId, person: PersonId) -> Arrangement:
    """Return how a person has arranged a conversation now."""
    row = tx.one(_ONE, conv=conversation, who=person)
    return UNTOUCHED if row is None else arrangement_of(row)


def arrangements(tx: Tx, person: PersonId) -> Mapping[ConversationId, Arrangement]:
    """Return all that a person has arranged."""
    return {
        ConversationId(row.conversation_id): arrangement_of(row) for row in tx.rows(_OF_PERSON, who=person)
    }


def do_arrange(
    tx: Tx,
    conversation: Conversation,
    person: PersonId,
    *,
    at_ms: int,
    muted: bool | None = None,
    favourite: bool | None = None,
    hidden: bool | None = None,
) -> Arrangement:
    """Change what is not None and return the arrangement as it is then.

    Raises:
        InvalidInput: ``bad_kind``; a channel cannot be hidden.
    """
    if hidden and conversation.kind not in HIDEABLE:
        raise InvalidInput("A channel cannot be hidden. Leave it, or mute it.", code="bad_kind")
    before = tx.one(_ONE, conv=conversation.id, who=person)
    hidden_cseq = before.hidden_cseq if before is not None else None
    if hidden is not None:
        hidden_cseq = int(tx.value(_HEAD, conv=conversation.id)) if hidden else None
    values = {
        "muted": int(muted if muted is not None else before is not None and before.muted),
        "favourite": int(favourite if favourite is not None else before is not None and before.favourite),
    }
    if before is None:
        tx.run(
            _FIRST,
            conversation_id=conversation.id,
            person_id=person,
            **values,
            hidden_cseq=hidden_cseq,
            at_ms=at_ms,
        )
    else:
        tx.run(
            _CHANGE,
            conv=conversation.id,
            who=person,
            is_muted=values["muted"],
            is_favourite=values["favourite"],
            hidden=hidden_cseq,
            at=at_ms,
        )
    return arrangement(tx, conversation.id, person)


def arrangement_of(row: Row) -> Arrangement:
    """Return the arrangement that a row of :data:`ARRANGED` says, as it is now."""
    hidden = row.hidden_cseq is not None and not row.said_since
    return Arrangement(bool(row.muted), bool(row.favourite), hidden, row.at_ms)
