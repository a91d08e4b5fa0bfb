"""The text as its readers see it: without the marks of markdown, with a way back.

Marks inside a number or a word are gone once a message is shown: emphasis, code, escapes, the targets
of links, the markers of quotes and lists, the bars of tables; and the break between what somebody wrote and
what they quote or forward. This reading takes them out. It is no parser and takes out
more than one would (a mark that has no partner, marks inside code), which hides nothing: the text is
also examined as written. Every step is linear in the text. The first pass tells which texts have marks
(``triggers.py``); most have none.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from policies.dlp.tables import Table, tables_of

#: Marks taken out between two counts of the work, and what one of them costs.
_BATCH = 256
_MARK_COST = 8

_ELEMENT = (
    r"[ \t]*+(?:>|(?:[\-+*]|[0-9]{1,9}+[.)])(?=\s|\Z)"
    r"|`{3,}+[^`\r\n]*+(?=[\r\n]|\Z)|~{3,}+[^\r\n]*+|[\r\n]++)"
)
_MARKERS = rf"(?>(?:{_ELEMENT})+)[ \t]*+"
#: Every mark, by its first character: what is looked for must begin with a set to be found fast.
_MARK = re.compile(
    r"[\\*_~`\[\]\r\n\u2029](?:"
    r"(?P<run>(?<=\*)(?<!\*\*)\**+(?!\s|\Z)|(?<=\S\*)(?<!\*\*)\**+|(?<=~)~++|(?<=`)`*+)|(?P<underscore>(?<=_)_*+)"
    # The end of a line with the markers of quotes, lists and fences that follow it: read as one blank.
    # The break between two parts of a message: first read as one blank, too.
    r"|(?P<part>(?<=[\r\n])[\r\n]*+\u2029[\r\n]*+|(?<=\u2029)[\r\n]*+)"
    rf"|(?P<line>(?<=[\r\n])[\r\n]*+{_MARKERS}|(?<=[\r\n])[\r\n]{{3,}}+|(?<=\\)[\r\n]++(?>(?:{_MARKERS})?))"
    r"|(?P<escape>(?<=\\)[!-/:-@\[-`{-~])"
    r"|(?P<bracket>(?<=[\[\]]))"
    # Anything else is a mark of nothing, found all the same so that each is counted as work.
    r"|(?P<nothing>(?<=\*)\**+|))"
)
_FIRST_LINE = re.compile(_MARKERS)
_LINK_PART = re.compile(r"\\.|\]\(\s*+(?>(?:<(?>(?:[^<>\r\n\\]|\\.)*)>)?)|[\[\]()]|\s++", re.DOTALL)
_TITLE = re.compile(
    r"""\s*+(?>(?:"(?>(?:[^"\\]|\\.)*)"|'(?>(?:[^'\\]|\\.)*)'|\((?>(?:[^()\\]|\\.)*)\))?)\s*+\)""", re.DOTALL
)

#: What a reader sees as a blank.
_BLANK = frozenset({"line", "part", "gap"})

T = TypeVar("T")
Span = tuple[int, int]
Mark = tuple[int, int, str]
#: Counts work; tells whether it is time to let others run.
Spend = Callable[[int], bool]


