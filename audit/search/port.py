"""What search keeps, what it asks, and what an index promises: the shared words of this package.

A :class:`SearchRecord` is plain text and stays in the process that may read it. An
:class:`IndexDocument` is what leaves it: blind tokens, a record id and a time. A question is a tree
of the small node types below; it speaks of tokens only, so any engine can answer it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from core.errors import InvalidInput

Slot = Literal["body", "sender", "audience", "conversation", "verdict", "kind", "has"]
"""Where a token stands in a document; the first four keep word positions."""


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """One record in plain text, as it is indexed and as a query is verified on it.

    The three tuples of names hold whatever a person or conversation was called at the time: id,
    username, e-mail address, display name. ``at`` is the time that ``sent:`` compares.
    """

    rid: str
    partition: str
    at: datetime
    sender_names: tuple[str, ...]
    audience_names: tuple[str, ...]
    conversation_names: tuple[str, ...]
    body: str
    verdict: str
    kind: str
    has_link: bool
    has_file: bool


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """One record as an index sees it: blind tokens joined by spaces, an id, and a time.

    In the positional slots a filler stands for each function word, and between two names, so
    that distances between the other tokens stay what they are in the text. ``has`` is a set.
    """

    rid: str
    at_ms: int
    body: str
    sender: str
    audience: str
    conversation: str
    verdict: str
    kind: str
    has: str


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Every document."""


@dataclass(frozen=True, slots=True)
class MatchNone:
    """No document."""


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """Documents with at least one of ``tokens`` in ``slot``."""

    slot: Slot
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjacent:
    """Documents in which two or more ``tokens`` stand side by side in this order."""

    slot: Slot
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """Documents in which two different tokens stand at most ``distance`` positions apart."""

    slot: Slot
    left: str
    right: str
    distance: int


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Documents with ``from_ms <= at_ms < until_ms``; ``None`` leaves an end open."""

    from_ms: int | None
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Documents that every part matches."""

    parts: tuple["Question", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Documents that at least one part matches."""

    parts: tuple["Question", ...]


@dataclass(frozen=True, slots=True)
class NotOf:
    """Documents that ``part`` does not match."""

    part: "Question"


Question = MatchAll | MatchNone | AnyTerm | Adjacent | Within | TimeRange | AllOf | AnyOf | NotOf


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A found document. The natural order is (time, record id); results come in its reverse.

    The last hit of a page is the cursor of the next.
    """

    at_ms: int
    rid: str


@dataclass(frozen=True, slots=True)
class PutResult:
    """How many documents an index took, and why it refused others, by record id."""

    accepted: int
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether an index answers and takes documents; ``detail`` is a sentence for a person."""

    reachable: bool
    writable: bool
    detail: str

    @property
    def ok(self) -> bool:
        """Tell whether nothing needs attention."""
        return self.reachable and self.writable


@dataclass(frozen=True, slots=True)
class ShardHeadroom:
    """How many shards a cluster holds, and how many it may hold."""

    used: int
    limit: int

    @property
    def left(self) -> int:
        """Return how many shards it still takes."""
        return max(0, self.limit - self.used)


class SearchIndex(Protocol):
    """Indexes of key partitions, fed with blind tokens, asked with questions.

    An index has a name. What is asked about a partition is asked of the index that went live for it;
    until one did, of the index of the partition's own name. Whatever else takes ``partition`` means an
    index by its own name.

    Guarantees: what ``put`` or ``delete`` acknowledged is seen by the next ``search``, ``total``,
    ``count`` and ``ids``, in every process. A partition that was never ensured holds nothing;
    asking it is no error. Everything may be repeated.

    Every method raises ``Unavailable`` when the engine cannot be used (``index_unavailable``, or a code
    that begins with ``index_`` and says why) and ``InvalidInput`` (``bad_partition``) for a name that
    :func:`check_partition` refuses. :data:`ONE_INDEX` has the codes of trouble with a single index.
    """

    def ensure(self, partition: str) -> None:
        """Create the partition's index unless it exists."""
        ...

    def go_live(self, partition: str, name: str) -> None:
        """Let ``partition`` be asked of the index ``name``, from one moment to the next."""
        ...

    def drop(self, partition: str) -> None:
        """Remove the partition's index with everything in it."""
        ...

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        """Insert or replace documents by record id; a refused one does not spoil the others.

        Raises:
            NotFound: ``no_such_partition`` when the partition was not ensured.
        """
        ...

    def delete(self, partition: str, rids: Sequence[str]) -> None:
        """Remove documents by record id; unknown ids are ignored."""
        ...

    def count(self, partition: str) -> int:
        """Return how many documents the partition holds."""
        ...

    def ids(self, partition: str) -> Iterator[str]:
        """Yield every record id of the partition once, in no promised order."""
        ...

    def search(
        self, partition: str, question: Question, *, limit: int, after: Hit | None = None
    ) -> tuple[Hit, ...]:
        """Return up to ``limit`` (at least 1) matching documents, newest first, older than ``after``."""
        ...

    def total(self, questions: Mapping[str, Question]) -> int:
        """Return how many documents match, exactly: each partition is asked its own question."""
        ...

    def health(self) -> Health:
        """Tell whether the engine answers and takes documents; never raises."""
        ...

    def headroom(self) -> ShardHeadroom | None:
        """Return how much room for indexes there is; ``None`` if the engine has no such limit."""
        ...

    def close(self) -> None:
        """Let go of files, locks and connections."""
        ...


ONE_INDEX = frozenset({"no_such_partition", "index_full", "index_blocked"})
"""Codes of trouble that one index has: it is gone, cannot be made, or takes nothing. Others may be well."""

_PARTITION_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def check_partition(partition: str) -> str:
    """Return ``partition`` if it can safely name a folder and an index.

    Raises:
        InvalidInput: ``bad_partition``.
    """
    if not partition or len(partition) > 64 or not _PARTITION_CHARACTERS.issuperset(partition):
        raise InvalidInput(
            "A partition is named with 1 to 64 of the characters a-z, 0-9, - and _.", code="bad_partition"
        )
    return partition
