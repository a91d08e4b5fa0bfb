"""Text in pieces, with the words of a query marked: what a page shows of what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.search.evaluate import highlights
from audit.search.syntax import Node

EXCERPT: Final = 600
_BEFORE_HIT: Final = 120


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, and whether the query's words are in it."""

    text: str
    hit: bool


def marked(text: str, tree: Node | None, *, excerpt: bool) -> tuple[tuple[Segment, ...], bool]:
    """Return ``text`` in pieces, and whether it was cut; an excerpt begins shortly before the first hit."""
    spans = highlights(tree, text) if tree is not None and text else ()
    start, end = 0, len(text)
    if excerpt and len(text) > EXCERPT:
        start = max(0, min(spans[0][0] - _BEFORE_HIT if spans else 0, len(text) - EXCERPT))
        end = start + EXCERPT
    return tuple(_pieces(text, spans, start, end)), (start, end) != (0, len(text))


def _pieces(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> list[Segment]:
    pieces: list[Segment] = []
    at = start
    for first, last in spans:
        low, high = max(first, at), min(last, end)
        if low >= high:
            continue
        if low > at:
            pieces.append(Segment(text[at:low], hit=False))
        pieces.append(Segment(text[low:high], hit=True))
        at = high
    if at < end:
        pieces.append(Segment(text[at:end], hit=False))
    return pieces
