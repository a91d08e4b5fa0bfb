"""Legal holds, and how far retention has come."""

from collections.abc import Sequence
from typing import Protocol

from admin.bootstrap.desk import (
    HoldAsk,
    HoldLine,
    PersonName,
    RetentionLine,
)
from audit.archive.presenting import Label
from core.identity.permissions import Principal


class Holds(Protocol):
    """Legal holds, made and released inside a matter."""

    def all(self, by: Principal) -> Sequence[HoldLine]:
        """Return every hold, those in force first."""
        ...

    def get(self, by: Principal, hold: str) -> HoldLine:
        """Return one hold. Raises NotFound ``no_hold``."""
        ...

    def add(self, by: Principal, ask: HoldAsk) -> str:
        """Put something on hold; return the hold's id.

        Raises:
            InvalidInput: ``no_person``, ``no_conversation``, ``hold_scope``, ``reason_missing`` or
                ``bad_dates``.
            Denied: ``not_in_matter``.
            Conflict: ``already_condemned``.
        """
        ...

    def release(self, by: Principal, hold: str, reason: str) -> None:
        """Release a hold.

        Raises:
            InvalidInput: ``reason_missing``.
            NotFound: ``no_hold``.
            Denied: ``not_in_matter``.
            Conflict: ``already_released``.
        """
        ...

    def where(self, by: Principal, matter: str, conversation: str) -> Label | None:
        """Return how a conversation is called, on record; None where no open matter of theirs allows it."""
        ...

    def username(self, person: str) -> str:
        """Return the user name of a person, empty for nobody."""
        ...

    def people(self) -> Sequence[PersonName]:
        """Return everybody who can be held, leavers too."""
        ...


class Retention(Protocol):
    """How far retention has come."""

    def lines(self) -> Sequence[RetentionLine]:
        """Return every partition, the newest month first."""
        ...
