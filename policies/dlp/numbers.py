"""Numbers in a text: runs of digit groups, and the detectors whose written form fits a part of one.

A run is split into its groups ("4111 1111 1111 1111" has four). Each window of consecutive groups is
looked up by its sizes, so a neighbouring number never hides one. Digits that are written one by one or
in pairs, an old way around filters, are read as one group.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from policies.dlp.detector import Detector

#: Fewest digits of any number detector; the first pass does not look for less.
FEWEST_DIGITS = 9
GAP = r"[ .\-/_|,*;:>\t\r\n]"

_RUN = re.compile(rf"[0-9]++(?>(?:{GAP}{{1,3}}+[0-9]++)*)")
_GROUP = re.compile(r"[0-9]++")
_SINGLES = 8
#: What more often ends a thing (a time, a field, a quote's mark) than it splits a number.
_ENDS = frozenset(";:>")


@dataclass(frozen=True, slots=True)
class Slot:
    """One layout of one detector, by its index."""

    detector: int
    base: int | None
    gaps: frozenset[str]
    loose: bool


@dataclass(slots=True)
class _Node:
    children: dict[int, "_Node"] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part of a run that has the form of a number. ``odd``: the form is one that nobody prints."""

    start: int
    end: int
    slot: Slot
    odd: bool


class Layouts:
    """The written forms of all number detectors, looked up by the sizes of digit groups."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._root = _Node()
        self._plain: dict[int, list[Slot]] = {}
        self._loose: dict[int, list[Slot]] = {}
        for index, detector in enumerate(detectors):
            for layout in detector.layouts:
                slot = Slot(index, layout.base, frozenset(layout.gaps), detector.loose)
                node = self._root
                for size in layout.groups:
                    node = node.children.setdefault(size, _Node())
                node.slots.append(slot)
                if len(layout.groups) == 1:
                    self._plain.setdefault(layout.groups[0], []).append(slot)
                    if detector.loose:
                        silent = Slot(index, None, frozenset(layout.gaps), loose=True)
                        self._loose.setdefault(layout.groups[0], []).append(silent)

    def __bool__(self) -> bool:
        return bool(self._root.children)

    def candidates(self, text: str, low: int, high: int) -> Iterator[Candidate | int]:
        """Yield the candidates that begin between ``low`` and ``high``, and counts of work done."""
        for run in _RUN.finditer(text, low, min(len(text), high + 64)):
            if run.end() - run.start() < FEWEST_DIGITS:
                continue
            groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
            yield 8 * len(groups)
            yield from self._windows(text, groups)
            if len(groups) > 1:
                yield from self._evasive(groups)
                parts = self._parts(text, groups)
                for part in parts if len(parts) > 1 else ():
                    yield from self._evasive(part)

    @staticmethod
    def _parts(text: str, groups: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
        """Return the groups of a run between the characters that may end it."""
        parts = [groups[:1]]
        for before, group in pairwise(groups):
            if _ENDS.isdisjoint(text[before[1] : group[0]]):
                parts[-1].append(group)
            else:
                parts.append([group])
        return parts

    def _windows(self, text: str, groups: list[tuple[int, int]]) -> Iterator[Candidate]:
        sizes = [end - start for start, end in groups]
        for first in range(len(groups)):
            node = self._root.children.get(sizes[first])
            last = first
            gaps: list[str] = []
            while node is not None:
                for slot in node.slots:
                    if slot.gaps.issuperset("".join(gaps)):
                        mixed = len({gap.strip() or " " for gap in gaps}) > 1
                        odd = mixed or (not slot.loose and self._crowded(text, groups, first, last))
                        yield Candidate(groups[first][0], groups[last][1], slot, odd)
                last += 1
                if last == len(groups):
                    break
                gaps.append(text[groups[last - 1][1] : groups[last][0]])
                node = node.children.get(sizes[last])

    @staticmethod
    def _crowded(text: str, groups: list[tuple[int, int]], first: int, last: int) -> bool:
        """Tell whether a grouped window is a part of a longer regular grouping."""
        if first == last:
            return False
        gap = text[groups[first][1] : groups[first + 1][0]]
        if first:
            start, end = groups[first - 1]
            edge = groups[first][1] - groups[first][0]
            if text[end : groups[first][0]] == gap and end - start == edge:
                return True
        if last + 1 < len(groups):
            start, end = groups[last + 1]
            edge = groups[last][1] - groups[last][0]
            return text[groups[last][1] : start] == gap and end - start == edge
        return False

    def _evasive(self, groups: list[tuple[int, int]]) -> Iterator[Candidate]:
        total = sum(end - start for start, end in groups)
        for slot in self._loose.get(total, ()):
            yield Candidate(groups[0][0], groups[-1][1], slot, odd=True)
        first = 0
        while first < len(groups):
            size = groups[first][1] - groups[first][0]
            last = first
            while last + 1 < len(groups) and groups[last + 1][1] - groups[last + 1][0] == size:
                last += 1
            count = last - first + 1
            if size <= 2 and count * size >= FEWEST_DIGITS and count * 2 >= _SINGLES:
                for slot in self._plain.get(count * size, ()):
                    yield Candidate(groups[first][0], groups[last][1], slot, odd=False)
            first = last + 1
