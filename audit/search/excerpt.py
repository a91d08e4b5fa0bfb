"""Text in pieces, with the words of a query marked: what a page shows of what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.search.evaluate import highlights
from audit.search.syntax import Node

EXCERPT: Final = 600
_BEFORE_HIT: Final = 120

Mention = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, and whether the query's words are in it; ``person`` is whom it mentions, whole."""

    text: str
    hit: bool
    person: str | None = None


def marked(
    text: str, tree: Node | None, *, excerpt: bool, mentions: Sequence[Mention] = ()
) -> tuple[tuple[Segment, ...], bool]:
    """Return ``text`` in pieces, and whether it was cut; an excerpt begins shortly before the first hit.

    ``mentions`` says where, in order, somebody is mentioned; such a piece is never divided.
    """
    spans = highlights(tree, text) if tree is not None and text else ()
    start, end = 0, len(text)
    if excerpt and len(text) > EXCERPT:
        start = max(0, min(spans[0][0] - _BEFORE_HIT if spans else 0, len(text) - EXCERPT))
        end = start + EXCERPT
        spans = tuple((first, last) for first, last in spans if first < end and last > start)
    pieces: list[Segment] = []
    at = start
    for first, last, person in mentions:
        if at <= first and last <= end:
            hit = any(low < last and first < high for low, high in spans)
            pieces += [*_pieces(text, spans, at, first), Segment(text[first:last], hit=hit, person=person)]
            at = last
    return (*pieces, *_pieces(text, spans, at, end)), (start, end) != (0, len(text))


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
