"""The single parts of a query: a word, a phrase or a value under the field it stands in."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from audit.search.syntax import Attribute, Field, Node, Phrase, Prefix, Sent, Word
from audit.search.tokens import FILE, LINK, analyse, fold
from core.errors import InvalidInput
from core.types import Verdict, to_ms

MIN_LITERALS: Final = 2


WarningCode = Literal["lower_case_operator", "not_an_operator", "occurs_nowhere", "expanded", "left_out"]


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """Something the author of a query should know: a stable code, a sentence, and where.

    ``suggestion`` is a word to search for instead; ``count`` how many words a ``*`` stands for.
    """

    code: WarningCode
    message: str
    position: int
    suggestion: str | None = None
    count: int | None = None


def bad_query(message: str, position: int, expected: str) -> InvalidInput:
    """Return the error for a query that cannot be answered as typed."""
    return InvalidInput(message, code="bad_query", position=position, expected=expected)


def leaf(name: str, text: str, at: int) -> Node:
    """Return the node for ``text``, a bare word or a phrase in quotation marks, under field ``name``.

    Raises:
        InvalidInput: ``bad_query``.
    """
    return FIELDS[name](text, at) if name in FIELDS else _words(Field(name), text, at)


_OPERATORS: Final = {"and": "to require both", "or": "to find either", "not": "to exclude"}


def warn_about(words: Iterable[tuple[str, int]]) -> Iterator[QueryWarning]:
    """Yield a warning for each bare word that looks like an operator of this or another language."""
    for word, at in words:
        if purpose := _OPERATORS.get(word.lower()):
            yield QueryWarning(
                "lower_case_operator",
                f"“{word}” is searched as a word; write {word.upper()} {purpose}.",
                at,
            )
        elif _LOWER_PROXIMITY.fullmatch(word):
            yield QueryWarning(
                "lower_case_operator",
                f"“{word}” is searched as words; write {word.upper()} for a distance.",
                at,
            )
        elif sign := _FOREIGN_SIGN.search(word):
            yield QueryWarning(
                "not_an_operator",
                f"“{sign.group()}” is not understood; operators are AND OR NOT W/n PRE/n and * at the end.",
                at + sign.start(),
            )


_LOWER_PROXIMITY = re.compile(r"(?:w|pre)/[0-9]+", re.IGNORECASE)
_FOREIGN_SIGN = re.compile(r"^[+-](?=\w)|(?<=\w)\?(?=\w)|(?<=\w)[~%]\d*$")


def _words(field: Field, text: str, at: int) -> Node:
    """Return the word, prefix or phrase that ``text`` asks for."""
    quoted = text.startswith('"')
    found: list[Word | Prefix] = []
    for typed in re.finditer(r"\S+", text.strip('"') if quoted else text):
        found.extend(_typed(field, typed.group(), at + quoted + typed.start()))
    if not found:
        raise bad_query(f"There is nothing to search for in {text}.", at, "letters, digits or an emoji")
    return found[0] if len(found) == 1 else Phrase(field, tuple(found), at)


def _typed(field: Field, typed: str, at: int) -> Iterator[Word | Prefix]:
    """Yield the terms of what was typed between two spaces; it may hold several, or none."""
    stem = typed.removesuffix("*")
    if "*" in stem:
        raise bad_query(
            "A * stands at the end of a word.", at + typed.index("*"), "the beginning of a word, then *"
        )
    tokens = analyse(stem)
    if stem == typed or not tokens:
        if stem != typed:
            raise bad_query("A * needs the beginning of a word before it.", at, _TWO_LETTERS)
        yield from (Word(field, token.term, at + token.start) for token in tokens)
        return
    last = tokens[-1]
    if sum(map(str.isalnum, stem)) < MIN_LITERALS:
        raise bad_query(f"“{typed}” would match too much.", at, _TWO_LETTERS)
    yield from (Word(field, token.term, at + token.start) for token in tokens[:-1])
    yield Prefix(field, last.term, at + last.start)


_TWO_LETTERS: Final = f"at least {MIN_LITERALS} letters or digits before the *"


def _has(text: str, at: int) -> Node:
    """Return the node for ``has:``."""
    return _attribute("has", (LINK, FILE), text, at)


def _verdict(text: str, at: int) -> Node:
    """Return the node for ``verdict:``."""
    return _attribute("verdict", tuple(Verdict), text, at)


def _kind(text: str, at: int) -> Node:
    """Return the node for ``kind:``; kinds of versions grow, so any single word will do."""
    value = text.strip('"').lower()
    if not re.fullmatch(r"[a-z_]+", value):
        raise bad_query("A kind is one word.", at, "a kind such as edit or delete")
    return Attribute("kind", value, at)


def _attribute(name: Literal["has", "verdict"], known: tuple[str, ...], text: str, at: int) -> Node:
    """Return a node for a value out of a fixed set."""
    value = fold(text.strip('"'))
    if value not in known:
        raise bad_query(f"{name}: does not know {text}.", at, "one of " + ", ".join(known))
    return Attribute(name, value, at)


_DATE = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"
_EXPECTED_DATE: Final = "2026-03-02, 2026-03, 2026-03-01..2026-03-31, >=2026-03-02 or <=2026-03-02"


def _sent(text: str, at: int) -> Node:
    """Return the node for ``sent:``; days, months and years begin and end in UTC."""
    value = text.strip('"')
    if match := re.fullmatch(_DATE, value):
        return Sent(*_span(match.groups(), at), at)
    if match := re.fullmatch(r"(>=|<=)" + _DATE, value):
        start, end = _span(match.groups()[1:], at)
        return Sent(start, None, at) if match.group(1) == ">=" else Sent(None, end, at)
    if match := re.fullmatch(rf"{_DATE}\.\.{_DATE}", value):
        start, end = _span(match.groups()[:3], at)[0], _span(match.groups()[3:], at)[1]
        if start >= end:
            raise bad_query("The range ends before it begins.", at, "the earlier date first")
        return Sent(start, end, at)
    raise bad_query(f"{text} is not a date.", at, _EXPECTED_DATE)


def _span(parts: tuple[str | None, ...], at: int) -> tuple[int, int]:
    """Return the first millisecond of a year, month or day, and the first after it."""
    year, month, day = (int(part) if part else None for part in parts)
    try:
        assert year is not None
        start = datetime(year, month or 1, day or 1, tzinfo=UTC)
        last_month = month or 12
        last = datetime(year, last_month, day or monthrange(year, last_month)[1], tzinfo=UTC)
        return to_ms(start), to_ms(last + timedelta(days=1))
    except (ValueError, OverflowError):
        raise bad_query("There is no such date.", at, _EXPECTED_DATE) from None


def _named(field: Field) -> Callable[[str, int], Node]:
    """Return the reader of a field that holds names."""
    return lambda text, at: _words(field, text, at)


FIELDS: Final[dict[str, Callable[[str, int], Node]]] = {
    "from": _named(Field.FROM),
    "to": _named(Field.TO),
    "in": _named(Field.IN),
    "sent": _sent,
    "has": _has,
    "verdict": _verdict,
    "kind": _kind,
}
"""What may stand before a colon, and how its value is read."""