@dataclass(slots=True)
class Shown:
    """A text as shown. Character ``starts[i]`` of it and what follows stood at ``origins[i]``."""

    text: str
    source: str
    starts: list[int]
    origins: list[int]

    def place(self, start: int, end: int) -> Span:
        """Return the span of the source that the shown characters ``start`` to ``end`` came from."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        low = self.origins[first] + start - self.starts[first]
        if start == self.starts[first] and low and self.source[low - 1] == "\\":
            low -= 1  # what is left of an escape would escape something else
        high = self.origins[last] + end - self.starts[last]
        for piece in range(first, last):
            # Pieces of a column stand anywhere in the table: all between them belongs to it.
            high = max(high, self.origins[piece] + self.starts[piece + 1] - 1 - self.starts[piece])
            low = min(low, self.origins[piece + 1])
        return low, high


def shown_steps(text: str, spend: Spend) -> Generator[None, None, list[Shown]]:
    """Return ``text`` as shown; nothing when it is shown as it was written. Yield between steps.

    Underscores are marks and parts of keys and addresses. Where some are taken out, a second reading
    keeps them all: which of them show depends on more than what stands beside them.
    """
    if spend(len(text)):
        yield
    links = (yield from _links(text, spend)) if "](" in text else {}
    first = _FIRST_LINE.match(text)
    done = first.end() if first is not None else 0
    marks: list[Mark] = [(0, done, "")] if done else []
    underscores: list[Span] = []
    opened: list[Span] = []
    for count, match in enumerate(_MARK.finditer(text), 1):
        if count % _BATCH == 0 and spend(_BATCH * _MARK_COST):
            yield
        start, end = match.span()
        kind = match.lastgroup or ""
        if start < done or kind == "nothing" or (kind == "bracket" and start not in links):
            continue
        if kind == "bracket":
            end = links[start][1]
        elif kind == "escape":
            end = start + 1
        elif kind == "underscore":
            if opened and _closes(text, start, end):
                underscores += opened.pop(), (start, end)
            elif _opens(text, start, end):
                opened.append((start, end))
            continue
        marks.append((start, end, kind))
        done = end + (kind == "escape")
    tables: list[Table] = []
    if "|" in text and "-" in text:
        tables = yield from _counted(tables_of(text), spend)
        marks = _outside(marks, [gap for table in tables for gap in table.gaps()])
    readings = [_without(text, marks)] if marks else []
    if any(kind == "part" for *_, kind in marks):
        readings.append(_without(text, [_closed(text, mark) for mark in marks]))
    if underscores:
        apart = _outside([(start, end, "run") for start, end in underscores], [mark[:2] for mark in marks])
        readings.append(_without(text, sorted({*marks, *(mark for mark in apart if mark[2] == "run")})))
    readings += [_one_after_the_other(text, table.columns(), marks) for table in tables]
    return readings


def _counted(steps: Generator[int, None, T], spend: Spend) -> Generator[None, None, T]:
    """Drive ``steps`` to their end, counting the work they tell of."""
    while True:
        try:
            units = next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if spend(units * _MARK_COST):
            yield


def _outside(marks: list[Mark], gaps: list[Span]) -> list[Mark]:
    """Return ``gaps`` as marks, and those of ``marks`` that stand in none of them, in order."""
    kept = [mark for mark in marks if not _reaches(gaps, mark[0], mark[1])]
    return sorted([*kept, *((start, end, "gap") for start, end in gaps)])


def _reaches(spans: list[Span], start: int, end: int) -> bool:
    """Tell whether one of ``spans``, in order and apart, has a character of ``start`` to ``end``."""
    place = bisect_right(spans, (start, start))
    before = place > 0 and spans[place - 1][1] > start
    return before or (place < len(spans) and spans[place][0] < end)


def _closed(text: str, mark: Mark) -> Mark:
    """Return the break between two parts as if there were none, where their words would touch."""
    start, end, kind = mark
    touch = kind == "part" and text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()
    return (start, end, "run") if touch else mark


def _one_after_the_other(text: str, cells: list[Span], marks: list[Mark]) -> Shown:
    """Return the cells of a table in their order, without the marks in them."""
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for start, end in cells:
        at = start
        inside = marks[bisect_right(marks, (start,)) : bisect_right(marks, (end,))]
        for low, high in [*((low, high) for low, high, _ in inside if high <= end), (end, end)]:
            piece = text[at:low] + (" " if low == end else "")
            pieces.append(piece)
            starts.append(length)
            origins.append(at)
            length += len(piece)
            at = high
    return Shown("".join(pieces), text, starts or [0], origins or [0])


def _opens(text: str, start: int, end: int) -> bool:
    """Tell whether underscores may begin emphasis: not inside a word, and not before a blank."""
    return end < len(text) and not text[end].isspace() and not text[start - 1 : start].isalnum()


def _closes(text: str, start: int, end: int) -> bool:
    """Tell whether underscores may end emphasis: not inside a word, and not after a blank."""
    return start > 0 and not text[start - 1].isspace() and not text[end : end + 1].isalnum()


def _without(text: str, marks: list[Mark]) -> Shown:
    """Return ``text`` without ``marks``, which are in order and apart."""
    pieces: list[str] = []
    starts = [0]
    origins = [0]
    length = done = 0
    for start, end, kind in marks:
        piece = text[done:start]
        if kind in _BLANK:
            # The blank is the last character of its piece and stands where the break begins.
            piece = piece.rstrip(" \t") + " "
        pieces.append(piece)
        length += len(piece)
        starts.append(length)
        origins.append(end)
        done = end
    pieces.append(text[done:])
    return Shown("".join(pieces), text, starts, origins)


def shown(text: str) -> list[Shown]:
    """Return ``text`` as shown, in one go; see :func:`shown_steps`."""
    return _finished(shown_steps(text, _no_pause))


def _links(text: str, spend: Spend) -> Generator[None, None, dict[int, Span]]:
    """Return the brackets and targets of links, by where they begin, each with its partner's beginning.

    One pass with a stack: each parenthesis is read once, however targets nest or stay open.
    """
    found: dict[int, Span] = {}
    brackets: list[int] = []
    parentheses: list[Span | None] = []
    at = count = 0
    while (match := _LINK_PART.search(text, at)) is not None:
        count += 1
        if count % _BATCH == 0 and spend(_BATCH * _MARK_COST):
            yield
        at = match.end()
        part = match.group()
        if part == "[":
            brackets.append(match.start())
        elif part == "]":
            del brackets[-1:]
        elif part.startswith("]("):
            parentheses.append((brackets.pop(), match.start()) if brackets else None)
        elif part == "(":
            parentheses.append(None)
        elif part == ")" and parentheses:
            _link(found, parentheses.pop(), at)
        elif part.isspace() and parentheses:
            title = _TITLE.match(text, match.start()) if parentheses[-1] else None
            if title is not None:
                at = title.end()
                _link(found, parentheses[-1], at)
            parentheses.clear()
    return found


def _link(found: dict[int, Span], link: Span | None, end: int) -> None:
    if link is not None:
        opening, closing = link
        found[opening] = (closing, opening + 1)
        found[closing] = (opening, end)


def mark_pairs(text: str) -> list[tuple[Span, Span]]:
    """Return the marks of ``text`` that belong together: what opens, and what closes."""
    links = _finished(_links(text, _no_pause))
    pairs: list[tuple[Span, Span]] = []
    opened: dict[str, Span] = {}
    first = _FIRST_LINE.match(text)
    done = first.end() if first is not None else 0
    for match in _MARK.finditer(text):
        start, end = match.span()
        if start < done:
            continue
        if start in links:
            partner, end = links[start]
            if start < partner:
                pairs.append(((start, end), (partner, links[partner][1])))
            done = end
        elif match.lastgroup in {"run", "underscore"}:
            opening = opened.pop(match.group(), None)
            if opening is None:
                opened[match.group()] = (start, end)
            else:
                pairs.append((opening, (start, end)))
    return pairs


def _no_pause(_units: int) -> bool:
    return False


def _finished(steps: Generator[None, None, T]) -> T:
    """Drive ``steps`` to their end."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
