"""Answers a query over many partitions: newest first, page by page, and never more than it can show.

What comes back are record ids. Candidates that an index could not decide are decided here, on the
plain text that a :class:`Verifier` fetches; one whose text cannot be had is named, not dropped.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, Protocol

from audit.search.evaluate import matches
from audit.search.function_words import FUNCTION_WORDS
from audit.search.leaf import QueryWarning
from audit.search.plan import Plan, plan, silent_on_files
from audit.search.port import Hit, MatchNone, SearchIndex, SearchRecord
from audit.search.query import Query
from audit.search.syntax import Attribute, Field, Prefix, Word, asks_for, words
from audit.search.tokens import FILE, Blinder
from audit.search.vocabulary import Vocabulary
from core.types import to_ms

PAGE: Final = 50
MAX_SCAN: Final = 20_000
"""Candidates read for one page at most; a page may then be short and the next one goes on."""
MAX_COUNT: Final = 1_000
"""Candidates read to tell the total of a query that needs reading; beyond, it is "at least"."""

_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class OpenPartition:
    """A partition that the searcher holds the key of, in its ``blinder``.

    ``vocabulary`` is ``None`` where its words may not be told: then ``word*`` cannot be asked, and nothing
    is said of words that occur nowhere. ``newest`` bounds the time of its records from above; ``None`` if
    that is not known.
    """

    partition: str
    blinder: Blinder
    vocabulary: Vocabulary | None
    newest: datetime | None = None


class Verifier(Protocol):
    """Fetches plain text to verify candidates on."""

    def texts(self, rids: Sequence[str]) -> Mapping[str, SearchRecord]:
        """Return the records that can be read, by id; ids of the others are missing."""
        ...


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page: hits newest first, how many there are, and what the searcher should know.

    ``total`` is exact where ``total_exact``, else a lower bound. ``next_page`` is the ``after`` of
    the next page, or ``None`` at the end. ``unverified`` are candidates that could not be read.
    """

    hits: tuple[Hit, ...]
    total: int
    total_exact: bool
    next_page: Hit | None
    warnings: tuple[QueryWarning, ...] = ()
    unverified: tuple[str, ...] = ()


def search(
    index: SearchIndex,
    partitions: Sequence[OpenPartition],
    query: Query,
    verifier: Verifier,
    *,
    limit: int = PAGE,
    after: Hit | None = None,
    counted: bool = True,
) -> SearchResult:
    """Return one page of what ``query`` matches in ``partitions``.

    Unless ``counted``, the engine is not asked how many there are beyond the page.

    Raises:
        InvalidInput: ``too_common`` or ``bad_query`` (a ``*`` that stands for too many words).
        Unavailable: ``index_unavailable``.
    """
    silent = _silent_on_files(index, partitions, query)
    plans = [
        (part, plan(query.tree, part.blinder, part.vocabulary, silent=part.partition in silent))
        for part in partitions
    ]
    asked = [(partition, found) for partition, found in plans if not isinstance(found.question, MatchNone)]
    candidates = _newest_first(index, asked, limit, after)
    page = _Page(query, verifier, limit)
    exhausted = page.fill(candidates)
    vocabularies = [part.vocabulary for part in partitions if part.vocabulary is not None]
    about = _about_words(query, vocabularies) if len(vocabularies) == len(partitions) else ()
    warnings = (*query.warnings, *about)
    total, total_exact = page.matched, exhausted and after is None
    if counted and not total_exact and all(found.exact for _, found in asked):
        total, total_exact = index.total({part.partition: found.question for part, found in asked}), True
    return SearchResult(
        hits=tuple(page.hits),
        total=total,
        total_exact=total_exact,
        next_page=page.resume,
        warnings=warnings,
        unverified=tuple(page.unread),
    )


def _silent_on_files(index: SearchIndex, partitions: Sequence[OpenPartition], query: Query) -> frozenset[str]:
    """Return the partitions with documents that do not tell of files, where ``query`` asks for those."""
    if not asks_for(query.tree, Attribute("has", FILE)):
        return frozenset()
    questions = {part.partition: silent_on_files(part.blinder) for part in partitions}
    if not index.total(questions):
        return frozenset()
    return frozenset(name for name, question in questions.items() if index.total({name: question}))


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    certain: bool


