"""The names of everything that may differ between chat store, archive, keystore, index, ledger and files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class DifferenceKind(StrEnum):
    """What is wrong, as a stable code."""

    MISSING_RECORD = "missing_record"
    MISSING_VERSION = "missing_version"
    MISSING_KEY = "missing_key"
    MISSING_DOCUMENT = "missing_document"
    EXTRA_DOCUMENT = "extra_document"
    DUPLICATE_DOCUMENT = "duplicate_document"
    MISSING_LEAF = "missing_leaf"
    CHECKPOINT_AHEAD = "checkpoint_ahead"
    LEAF_WITHOUT_RECORD = "leaf_without_record"
    RECORD_WITHOUT_LEAF = "record_without_leaf"
    RECORD_DIFFERS_FROM_LEAF = "record_differs_from_leaf"
    VERSION_LOGGED_TWICE = "version_logged_twice"
    CSEQ_GAP = "cseq_gap"
    STOP_SEQ_GAP = "stop_seq_gap"
    COUNTER_BEHIND = "counter_behind"
    TRAIL_GAP = "trail_gap"
    UNREADABLE_RECORD = "unreadable_record"
    RECORD_MOVED = "record_moved"
    UNREADABLE_VOCABULARY = "unreadable_vocabulary"
    POISON = "poison"
    MISSING_BLOB = "missing_blob"
    ORPHAN_BLOB = "orphan_blob"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference: its kind, what it is about (an id, a version, a partition), and a few ids more."""

    kind: DifferenceKind
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}" + (f" ({self.detail})" if self.detail else "")


@dataclass(slots=True)
class Reconciliation:
    """What was compared and what differs. ``pending`` versions wait in an outbox, which is no difference."""

    compared: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether nothing differs."""
        return not self.differences

    def add(self, kind: DifferenceKind, subject: str, detail: str = "") -> None:
        """Note a difference."""
        self.differences.append(Difference(kind, subject, detail))


def gaps(numbers: Iterable[int], upto: int | None = None, *, first: int = 1) -> Iterator[str]:
    """Yield the missing ranges of a counter that starts at ``first``, as ``7`` or ``7-9``.

    ``upto`` is the counter's own value where it is known, so that a missing end shows as well.
    """
    expected = first
    for number in sorted(set(numbers)):
        if number > expected:
            yield _range(expected, number - 1)
        expected = number + 1
    if upto is not None and upto >= expected:
        yield _range(expected, upto)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
