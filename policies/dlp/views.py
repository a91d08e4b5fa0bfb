"""Views of a text: as written, as shown, folded, decoded, and joined to what the sender wrote just before.

Each view has a text that is examined like any other and a function that says where a span of it lies
in the message. Views nest (a folded part of a joined text); places compose.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from policies.dlp.fold import fold
from policies.dlp.shown import Shown

#: How much of the preceding messages, and of the present one, a joined view looks at, in characters.
JOINED_LIMIT = 512

_BORDER_BEFORE = re.compile(r"[\s.,;:…/\-–—]+\Z")
_BORDER_AFTER = re.compile(r"\A[\s.,;:…/\-–—]+")
_DIGIT = re.compile(r"\d")
_FRAGMENT = re.compile(r"[0-9]{3,}(?:[ \-.]?[0-9]+)*")

Place = Callable[[int, int], "Placed | None"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A span in the message; ``preceding`` when it began in an earlier one."""

    start: int
    end: int
    preceding: bool = False


@dataclass(slots=True)
class View:
    """A part of a text to examine: characters ``low`` to ``high`` of ``source``.

    Neighbours outside the part stay visible, so a border is never an artefact of the part. ``certain``
    restricts findings to detectors known to be likely (by index); ``None`` accepts all. The pass says
    whether the part ``is_marked``: may be shown otherwise than it is written.
    """

    source: str
    low: int
    high: int
    place: Place
    depth: int = 0
    is_folded: bool = False
    is_shown: bool = False
    is_marked: bool = False
    certain: frozenset[int] | None = None
    near: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


def identity(start: int, end: int) -> Placed:
    """Place a span of the message itself."""
    return Placed(start, end)


def folded_view(view: View) -> View | None:
    """Return the folded form of a view, or nothing when folding changes nothing."""
    part = view.source[view.low : view.high]
    folded = fold(part)
    if folded.text == part or not folded.text:
        return None

    def place(start: int, end: int) -> Placed | None:
        low, high = folded.place(start, end)
        return view.place(view.low + low, view.low + high)

    return View(folded.text, 0, len(folded.text), place, view.depth, is_folded=True, certain=view.certain)


def shown_view(view: View, reading: Shown) -> View:
    """Return the view of what a reader sees of ``view``, of which ``reading`` is all."""

    def place(start: int, end: int) -> Placed | None:
        return view.place(*reading.place(start, end))

    return View(reading.text, 0, len(reading.text), place, is_shown=True, certain=view.certain)


def decoded_view(view: View, start: int, end: int, text: str) -> View:
    """Return a view of ``text``, decoded from ``start`` to ``end`` of ``view``; all of it stands there."""

    def place(_start: int, _end: int) -> Placed | None:
        return view.place(start, end)

    return View(text, 0, len(text), place, view.depth + 1, certain=view.certain)


def has_digit(text: str) -> bool:
    """Tell whether ``text`` has a digit of any script: without one nothing is split over messages."""
    if text.isascii():
        data = text.encode("ascii")
        return len(data.translate(None, b"0123456789")) != len(data)
    return _DIGIT.search(text) is not None


def joined_views(text: str, preceding: Sequence[str]) -> list[View]:
    """Return the present text behind the sender's last ones, as a reader would join them.

    Once with a blank between (a number split between groups) and, where words would touch, without one: at
    the last border alone (two parts of a group, after others) and at all (many parts of a group). A match
    counts when it reaches into the present text.
    """
    trimmed = _BORDER_AFTER.sub("", text)
    lead = len(text) - len(trimmed)
    head = trimmed[:JOINED_LIMIT]
    earlier = [
        _BORDER_BEFORE.sub("", _BORDER_AFTER.sub("", message[-JOINED_LIMIT:])) for message in preceding
    ]
    earlier = [message for message in earlier if message]
    views = []
    for between, glue in ((" ", " "), (" ", ""), ("", "")):
        tail = between.join(earlier)[-JOINED_LIMIT:]
        if not tail or not head or not has_digit(tail + head[:64]):
            continue
        if not glue and not (tail[-1].isalnum() and head[0].isalnum()):
            continue
        if between == glue == "" and len(earlier) == 1:
            continue
        source = tail + glue + head
        views.append(View(source, 0, len(source), _after(len(tail) + len(glue), lead)))
    return views


def _after(border: int, lead: int) -> Place:
    def place(start: int, end: int) -> Placed | None:
        if end <= border:
            return None
        if start >= border:
            return Placed(start - border + lead, end - border + lead)
        return Placed(lead, end - border + lead, preceding=True)

    return place


def fragments_view(text: str, preceding: Sequence[str], certain: frozenset[int]) -> View | None:
    """Return only the number fragments of the messages, joined: words were put between the parts.

    So much is left out that a match counts only for detectors with a keyword near (``certain``).
    """
    earlier = " ".join(
        match.group() for message in preceding for match in _FRAGMENT.finditer(message[-JOINED_LIMIT:])
    )[-JOINED_LIMIT:]
    pieces: list[str] = []
    origin: list[int] = []
    for match in _FRAGMENT.finditer(text, 0, JOINED_LIMIT):
        pieces.append(match.group())
        origin.extend(range(match.start(), match.end()))
        origin.append(match.end())
    if not earlier or not pieces or not certain:
        return None
    border = len(earlier) + 1
    source = f"{earlier} {' '.join(pieces)}"

    def place(start: int, end: int) -> Placed | None:
        if end <= border or start >= border:
            return None
        return Placed(origin[0], origin[end - 1 - border] + 1, preceding=True)

    return View(source, 0, len(source), place, certain=certain)