class _Page:
    """Collects one page out of a stream of candidates, and counts a little beyond."""

    def __init__(self, query: Query, verifier: Verifier, limit: int) -> None:
        self._query = query
        self._verifier = verifier
        self._limit = limit
        self.hits: list[Hit] = []
        self.unread: list[str] = []
        self.matched = 0
        self.resume: Hit | None = None

    def fill(self, candidates: Iterator[_Candidate]) -> bool:
        """Take candidates until the page is full and counted; tell whether none is left."""
        scanned = 0
        last: Hit | None = None
        while batch := list(islice(candidates, min(_BATCH, self._limit + 1))):
            scanned += len(batch)
            uncertain = any(not candidate.certain for candidate in batch)
            for hit in self._decided(batch):
                self.matched += 1
                if len(self.hits) < self._limit:
                    self.hits.append(hit)
                elif self.resume is None:
                    self.resume = self.hits[-1]
            last = batch[-1].hit
            full = self.resume is not None
            if scanned >= MAX_SCAN or (full and (not uncertain or scanned >= MAX_COUNT)):
                # Stopped for its length, not for want of candidates: go on after what was read.
                self.resume = self.resume or last
                return False
        return True

    def _decided(self, batch: Sequence[_Candidate]) -> Iterator[Hit]:
        """Yield what matches out of ``batch``, in its order."""
        doubtful = [candidate.hit.rid for candidate in batch if not candidate.certain]
        texts = self._verifier.texts(doubtful) if doubtful else {}
        for candidate in batch:
            record = texts.get(candidate.hit.rid)
            if candidate.certain or (record is not None and matches(self._query.tree, record)):
                yield candidate.hit
            elif record is None:
                self.unread.append(candidate.hit.rid)


def _newest_first(
    index: SearchIndex, asked: Sequence[tuple[OpenPartition, Plan]], limit: int, after: Hit | None
) -> Iterator[_Candidate]:
    """Merge the partitions by time; one is asked only when its records may be next."""
    unopened = sorted(asked, key=lambda pair: _bound(pair[0]), reverse=True)
    heads: list[tuple[_Newest, int, Iterator[Hit], bool]] = []
    opened = 0
    while heads or opened < len(unopened):
        while opened < len(unopened) and (not heads or _bound(unopened[opened][0]) >= heads[0][0].hit.at_ms):
            partition, found = unopened[opened]
            stream = _stream(index, partition.partition, found, limit, after)
            _push(heads, opened, stream, found.exact)
            opened += 1
        if heads:
            newest, order, stream, certain = heapq.heappop(heads)
            yield _Candidate(newest.hit, certain)
            _push(heads, order, stream, certain)


@dataclass(frozen=True, slots=True)
class _Newest:
    """Orders hits newest first for a heap."""

    hit: Hit

    def __lt__(self, other: "_Newest") -> bool:
        return self.hit > other.hit


def _push(
    heap: list[tuple[_Newest, int, Iterator[Hit], bool]], order: int, stream: Iterator[Hit], certain: bool
) -> None:
    """Put a stream back under its next hit, if it has one."""
    hit = next(stream, None)
    if hit is not None:
        heapq.heappush(heap, (_Newest(hit), order, stream, certain))


def _stream(index: SearchIndex, partition: str, found: Plan, limit: int, after: Hit | None) -> Iterator[Hit]:
    """Yield the hits of one partition; fetched in pages that grow while candidates are being read."""
    size = limit + 1
    while True:
        hits = index.search(partition, found.question, limit=size, after=after)
        yield from hits
        if len(hits) < size:
            return
        after = hits[-1]
        size = min(size * 2, 1_000)


def _bound(partition: OpenPartition) -> float:
    """Return a time that no record of the partition is newer than."""
    return float("inf") if partition.newest is None else to_ms(partition.newest)


def _about_words(query: Query, vocabularies: Sequence[Vocabulary]) -> Iterator[QueryWarning]:
    """Yield what the vocabularies tell about the query's words."""
    for word in dict.fromkeys(words(query.tree)):
        if isinstance(word, Prefix):
            yield from _about_prefix(word, vocabularies)
        elif not any(vocabulary.has(word.field, word.term) for vocabulary in vocabularies):
            yield from _about_absent(word, vocabularies)


def _about_prefix(prefix: Prefix, vocabularies: Sequence[Vocabulary]) -> Iterator[QueryWarning]:
    """Yield how many words a prefix stands for, and which function words it leaves out."""
    found = {
        term for vocabulary in vocabularies for term in vocabulary.expand(prefix.field, prefix.stem).terms
    }
    stands = (
        f"“{prefix.stem}*” stands for one word."
        if len(found) == 1
        else f"“{prefix.stem}*” stands for {len(found):,} words."
    )
    yield QueryWarning("expanded", stands, prefix.at, count=len(found))
    left_out = sorted(word for word in FUNCTION_WORDS if word.startswith(prefix.stem))
    if prefix.field is Field.BODY and left_out:
        yield QueryWarning(
            "left_out",
            f"“{prefix.stem}*” does not stand for words too common to be indexed: {', '.join(left_out)}.",
            prefix.at,
            count=len(left_out),
        )


def _about_absent(word: Word, vocabularies: Sequence[Vocabulary]) -> Iterator[QueryWarning]:
    """Yield that a word occurs nowhere, with one that does."""
    if word.field is Field.BODY and word.term in FUNCTION_WORDS:
        return
    near = next(filter(None, (vocabulary.near(word.field, word.term) for vocabulary in vocabularies)), None)
    absent = (
        f"“{word.term}” occurs nowhere. Did you mean “{near}”?" if near else f"“{word.term}” occurs nowhere."
    )
    yield QueryWarning("occurs_nowhere", absent, word.at, suggestion=near)
