"""From a query to the question an index can answer, per partition.

An index sees blind tokens only. Some things it cannot answer exactly: where function words matter
(they are not indexed), PRE/n, W/n of a term with itself, of phrases, of large groups. For those a
plan asks for candidates, a superset, and the plain text decides. To keep that sound under NOT, every
node is translated twice: into what it matches at most and at least; NOT swaps the two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final, assert_never

from audit.search.function_words import FUNCTION_WORDS
from audit.search.leaf import bad_query
from audit.search.port import (
    Adjacent,
    AllOf,
    AnyOf,
    AnyTerm,
    MatchAll,
    MatchNone,
    NotOf,
    Question,
    Slot,
    TimeRange,
    Within,
)
from audit.search.syntax import And, Attribute, Field, Leaf, Near, Node, Not, Or, Phrase, Prefix, Sent, Word
from audit.search.tokens import FILE, FILLER, TELLS_OF_FILES, Blinder
from audit.search.vocabulary import MAX_EXPANSION, Vocabulary
from core.errors import InvalidInput

MAX_PAIRS: Final = 64
"""A W/n of two groups is asked pair by pair up to this many pairs; beyond, candidates are verified."""

_SLOTS: Final[dict[Field, Slot]] = {
    Field.BODY: "body",
    Field.FROM: "sender",
    Field.TO: "audience",
    Field.IN: "conversation",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask a partition. Unless ``exact``, each hit is a candidate to verify on its text."""

    question: Question
    exact: bool


def tells_of_files(blinder: Blinder) -> Question:
    """Return the question for documents that tell whether there are files."""
    return AnyTerm("has", (blinder.token("has", TELLS_OF_FILES),))


def silent_on_files(blinder: Blinder) -> Question:
    """Return the question for documents of before an index told of files."""
    return NotOf(tells_of_files(blinder))


