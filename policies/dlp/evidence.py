"""How sure: what the text around a value adds to, or takes from, what its form and checksum say.

Levels are those of Microsoft Purview: low 65, medium 75, high 85. A checksum alone is weak evidence,
since one in ten numbers passes Luhn; a keyword near the value makes it high; a word that numbers things
("order", "ticket"), or letters that touch the number, take it below medium.
"""

import functools
import re
from bisect import bisect_left
from collections.abc import Sequence
from enum import Enum

from core.types import Confidence

#: How far before and after a value a numbering word counts, in characters.
_BEFORE = 32
_AFTER = 20
_GLUE = frozenset("-/.@\\%&~_,")
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+\Z")

Spans = Sequence[tuple[int, int]]


class Standing(Enum):
    """How a value stands among its neighbours."""

    FREE = "blanks or punctuation around it"
    GLUED = "part of a longer path, id, decimal number or address"
    TIGHT = "letters or digits touch it"


def standing(text: str, start: int, end: int) -> Standing:
    """Return how the value ``text[start:end]`` stands."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or after.isalnum() or before == "_" or after == "_":
        return Standing.TIGHT
    if before in _GLUE and start > 1 and text[start - 2].isalnum():
        return Standing.GLUED
    if after in _GLUE and end + 1 < len(text) and _continues(text[end + 1]):
        return Standing.GLUED
    if not before.isspace():
        token = text[max(0, start - 200) : start].rsplit(None, 1)
        if token and ("://" in token[-1] or "www." in token[-1]):
            return Standing.GLUED
    return Standing.FREE


def _continues(character: str) -> bool:
    return character.isdigit() or character.islower()


def touching_keyword(text: str, start: int, end: int, keywords: Sequence[str]) -> bool:
    """Tell whether the letters that touch a value from the left are one of its keywords (``card4111…``)."""
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return False
    letters = _LETTERS_BEFORE.search(text, max(0, start - 24), start)
    return letters is not None and letters.group().casefold().endswith(tuple(keywords))


@functools.lru_cache(maxsize=64)
def _numbering(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of built-in numbering words; they are literals."""
    return re.compile(rf"(?<!\w)(?:(?:{'|'.join(map(re.escape, words))})(?!\w)|#\Z)", re.IGNORECASE)


def _numbered(text: str, start: int, end: int, words: tuple[str, ...]) -> int | None:
    """Return the distance to the nearest numbering word in the value's own line, or nothing."""
    if not words:
        return None
    pattern = _numbering(words)
    nearest: int | None = None
    for match in pattern.finditer(text, max(0, start - _BEFORE), start):
        nearest = start - match.end()
    following = pattern.search(text, end, min(len(text), end + _AFTER))
    if following is not None and (nearest is None or following.start() - end < nearest):
        nearest = following.start() - end
    return nearest


def nearest_keyword(spans: Spans, start: int, end: int, window: int) -> int | None:
    """Return the distance from a value to the nearest of its keywords, or nothing beyond ``window``.

    ``spans`` are sorted by their end.
    """
    nearest: int | None = None
    at = bisect_left(spans, (start + 1,), key=lambda span: (span[1],))
    if at and start - spans[at - 1][1] <= window:
        nearest = start - spans[at - 1][1]
    for low, _ in spans[at : at + 3]:
        if low >= end:
            if low - end <= window and (nearest is None or low - end < nearest):
                nearest = low - end
            break
    return nearest


def grade(
    base: int | None, keyword: int | None, numbered: int | None, stands: Standing, weak: bool
) -> int | None:
    """Return the confidence in a valid value, or nothing when it is not worth a word.

    ``base`` is the confidence of its written form alone (``None``: only with a keyword), ``keyword``
    and ``numbered`` are distances to the nearest word that supports or opposes it.
    """
    if base is not None and weak:
        base = Confidence.LOW
    if keyword is None:
        if base is None or stands is Standing.TIGHT:
            return None
        if numbered is not None or stands is Standing.GLUED:
            return Confidence.LOW
        return base
    if stands is Standing.TIGHT:
        return Confidence.LOW
    if stands is Standing.GLUED or (numbered is not None and numbered < keyword):
        return Confidence.MEDIUM if base is not None else Confidence.LOW
    return Confidence.HIGH


def confidence_of(
    text: str,
    start: int,
    end: int,
    *,
    base: int | None,
    keyword: int | None,
    negative: tuple[str, ...],
    stands: Standing,
    weak: bool,
) -> int | None:
    """Return the confidence in the value ``text[start:end]``; see :func:`grade`."""
    return grade(base, keyword, _numbered(text, start, end, negative), stands, weak)  # fmt: skip
