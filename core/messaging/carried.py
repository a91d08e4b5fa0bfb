"""What a message carries beside its own words: the quote of a message, or one that is forwarded.

What is carried is decided together with the words, as one text, for the audience of now: a number
that is split over both is found. Whose words are forwarded counts as if they spoke: a barrier between
them and anybody in the audience holds. The message keeps a copy, which is archived with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from sqlalchemy import bindparam, select

from core.errors import InvalidInput, NotFound
from core.messaging.blank import is_blank
from core.messaging.markup import parse
from core.messaging.model import Conversation, ItemState
from core.messaging.paging import no_message
from core.messaging.rooms import Rooms
from core.messaging.showing import Showing
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, ItemId, PersonFacts, PersonId, Verdict

QUOTE: Final = "quote"
FORWARDED: Final = "forwarded"
SOURCE: Final = "source"
"""The part of a sender's own view that says which message they forwarded."""
EXCERPT: Final = 500
"""How many characters of a message a quote shows."""
BREAK: Final = "\n\u2029\n"
"""What stands between own and carried words where both are decided; neither holds it."""

_ITEM = Statement(select(chat.items).where(chat.items.c.id == bindparam("item")))
_QUOTABLE = frozenset({ItemState.SENT, ItemState.EDITED, ItemState.REDACTED})


@dataclass(frozen=True, slots=True)
class Carried:
    """Somebody's words in a message of somebody (else's).

    ``kind`` is its name in view and record; ``about`` says where it is from; ``origin`` is whose words
    a forwarded text holds.
    """

    kind: str
    about: Mapping[str, Any]
    text: str
    origin: PersonFacts | None = None

    def as_view(self, conversation: Conversation) -> dict[str, Any]:
        """Return the part of the view that shows it."""
        names = {person.username.casefold(): person.id for person in conversation.members.values()}
        tokens, _, _ = parse(self.text, names)
        return {self.kind: {**self.about, "text": self.text, "tokens": tokens}}

    def as_record(self) -> dict[str, Any]:
        """Return the part of the record that keeps it, as it was decided."""
        return {self.kind: {**self.about, "text": self.text}}

    @classmethod
    def of_view(cls, tx: Tx, rooms: Rooms, view: Mapping[str, Any]) -> Self | None:
        """Return what a message that is there already carries."""
        for kind in (QUOTE, FORWARDED):
            if kind in view:
                about = dict(view[kind])
                text = str(about.pop("text"))
                del about["tokens"]
                origin = _facts_of(tx, rooms, PersonId(about["sender"])) if kind == FORWARDED else None
                return cls(kind, about, text, origin)
        return None


def decided_text(text: str, carried: Carried | None) -> str:
    """Return what is decided: the words, and after them what is carried.

    The words hold no break of their own: with one, the end of them could be shown as what is carried.
    """
    return text if carried is None or not carried.text else f"{_clean(text)}{BREAK}{carried.text}"


def beside_of(carried: Carried | None) -> tuple[str, ...]:
    """Return what is read before the words: a quote stands above them."""
    return (carried.text,) if carried is not None and carried.text else ()


def origin_of(carried: Carried | None) -> PersonFacts | None:
    """Return whose words are passed on, if any are."""
    return carried.origin if carried else None


def as_shown(decision: Decision, text: str, carried: Carried | None) -> tuple[str, Carried | None]:
    """Return the words and what is carried as others see them.

    Where what is covered goes over from the one into the other, all of it is shown as words.
    """
    if decision.verdict is not Verdict.REDACT or decision.redacted is None:
        return text, carried
    if carried is None or not carried.text:
        return decision.redacted, carried
    words, found, rest = decision.redacted.rpartition(BREAK)
    if not found:
        return decision.redacted, None
    return words, Carried(carried.kind, carried.about, rest, carried.origin)


