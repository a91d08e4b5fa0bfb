"""Tables of markdown as their readers see them: cells beside each other, and cells below each other.

A row is read on into the next one, and so is a column: a number whose parts stand in cells is found either
way. It is no parser and takes more for a table than one would, which hides nothing (see ``shown.py``).
"""

import re
from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Final

Span = tuple[int, int]

_LINE: Final = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")
_UNDER_THE_HEAD: Final = re.compile(r"[ \t>]*+[|:\-][ \t|:\-]*+[\r\n]*+\Z")
_CELL: Final = re.compile(r"[^|\r\n]*+")
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table by their rows, as spans of the text, without the blanks around them."""

    rows: tuple[tuple[Span, ...], ...]

    def gaps(self) -> list[Span]:
        """Return what stands between the cells, read row by row."""
        cells = [cell for row in self.rows for cell in row]
        return [(before[1], after[0]) for before, after in pairwise(cells) if after[0] > before[1]]

    def columns(self) -> list[Span]:
        """Return the cells, read column by column."""
        return [cell for column in zip_longest(*self.rows) for cell in column if cell is not None]


def tables_of(text: str) -> Generator[int, None, list[Table]]:
    """Return the tables of ``text``; yield counts of work done."""
    found: list[Table] = []
    rows: list[tuple[Span, ...]] = []
    above: Span | None = None
    inside = False
    for count, match in enumerate(_LINE.finditer(text), 1):
        if count % _BATCH == 0:
            yield _BATCH
        line = match.group()
        if not line.strip():
            if inside:
                found.append(Table(tuple(rows)))
            rows, above, inside = [], None, False
        elif inside:
            rows.append(_cells(text, match.span()))
        elif above is not None and "-" in line and "|" in text[above[0] : match.end()] and _is_rule(line):
            rows, inside = [_cells(text, above)], True
        else:
            above = match.span()
        if match.end() == len(text):
            break
    if inside:
        found.append(Table(tuple(rows)))
    return found


def _is_rule(line: str) -> bool:
    return _UNDER_THE_HEAD.match(line) is not None


def _cells(text: str, line: Span) -> tuple[Span, ...]:
    cells = []
    at = line[0]
    while at < line[1]:
        match = _CELL.match(text, at, line[1])
        assert match is not None, "a cell may be empty"
        cell = match.group()
        written = cell.strip(" \t>")
        if written:
            start = match.start() + cell.index(written)
            cells.append((start, start + len(written)))
        at = match.end() + 1
    return tuple(cells)
