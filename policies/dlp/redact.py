"""Redaction: what was found is taken out whole, and nothing around it is damaged."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

import unicode_segmentation_rs

from policies.dlp.detector import Mask
from policies.dlp.shown import mark_pairs

#: What stands in the place of a redacted value, before its label in brackets.
BAR = "▮▮▮"
_BULLETS = "••••"


def _widened(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans widened to grapheme borders (UAX #29), so that no half of a cluster stays behind."""
    if text.isascii() and "\r" not in text:
        return list(spans)
    borders = [0]
    for cluster in unicode_segmentation_rs.graphemes(text, True):
        borders.append(borders[-1] + len(cluster))
    begins, ends = [0] * (len(text) + 1), [0] * (len(text) + 1)
    for low, high in pairwise(borders):
        for at in range(low, high):
            begins[at] = low
            ends[at + 1] = high
    return [(begins[start], ends[end]) for start, end in spans]


def redact(text: str, spans: Sequence[tuple[int, int]], labels: Sequence[str]) -> str:
    """Return ``text`` with each span replaced by ``▮▮▮ [label]``.

    Spans are character offsets and may overlap or repeat: they are widened to grapheme borders and
    merged, and a merged one names each of its labels once. Where a span takes one mark of a pair with
    it (what opens emphasis, code or a link, or what closes it), the other goes as well: half a mark would
    show, or mark something else. All other text outside is unchanged.

    Raises:
        ValueError: a span lies outside the text, is empty or reversed, or labels don't match spans.
    """
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise ValueError(f"span {start}-{end} does not lie in a text of {len(text)} characters")
    # Surrogates cannot be segmented; a stand-in of the same length keeps every offset.
    safe = text.encode("utf-8", "replace").decode("utf-8")
    covers = _merged(zip(_widened(safe, spans), labels, strict=True))
    halves = _halves(text, [(start, end) for start, end, _ in covers])
    if halves:
        covers = _merged(
            [
                *((half, "") for half in halves),
                *(((start, end), label) for start, end, names in covers for label in names),
            ]
        )
    pieces: list[str] = []
    done = 0
    for start, end, names in covers:
        shown = ", ".join(filter(None, names))
        pieces.append(f"{text[done:start]}{BAR} [{shown}]" if shown else text[done:start])
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def _merged(labelled: Iterable[tuple[tuple[int, int], str]]) -> list[tuple[int, int, dict[str, None]]]:
    """Return the spans in order, those that overlap as one, with the labels of each."""
    merged: list[tuple[int, int, dict[str, None]]] = []
    for (start, end), label in sorted(labelled):
        if merged and start < merged[-1][1]:
            low, high, names = merged[-1]
            names[label] = None
            merged[-1] = (low, max(high, end), names)
        else:
            merged.append((start, end, {label: None}))
    return merged


def _halves(text: str, covers: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the marks outside ``covers`` (in order, apart) whose partner lies inside one."""
    begins = [start for start, _ in covers]

    def is_inside(mark: tuple[int, int]) -> bool:
        at = bisect_right(begins, mark[0]) - 1
        return at >= 0 and mark[1] <= covers[at][1]

    halves = []
    for pair in mark_pairs(text) if covers else ():
        inside = [is_inside(mark) for mark in pair]
        if inside[0] != inside[1]:
            halves.append(pair[inside[0]])
    return halves


def masked(value: str, mask: Mask) -> str:
    """Return an excerpt of ``value`` that is safe to show: never more than its last four characters.

    A phrase (``Mask.PLAIN``) is shown as written, cut at 60 characters.
    """
    if mask is Mask.PLAIN:
        return value if len(value) <= 60 else value[:59] + "…"
    if mask is Mask.PREFIX:
        return value[:4] + _BULLETS
    plain = "".join(character for character in value if character.isalnum())
    if mask is Mask.LAST_FOUR and len(plain) >= 9:
        return f"{_BULLETS} {plain[-4:]}"
    return _BULLETS
