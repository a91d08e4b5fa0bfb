"""Redaction: what was found is taken out whole, and nothing around it is damaged."""

from collections.abc import Sequence
from itertools import pairwise

import unicode_segmentation_rs

from policies.dlp.detector import Mask

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
    merged, and a merged one names each of its labels once. Text outside is unchanged.

    Raises:
        ValueError: a span lies outside the text, is empty or reversed, or labels don't match spans.
    """
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise ValueError(f"span {start}-{end} does not lie in a text of {len(text)} characters")
    merged: list[tuple[int, int, dict[str, None]]] = []
    # Surrogates cannot be segmented; a stand-in of the same length keeps every offset.
    safe = text.encode("utf-8", "replace").decode("utf-8")
    labelled = sorted(zip(_widened(safe, spans), labels, strict=True))
    for (start, end), label in labelled:
        if merged and start < merged[-1][1]:
            low, high, names = merged[-1]
            names[label] = None
            merged[-1] = (low, max(high, end), names)
        else:
            merged.append((start, end, {label: None}))
    pieces: list[str] = []
    done = 0
    for start, end, names in merged:
        pieces.append(f"{text[done:start]}{BAR} [{', '.join(names)}]")
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


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
