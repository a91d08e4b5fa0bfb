"""The three Protocols by which the core reaches up without importing up, and nothing else."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from core.types import ConversationId, Decision, Facts, PersonId

T = TypeVar("T")


class PolicyGate(Protocol):
    """Decides. Every way out of the suite asks it before anyone else sees anything."""

    def decide(self, facts: Facts, text: str, breathe: Callable[[], None]) -> Decision:
        """Return the decision for ``text``; call ``breathe`` between steps of at most 4 kB.

        Raises:
            Unavailable: ``policy_unavailable`` when the live bundle is not confirmed.
        """
        ...

    def epoch(self) -> int:
        """Return the policy epoch under which :meth:`decide` answers now."""
        ...


class Delivery(Protocol):
    """Carries what was committed to the people who may see it."""

    def committed(self, conversation: ConversationId, frames: Sequence[Any]) -> None:
        """Announce item versions of one conversation, in the order of ``cseq``."""
        ...

    def stops_changed(self, conversation: ConversationId) -> None:
        """Let whoever waits for a stopped message of this conversation learn what became of it."""
        ...

    def membership_changed(self, conversation: ConversationId, person: PersonId, member: bool) -> None:
        """Let live connections of ``person`` enter or leave the conversation's audience."""
        ...


class Future(Protocol[T]):
    """A result that a waiter receives cooperatively."""

    def set_result(self, value: T) -> None:
        """Hand over the result."""
        ...

    def set_error(self, error: BaseException) -> None:
        """Hand over a failure, raised again in the waiter."""
        ...

    def wait(self) -> T:
        """Wait for, and return or raise, what was handed over."""
        ...


class Blocking(Protocol):
    """How a process waits without stopping its other work."""

    def breathe(self) -> None:
        """Let other work run."""
        ...

    def commit(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the one commit thread and wait for it."""
        ...

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the read thread and wait for it."""
        ...

    def future(self) -> Future[Any]:
        """Return an empty future for one waiter."""
        ...

    def spawn(self, work: Callable[[], None]) -> None:
        """Run ``work`` beside the caller."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait cooperatively."""
        ...
