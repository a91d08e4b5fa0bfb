"""A search index in memory: it reads the tokens of every document for every question."""

from collections.abc import Iterator, Mapping, Sequence

from audit.search.port import (
    Adjacent,
    AllOf,
    AnyOf,
    AnyTerm,
    Health,
    Hit,
    IndexDocument,
    MatchAll,
    MatchNone,
    NotOf,
    PutResult,
    Question,
    TimeRange,
    Within,
    check_partition,
)
from core.errors import NotFound, Unavailable


class FakeSearchIndex:
    """Keeps documents in dictionaries. ``refuse`` and ``down`` make it misbehave as real ones do."""

    def __init__(self) -> None:
        self._partitions: dict[str, dict[str, IndexDocument]] = {}
        self._live: dict[str, str] = {}
        self.refuse: dict[str, str] = {}
        self.down = False

    def ensure(self, partition: str) -> None:
        self._checked(partition)
        self._partitions.setdefault(partition, {})

    def go_live(self, partition: str, name: str) -> None:
        self._checked(partition)
        self._checked(name)
        self._live[partition] = name

    def drop(self, partition: str) -> None:
        self._checked(partition)
        self._partitions.pop(partition, None)
        self._live = {asked: name for asked, name in self._live.items() if name != partition}

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        self._checked(partition)
        if partition not in self._partitions:
            raise NotFound(f"There is no index for partition {partition}.", code="no_such_partition")
        latest = {document.rid: document for document in documents}
        refused = {rid: self.refuse[rid] for rid in latest if rid in self.refuse}
        self._partitions[partition].update(
            {rid: document for rid, document in latest.items() if rid not in refused}
        )
        return PutResult(len(latest) - len(refused), refused)

    def delete(self, partition: str, rids: Sequence[str]) -> None:
        self._checked(partition)
        for rid in rids:
            self._partitions.get(partition, {}).pop(rid, None)

    def count(self, partition: str) -> int:
        return len(self._documents(partition))

    def ids(self, partition: str) -> Iterator[str]:
        yield from list(self._documents(partition))

    def search(
        self, partition: str, question: Question, *, limit: int, after: Hit | None = None
    ) -> tuple[Hit, ...]:
        found = (
            Hit(document.at_ms, document.rid)
            for document in self._documents(partition).values()
            if _holds(question, document)
        )
        return tuple(sorted((hit for hit in found if after is None or hit < after), reverse=True)[:limit])

    def total(self, questions: Mapping[str, Question]) -> int:
        return sum(
            _holds(question, document)
            for partition, question in questions.items()
            for document in self._documents(partition).values()
        )

    def health(self) -> Health:
        return Health(
            reachable=not self.down, writable=not self.down and not self.refuse, detail="In memory."
        )

    def headroom(self) -> None:
        return None

    def close(self) -> None:
        self._partitions.clear()

    def _documents(self, partition: str) -> dict[str, IndexDocument]:
        self._checked(partition)
        return self._partitions.get(self._live.get(partition, partition), {})

    def _checked(self, partition: str) -> None:
        check_partition(partition)
        if self.down:
            raise Unavailable("The index is out of reach.", code="index_unavailable")


def _holds(question: Question, document: IndexDocument) -> bool:
    match question:
        case MatchAll():
            return True
        case MatchNone():
            return False
        case AnyTerm(slot, tokens):
            return not set(tokens).isdisjoint(_tokens(document, slot))
        case Adjacent(slot, tokens):
            held, size = _tokens(document, slot), len(tokens)
            return any(tuple(held[i : i + size]) == tokens for i in range(len(held)))
        case Within(slot, left, right, distance):
            held = _tokens(document, slot)
            return any(
                abs(i - j) <= distance
                for i, one in enumerate(held)
                for j, other in enumerate(held)
                if (one, other) == (left, right)
            )
        case TimeRange(start, end):
            return (start is None or start <= document.at_ms) and (end is None or document.at_ms < end)
        case AllOf(parts):
            return all(_holds(part, document) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, document) for part in parts)
        case NotOf(part):
            return not _holds(part, document)


def _tokens(document: IndexDocument, slot: str) -> list[str]:
    tokens: str = getattr(document, slot)
    return tokens.split()