def plan(node: Node, blinder: Blinder, vocabulary: Vocabulary | None, *, silent: bool = False) -> Plan:
    """Return what to ask the partition whose tokens ``blinder`` makes and whose words these are.

    ``silent`` says that some of its documents do not tell of files: those are verified on their text.

    Raises:
        InvalidInput: ``too_common`` when the query would have every record read; ``bad_query`` when a
            ``*`` stands for more words than a search takes, or the words are not known here.
    """
    bounds = _Translator(blinder, vocabulary, silent_on_files(blinder) if silent else MatchNone()).bounds(
        node
    )
    exact = bounds.most == bounds.least
    if not exact and isinstance(bounds.most, MatchAll):
        raise InvalidInput(
            "These words are too common to be indexed. Add a rarer word, or narrow by from:, in: or sent:.",
            code="too_common",
        )
    return Plan(bounds.most, exact)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A superset and a subset of what a node matches."""

    most: Question
    least: Question


class _Translator:
    """Translates the nodes of one query for one partition."""

    def __init__(self, blinder: Blinder, vocabulary: Vocabulary | None, silent: Question) -> None:
        self._token: Callable[[str, str], str] = blinder.token
        self._vocabulary = vocabulary
        self._silent = silent

    def bounds(self, node: Node) -> _Bounds:
        match node:
            case Word() | Prefix() | Phrase():
                return self._leaf(node)
            case Attribute("has", value) if value == FILE:
                told = AnyTerm("has", (self._token("has", FILE),))
                return _Bounds(_any_of([told, self._silent]), told)
            case Attribute(name, value):
                return _exactly(AnyTerm(name, (self._token(name, value),)))
            case Sent(start, end):
                return _exactly(TimeRange(start, end))
            case Near():
                return self._near(node)
            case Not(inner):
                found = self.bounds(inner)
                return _Bounds(_without(found.least), _without(found.most))
            case And(nodes):
                return _combined(_all_of, map(self.bounds, nodes))
            case Or(nodes):
                return _combined(_any_of, map(self.bounds, nodes))
            case _:
                assert_never(node)

    def _leaf(self, leaf: Leaf) -> _Bounds:
        """Return the bounds of a word, a prefix or a phrase."""
        slot = _SLOTS[leaf.field]
        if not isinstance(leaf, Phrase):
            tokens = self._tokens(leaf)
            return _inexactly(MatchAll()) if tokens is None else _exactly(_any_term(slot, tokens))
        places = [self._tokens(word) for word in leaf.words]
        known = [tokens for tokens in places if tokens is not None]
        if not known:
            return _inexactly(MatchAll())
        if all(len(tokens) == 1 for tokens in known):
            # A filler stands where a function word was: not proof, but far fewer candidates.
            sequence = Adjacent(slot, tuple(FILLER if tokens is None else tokens[0] for tokens in places))
            return _exactly(sequence) if len(known) == len(places) else _inexactly(sequence)
        return _inexactly(_all_of([_any_term(slot, tokens) for tokens in known]))

    def _tokens(self, word: Word | Prefix) -> tuple[str, ...] | None:
        """Return the tokens that stand for ``word`` in the index; ``None`` for a function word."""
        if isinstance(word, Word):
            if word.field is Field.BODY and word.term in FUNCTION_WORDS:
                return None
            return (self._token(word.field, word.term),)
        if self._vocabulary is None:
            raise bad_query("Whole words are found here, without *.", word.at, "the whole word")
        expansion = self._vocabulary.expand(word.field, word.stem)
        if not expansion.complete:
            raise bad_query(
                f"“{word.stem}*” stands for {expansion.count:,} words; a search takes {MAX_EXPANSION:,}.",
                word.at,
                "more letters before the *",
            )
        return tuple(self._token(word.field, term) for term in expansion.terms)

    def _near(self, node: Near) -> _Bounds:
        """Return the bounds of W/n and PRE/n.

        Two different tokens within n is all that every engine answers exactly; groups of single
        words are spelled out into pairs of those.
        """
        slot = _SLOTS[Field.BODY]
        sides = [self._single_tokens(side) for side in (node.left, node.right)]
        left, right = sides
        if left is None or right is None or len(left) * len(right) > MAX_PAIRS:
            both = (_any_of([self._leaf(leaf).most for leaf in side]) for side in (node.left, node.right))
            return _inexactly(_all_of(list(both)))
        pairs = sorted({(min(pair), max(pair)) for pair in product(left, right)})
        apart: list[Question] = [
            Within(slot, one, other, node.distance) for one, other in pairs if one != other
        ]
        same = [AnyTerm(slot, (one,)) for one, other in pairs if one == other]
        found = _any_of([*apart, *same])
        return _Bounds(found, MatchNone() if node.ordered else _any_of(apart))

    def _single_tokens(self, side: tuple[Leaf, ...]) -> tuple[str, ...] | None:
        """Return the tokens of a side of single indexed words; ``None`` if it has anything else."""
        gathered: list[str] = []
        for leaf in side:
            tokens = None if isinstance(leaf, Phrase) else self._tokens(leaf)
            if tokens is None:
                return None
            gathered.extend(tokens)
        return tuple(gathered)


def _exactly(question: Question) -> _Bounds:
    return _Bounds(question, question)


def _inexactly(question: Question) -> _Bounds:
    """Return the bounds of candidates; where there is none, that is exact."""
    return _Bounds(question, MatchNone())


def _combined(join: Callable[[list[Question]], Question], parts: Iterable[_Bounds]) -> _Bounds:
    found = list(parts)
    return _Bounds(join([part.most for part in found]), join([part.least for part in found]))


def _any_term(slot: Slot, tokens: tuple[str, ...]) -> Question:
    return AnyTerm(slot, tokens) if tokens else MatchNone()


def _without(part: Question) -> Question:
    match part:
        case MatchAll():
            return MatchNone()
        case MatchNone():
            return MatchAll()
        case NotOf(inner):
            return inner
        case _:
            return NotOf(part)


def _all_of(parts: list[Question]) -> Question:
    if any(isinstance(part, MatchNone) for part in parts):
        return MatchNone()
    kept = tuple(dict.fromkeys(part for part in parts if not isinstance(part, MatchAll)))
    if not kept:
        return MatchAll()
    return kept[0] if len(kept) == 1 else AllOf(kept)


def _any_of(parts: list[Question]) -> Question:
    if any(isinstance(part, MatchAll) for part in parts):
        return MatchAll()
    kept = tuple(dict.fromkeys(part for part in parts if not isinstance(part, MatchNone)))
    if not kept:
        return MatchNone()
    return kept[0] if len(kept) == 1 else AnyOf(kept)
