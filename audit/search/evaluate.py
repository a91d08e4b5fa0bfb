"""The meaning of the query language, by brute force over plain text.

This is the reference that every engine is held to, and what decides where an engine can only offer
candidates. It knows no index and no key.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from audit.search.function_words import FUNCTION_WORDS
from audit.search.port import SearchRecord
from audit.search.syntax import (
    And,
    Attribute,
    Field,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Sent,
    Word,
    leaves,
)
from audit.search.tokens import FILE, LINK, analyse, terms_of
from core.types import to_ms

Span = tuple[int, int]
"""The first and the last position of an occurrence."""


def matches(node: Node, record: SearchRecord) -> bool:
    """Tell whether ``record`` is one that the query asks for."""
    return _matches(node, _Analysed(record))


def highlights(node: Node, body: str) -> tuple[tuple[int, int], ...]:
    """Return the character ranges of ``body`` that the query's words in the text match, merged, in order.

    What stands under NOT is not among them.
    """
    tokens = analyse(body)
    positions = _positions([token.term for token in tokens])
    spans = {
        (tokens[first].start, tokens[last].end)
        for leaf in _affirmed(node)
        if leaf.field is Field.BODY
        for first, last in _occurrences(leaf, positions)
    }
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


Positions = Mapping[str, Sequence[int]]


class _Analysed:
    """A record with the positions of its terms, worked out field by field when asked for."""

    def __init__(self, record: SearchRecord) -> None:
        self.record = record
        self._fields: dict[Field, Positions] = {}

    def positions(self, field: Field) -> Positions:
        """Return where each term of ``field`` stands."""
        if field not in self._fields:
            self._fields[field] = _positions(self._terms(field))
        return self._fields[field]

    def _terms(self, field: Field) -> Iterable[str]:
        """Return the terms of ``field``; an empty one between two names keeps phrases apart."""
        match field:
            case Field.BODY:
                return terms_of(self.record.body)
            case Field.FROM:
                return _names(self.record.sender_names)
            case Field.TO:
                return _names(self.record.audience_names)
            case Field.IN:
                return _names(self.record.conversation_names)

    @cached_property
    def at_ms(self) -> int:
        """Return when the record was sent."""
        return to_ms(self.record.at)


def _names(names: Sequence[str]) -> Iterable[str]:
    """Yield the terms of all names with an empty one after each."""
    for name in names:
        yield from terms_of(name)
        yield ""


def _positions(terms: Iterable[str]) -> Positions:
    """Return the ascending positions of each term."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for position, term in enumerate(terms):
        found[term].append(position)
    return found


def _matches(node: Node, text: _Analysed) -> bool:
    match node:
        case Word(field, term):
            return term in text.positions(field)
        case Prefix() | Phrase():
            return bool(_occurrences(node, text.positions(node.field)))
        case Attribute("has", value):
            return {LINK: text.record.has_link, FILE: text.record.has_file}[value]
        case Attribute("verdict", value):
            return text.record.verdict == value
        case Attribute("kind", value):
            return text.record.kind == value
        case Sent(start, end):
            return (start is None or start <= text.at_ms) and (end is None or text.at_ms < end)
        case Near():
            return _near(node, text.positions(Field.BODY))
        case Not(inner):
            return not _matches(inner, text)
        case And(nodes):
            return all(_matches(part, text) for part in nodes)
        case Or(nodes):
            return any(_matches(part, text) for part in nodes)
    return False


def _near(node: Near, positions: Positions) -> bool:
    """Tell whether an occurrence of each side stands near enough to one of the other."""
    right = [span for leaf in node.right for span in _occurrences(leaf, positions)]
    if not right:
        return False
    left = (span for leaf in node.left for span in _occurrences(leaf, positions))
    return any(_close(one, other, node) for one in left for other in right)


def _close(left: Span, right: Span, node: Near) -> bool:
    """Compare the distance of the nearest edges; what overlaps is not near but the same place."""
    if left[1] < right[0]:
        return right[0] - left[1] <= node.distance
    return not node.ordered and right[1] < left[0] and left[0] - right[1] <= node.distance


def _occurrences(leaf: Leaf, positions: Positions) -> list[Span]:
    """Return where ``leaf`` occurs."""
    if not isinstance(leaf, Phrase):
        return [(place, place) for place in _places(leaf, positions)]
    first, *rest = (_places(word, positions) for word in leaf.words)
    return [
        (start, start + len(rest))
        for start in first
        if all(_holds(places, start + offset) for offset, places in enumerate(rest, 1))
    ]


def _places(word: Word | Prefix, positions: Positions) -> Sequence[int]:
    """Return the ascending positions of a word, or of the words that a prefix stands for."""
    if isinstance(word, Word):
        return positions.get(word.term, ())
    return sorted(
        place
        for term, places in positions.items()
        if term.startswith(word.stem) and not (word.field is Field.BODY and term in FUNCTION_WORDS)
        for place in places
    )


def _holds(places: Sequence[int], wanted: int) -> bool:
    """Tell whether ``wanted`` is among ascending ``places``."""
    index = bisect_left(places, wanted)
    return index < len(places) and places[index] == wanted


def _affirmed(node: Node) -> Iterable[Leaf]:
    """Yield the leaves that are asked for rather than excluded."""
    match node:
        case Not():
            return
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from _affirmed(part)
        case _:
            yield from leaves(node)
