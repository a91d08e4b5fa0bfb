"""What the pipeline carries: one thing that one person tries to do in one conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.messaging.model import Before, Conversation, Outcome
from core.store import Tx
from core.types import ConversationId, Decision, Facts, FileFacts, PersonFacts, PersonId, RuleId, Surface

Answer = tuple[Facts, Decision]
"""What was asked, and what the gate said."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to be decided: who says what to whom.

    ``confirmed`` is what the sender confirmed of this text, where each question has its own; ``beside``
    is what is read together with it.
    """

    surface: Surface
    sender: PersonFacts
    text: str
    audience: tuple[PersonFacts, ...]
    file: FileFacts | None = None
    confirmed: "Confirmed | None" = None
    origin: PersonFacts | None = None
    beside: tuple[str, ...] = ()


class Asking(Protocol):
    """What one person would do in one conversation, as far as it is to be decided."""

    @property
    def sender(self) -> PersonId:
        """Who would."""
        ...

    @property
    def conversation(self) -> ConversationId:
        """Where."""
        ...

    @property
    def opening(self) -> Conversation | None:
        """The conversation that this opens, which is not stored yet."""
        ...

    @property
    def confirms(self) -> "Confirmation | None":
        """The warning that the sender answers with this."""
        ...

    @property
    def approved(self) -> frozenset[str]:
        """The findings that an officer released."""
        ...

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Raise a typed error if this cannot be done; else return what must be decided. Writes nothing."""
        ...

    def judge(self, answers: Sequence[Answer]) -> Answer:
        """Return the one answer that all of them make together."""
        ...


class Attempt(Asking, Protocol):
    """One thing that one person tries to do in one conversation."""

    @property
    def client_id(self) -> str:
        """The sender's own id of the request."""
        ...

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        ...

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write what the decision means; called inside the transaction, may raise Stale."""
        ...


class PlainAttempt:
    """Opens nothing, confirms nothing and was approved by nobody, unless a subclass says so."""

    __slots__ = ()

    @property
    def opening(self) -> Conversation | None:
        """Nothing."""
        return None

    @property
    def confirms(self) -> "Confirmation | None":
        """Nothing."""
        return None

    @property
    def approved(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def judge(self, answers: Sequence[Answer]) -> Answer:
        """Return the strictest."""
        return max(answers, key=lambda answer: answer[1].verdict.rank)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A sender's answer to a warning: the decision confirmed, and a reason where one is asked for."""

    decision: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The rules that a sender confirmed, and the keyed hash of the text they confirmed them for."""

    rules: frozenset[RuleId]
    text_hash: str


NOTHING = Confirmed(frozenset(), "")
