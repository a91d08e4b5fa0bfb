"""What waits for an officer's decision, and what was delivered and can be recalled."""

from collections.abc import Sequence
from typing import Protocol

from admin.bootstrap.desk import (
    EvidenceFile,
    OpenEntry,
    QueueEntry,
    QueueList,
    QueueOrder,
    Reading,
    Recallable,
)
from core.identity.permissions import Principal
from core.types import MatterId


class Queue(Protocol):
    """The release queue."""

    def waiting(self, by: Principal, order: QueueOrder, start: int = 0) -> QueueList:
        """Return what waits with who, where and why, on record."""
        ...

    def ended(self, start: int = 0) -> QueueList:
        """Return what ended, what was stopped last first."""
        ...

    def following(self, item: str) -> str | None:
        """Return which entry has waited longest for a decision besides ``item``."""
        ...

    def get(self, item: str) -> QueueEntry:
        """Return one entry without its record. Raises NotFound ``no_entry``."""
        ...

    def read(self, by: Principal, item: str) -> OpenEntry:
        """Return an undecided entry with its record only. Raises Conflict ``already_decided``."""
        ...

    def file(self, by: Principal, item: str, file: str) -> EvidenceFile:
        """Return a file of an undecided entry. Raises NotFound ``no_file``."""
        ...

    def release(self, by: Principal, item: str, approved: Sequence[str], reason: str) -> None:
        """Sign the release of an entry with the findings ``approved``.

        Raises:
            Denied: ``own_request``.
            InvalidInput: ``reason_missing`` or ``no_finding``.
            Conflict: ``already_decided`` or ``record_unreadable``.
        """
        ...

    def reject(self, by: Principal, item: str, reason: str) -> None:
        """Sign the rejection of an entry; raises as :meth:`release`."""
        ...


class Recalls(Protocol):
    """Recalling what was delivered, inside a matter."""

    def of(self, by: Principal, reading: Reading) -> Recallable:
        """Return what can be done with a message that was read."""
        ...

    def recall(self, by: Principal, matter: MatterId, search: str, item: str, reason: str) -> None:
        """Sign the recall of a delivered message.

        Raises:
            Denied: ``own_request``, ``not_in_matter`` or ``not_your_search``.
            InvalidInput: ``reason_missing`` or ``reason_too_long``.
            Conflict: ``already_decided``, ``already_recalled``, ``already_gone`` or ``record_unreadable``.
        """
        ...

    def restore(self, by: Principal, matter: MatterId, search: str, item: str, reason: str) -> None:
        """Sign that a recalled message is shown again; raises as :meth:`recall`, and ``not_recalled``."""
        ...