class Carries(Protocol):
    """What somebody wants a message to carry."""

    @property
    def speaks(self) -> bool:
        """Whether no words of one's own are needed beside it."""
        ...

    def key(self) -> list[str]:
        """Return what makes a retry the same request."""
        ...

    def asked_for(self) -> dict[str, Any]:
        """Return what a sender needs to ask for it again, as long as nobody else sees the message."""
        ...

    def read(
        self, tx: Tx, rooms: Rooms, showing: Showing, conversation: Conversation, sender: PersonId
    ) -> Carried | None:
        """Return it as it is now, if the sender sees it.

        Raises:
            NotFound: ``no_message`` or ``no_conversation``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Quoting:
    """The quote of a message of the same conversation.

    ``if_there``: where nobody may quote it any more, what was to quote it says its own words alone.
    """

    item: ItemId
    if_there: bool = False

    @property
    def speaks(self) -> bool:
        """A quote says nothing of its own."""
        return False

    def key(self) -> list[str]:
        """Return what makes a retry the same request."""
        return [QUOTE, self.item]

    def asked_for(self) -> dict[str, Any]:
        """A quote says itself what is quoted."""
        return {}

    def read(
        self, tx: Tx, rooms: Rooms, showing: Showing, conversation: Conversation, sender: PersonId
    ) -> Carried | None:
        """Return the beginning of the message."""
        try:
            row = _visible(tx, rooms, conversation.id, self.item, sender)
        except NotFound:
            if self.if_there:
                return None
            raise
        view = showing.view(row)
        about = {
            "item": row.id,
            "sender": row.sender_id,
            "at": view["at"],
            # Who joined after this does not see the quote.
            "cseq": int(row.created_cseq),
        }
        return Carried(QUOTE, about, _clean(str(view["text"])[:EXCERPT]))


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A message of another conversation, or of this one, said again."""

    conversation: ConversationId
    item: ItemId
    has_files: bool = False

    @property
    def speaks(self) -> bool:
        """What is forwarded says enough."""
        return True

    def key(self) -> list[str]:
        """Return what makes a retry the same request."""
        return [FORWARDED, self.conversation, self.item]

    def asked_for(self) -> dict[str, Any]:
        """Say which message was forwarded: what it says may be from another one."""
        return {SOURCE: {"conversation": self.conversation, "item": self.item}}

    def read(
        self, tx: Tx, rooms: Rooms, showing: Showing, conversation: Conversation, sender: PersonId
    ) -> Carried:
        """Return the whole text; of what was forwarded without a word, what was said first.

        Files say enough, too.
        """
        rooms.load_for(tx, self.conversation, sender)
        row = _visible(tx, rooms, self.conversation, self.item, sender)
        view = showing.view(row)
        if is_blank(view["text"]) and FORWARDED in view:
            earlier = Carried.of_view(tx, rooms, view)
            assert earlier is not None
            return earlier
        if is_blank(view["text"]) and not self.has_files:
            raise InvalidInput("There is nothing in this message to forward.", code="nothing_to_forward")
        author = rooms.anybody(tx, PersonId(row.sender_id))
        about = {
            "conversation": self.conversation,
            "item": row.id,
            "sender": row.sender_id,
            "name": author.display_name if author else "",
            "at": view["at"],
        }
        origin = author.facts if author else PersonFacts(PersonId(row.sender_id))
        return Carried(FORWARDED, about, _clean(str(view["text"])), origin)


def _visible(tx: Tx, rooms: Rooms, conversation: ConversationId, item: ItemId, reader: PersonId) -> Row:
    row = tx.one(_ITEM, item=item)
    if (
        row is None
        or row.conversation_id != conversation
        or row.type != "message"
        or row.state not in _QUOTABLE
        or (row.created_cseq or 0) <= rooms.sees_from(tx, conversation, reader)
    ):
        raise no_message()
    return row


def _clean(text: str) -> str:
    return text.replace("\u2029", "\n")


def _facts_of(tx: Tx, rooms: Rooms, person: PersonId) -> PersonFacts:
    found = rooms.anybody(tx, person)
    return found.facts if found else PersonFacts(person)
