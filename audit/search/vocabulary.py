"""Which words a partition holds, so that ``word*`` can be spelled out and a misspelt word be named.

The worker collects the terms it has not seen and hands them, as bytes, to the archiver, which seals
them beside the records in the same transaction. The desk opens those deltas and puts the
vocabulary together. A term may be in several deltas (the worker forgets when it restarts): the union
counts.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from audit.search.function_words import FUNCTION_WORDS
from audit.search.port import SearchRecord
from audit.search.syntax import Field
from audit.search.tokens import terms_of
from core.errors import IntegrityError

MAX_EXPANSION: Final = 1_000
MAX_EDITS: Final = 2

_FORMAT: Final = b"\x01"
# Shorter words are two edits away from almost anything.
_SHORTEST_CORRECTED: Final = 4

FieldTerm = tuple[Field, str]


def field_terms(records: Iterable[SearchRecord]) -> Iterator[FieldTerm]:
    """Yield every (field, term) that an index holds of ``records``; function words of the text are not.

    Each name is looked at once, however many of the records carry it.
    """
    names: set[tuple[Field, str]] = set()
    for record in records:
        for term in terms_of(record.body):
            if term not in FUNCTION_WORDS:
                yield Field.BODY, term
        names.update((Field.FROM, name) for name in record.sender_names)
        names.update((Field.TO, name) for name in record.audience_names)
        names.update((Field.IN, name) for name in record.conversation_names)
    for field, name in names:
        for term in terms_of(name):
            yield field, term


class NewTerms:
    """What one process has already put into the vocabulary of one partition."""

    def __init__(self) -> None:
        self._seen: set[FieldTerm] = set()

    def of(self, records: Iterable[SearchRecord]) -> frozenset[FieldTerm]:
        """Return the terms of ``records`` that were not :meth:`kept` yet; changes nothing."""
        return frozenset(field_terms(records)) - self._seen

    def kept(self, terms: frozenset[FieldTerm]) -> None:
        """Note that ``terms`` are committed; call it after the transaction, not before."""
        self._seen |= terms


def encode_delta(terms: Iterable[FieldTerm]) -> bytes:
    """Return ``terms`` as the payload to seal: a version byte, then compressed ``field<TAB>term`` lines."""
    lines = sorted(f"{field}\t{term}" for field, term in terms)
    return _FORMAT + zlib.compress("\n".join(lines).encode())


def decode_delta(payload: bytes) -> Iterator[FieldTerm]:
    """Yield the terms of a payload.

    Raises:
        IntegrityError: it is none of ours.
    """
    try:
        if payload[:1] != _FORMAT:
            raise IntegrityError("A part of the vocabulary has an unknown format.", code="bad_vocabulary")
        for line in zlib.decompress(payload[1:]).decode().split("\n"):
            if line:
                field, term = line.split("\t")
                yield Field(field), term
    except (zlib.error, ValueError) as error:
        raise IntegrityError("A part of the vocabulary cannot be read.", code="bad_vocabulary") from error


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a prefix stands for: at most the limit of ``terms``, and how many there are."""

    terms: tuple[str, ...]
    count: int

    @property
    def complete(self) -> bool:
        """Tell whether ``terms`` are all."""
        return self.count == len(self.terms)


class Vocabulary:
    """The sorted terms of a partition, or of several, by field."""

    def __init__(self, terms: Iterable[FieldTerm] = ()) -> None:
        gathered: dict[Field, set[str]] = {field: set() for field in Field}
        for field, term in terms:
            gathered[field].add(term)
        self._terms: Mapping[Field, list[str]] = {field: sorted(found) for field, found in gathered.items()}

    @classmethod
    def from_deltas(cls, payloads: Iterable[bytes]) -> "Vocabulary":
        """Put a vocabulary together from what :func:`encode_delta` wrote.

        Raises:
            IntegrityError: ``bad_vocabulary``.
        """
        return cls(pair for payload in payloads for pair in decode_delta(payload))

    def __len__(self) -> int:
        return sum(map(len, self._terms.values()))

    def has(self, field: Field, term: str) -> bool:
        """Tell whether ``term`` occurs."""
        terms = self._terms[field]
        index = bisect_left(terms, term)
        return index < len(terms) and terms[index] == term

    def expand(self, field: Field, stem: str, limit: int = MAX_EXPANSION) -> Expansion:
        """Return the terms that begin with ``stem``, in order, and their true number."""
        terms = self._terms[field]
        first = bisect_left(terms, stem)
        last = bisect_left(terms, stem + "\U0010ffff", first)
        return Expansion(tuple(terms[first : min(last, first + limit)]), last - first)

    def near(self, field: Field, term: str) -> str | None:
        """Return the closest term at most two edits away with the same first letter, if there is one."""
        if len(term) < _SHORTEST_CORRECTED:
            return None
        best, best_edits = None, MAX_EDITS + 1
        for other in self.expand(field, term[0], limit=len(self._terms[field])).terms:
            if other != term and abs(len(other) - len(term)) < best_edits:
                edits = edit_distance(term, other, best_edits - 1)
                if edits < best_edits:
                    best, best_edits = other, edits
        return best


def edit_distance(one: str, other: str, most: int) -> int:
    """Return the Levenshtein distance, or ``most + 1`` as soon as it is known to be larger than ``most``."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
