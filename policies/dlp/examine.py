"""The second pass: confirm what the first one saw, within a budget of work.

Work is counted, not timed, so that a decision replays: characters and bytes looked at, and a fixed
price for each candidate that a validator judges. Who drives the generators may let other work run at
each ``yield``, at most every 4 kB of work.
"""

import functools
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from core.types import Confidence
from policies.dlp.compile import DetectorSet, Kind
from policies.dlp.decode import BLOB_LIMIT, DEPTH_LIMIT, SIZE_LIMIT, decoded_blobs
from policies.dlp.evidence import Standing, confidence_of, nearest_keyword, standing, touching_keyword
from policies.dlp.families import Family, Member
from policies.dlp.redact import masked
from policies.dlp.shown import shown_steps
from policies.dlp.views import Placed, View, decoded_view, folded_view, shown_view

#: Bytes of one step and how much of it the next one sees again.
STEP = 4096
OVERLAP = 512
#: Work of one message, findings of one message, and matches of one administrator's pattern in one view.
WORK_LIMIT = 400_000
MATCH_LIMIT = 1_000
PATTERN_LIMIT = 200
_CANDIDATE = 48
_UNSPACED = "\u0e00"  # from Thai on, scripts do not put blanks between words

_NUMBER_LIKE = frozenset({"finance", "identity"})

Steps = Generator[None, None, None]


class BudgetSpentError(Exception):
    """The text is too dense to be examined within its budget."""


@dataclass(frozen=True, slots=True)
class Match:
    """One thing found: offsets are characters of the text that was scanned.

    ``excerpt`` is masked, never more than the last four characters of a number. With ``preceding`` the
    value began in an earlier message and the span is what of it stands in this one.
    """

    detector: str
    start: int
    end: int
    confidence: int
    excerpt: str
    preceding: bool = False


@functools.lru_cache(maxsize=4096)
def _phrase(form: str) -> re.Pattern[str]:
    """Return the literal phrase with its blanks and apostrophes free, ending where a search ends."""
    words = r"\s{1,4}".join(re.escape(word) for word in form.replace("\u2019", "'").split())
    words = words.replace("'", "['\u2019]")
    return re.compile(rf"{words}\Z", re.IGNORECASE)


def _windows(ends: list[int], reach: int, low: int, high: int) -> list[tuple[int, int]]:
    """Return the stretches within ``reach`` of any of the sorted ``ends``, merged where they touch."""
    merged: list[tuple[int, int]] = []
    for end in ends:
        start, stop = max(low, end - reach), min(high, end + reach)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((start, stop))
    return merged


def _is_border(outer: str, inner: str) -> bool:
    """Tell whether a word may begin or end between two characters."""
    return not outer.isalnum() or inner >= _UNSPACED or not inner.isalnum()


class Examination:
    """One examination of one message; keeps what was found and what it cost."""

    def __init__(self, detectors: DetectorSet) -> None:
        self._set = detectors
        self._found: dict[tuple[int, int, int, bool], tuple[int, str]] = {}
        self._blobs = 0
        self._decoded = 0
        self._seen: set[tuple[Placed | None, str]] = set()
        self._pause = STEP
        self.work = 0
        self.failed: list[str] = []

    # -- the budget ---------------------------------------------------------------------------

    def _spend(self, units: int) -> bool:
        """Count work; return whether it is time to let others run."""
        self.work += units
        if self.work > WORK_LIMIT:
            raise BudgetSpentError("too much work")
        if self.work >= self._pause:
            self._pause = self.work + STEP
            return True
        return False

    # -- a view -------------------------------------------------------------------------------

    def examine(self, view: View, hits: list[tuple[int, int]], data: bytes) -> Steps:
        """Confirm the ``hits`` of the first pass over ``data``, the encoded part of ``view``."""
        if self._spend(len(data) + 4 * len(hits)):
            yield
        to_characters = _Offsets(data, view.low, hits)
        kinds: set[Kind] = set()
        triggered: dict[int, set[int]] = {}
        ends: dict[int, list[int]] = {}
        for entry_id, end in hits:
            entry = self._set.entries[entry_id]
            kinds.add(entry.kind)
            if entry.kind is Kind.KEYWORD:
                at = to_characters(end)
                self._support(view, entry.supports, at - entry.part, at)
            elif entry.kind is Kind.SHAPE:
                triggered.setdefault(entry.part, set()).add(to_characters(end))
            elif entry.kind >= Kind.PHRASE:
                ends.setdefault(entry_id, []).append(to_characters(end))
        for spans in view.near.values():
            spans.sort(key=lambda span: (span[1], span[0]))
        view.is_marked = Kind.MARK in kinds
        if Kind.NUMBER in kinds:
            yield from self._numbers(view)
        for part in sorted(triggered):
            yield from self._family(view, self._set.families[part], sorted(triggered[part]))
        for entry_id in sorted(ends):
            entry = self._set.entries[entry_id]
            if entry.kind is Kind.PHRASE:
                self._phrases(view, entry.detector, entry.words, entry.folded, ends[entry_id])
        yield from self._patterns(view, {self._set.entries[entry_id].detector for entry_id in ends})
        if Kind.ENCODED in kinds and view.depth < DEPTH_LIMIT:
            yield from self._decoded_views(view)
        if Kind.EVASION in kinds and not view.is_folded:
            if self._spend(4 * (view.high - view.low)):
                yield
            folded = folded_view(view)
            if folded is not None:
                yield from self.first_pass(folded)

    def first_pass(self, view: View, hits: list[tuple[int, int]] | None = None) -> Steps:
        """Run the pass over all of a view (unless its ``hits`` are known), then confirm.

        Where it has marks, what a reader sees of it is examined as well.
        """
        for low, high, data in parts_of(view.source):
            whole = high - low == len(view.source)
            part = view if whole else replace(view, low=low, high=high, near={})
            yield from self.examine(part, self._set.hits(data) if hits is None else hits, data)
            view.is_marked |= part.is_marked
            if not whole:
                view.near.update(part.near)
                yield
        if view.is_marked and not (view.is_shown or view.is_folded or view.depth):
            readings = yield from shown_steps(view.source, self._spend)
            for reading in readings:
                yield from self.first_pass(shown_view(view, reading))

    @staticmethod
    def _support(view: View, supports: tuple[int, ...], start: int, end: int) -> None:
        before = view.source[start - 1] if start > 0 else " "
        after = view.source[end] if end < len(view.source) else " "
        if start < 0 or not (
            _is_border(before, view.source[start]) and _is_border(after, view.source[end - 1])
        ):
            return
        for detector in supports:
            view.near.setdefault(detector, []).append((start, end))

    # -- kinds of detectors -------------------------------------------------------------------

    def _numbers(self, view: View) -> Steps:
        for found in self._set.layouts.candidates(view.source, view.low, view.high):
            if isinstance(found, int):
                if self._spend(found):
                    yield
                continue
            slot = found.slot
            if slot.base is None and slot.detector not in view.near:
                continue
            if self._spend(_CANDIDATE):
                yield
            self._guard(self._judge, view, slot.detector, found.start, found.end, slot.base, odd=found.odd)

    def _family(self, view: View, family: Family, ends: list[int]) -> Steps:
        """Confirm the shapes of a family around what triggered it."""
        if all(member.shape.base is None and member.detector not in view.near for member in family.members):
            return
        if family.locate is not None:
            ends = [match.end() for match in family.locate.finditer(view.source, view.low, view.high)]
        for low, high in _windows(ends, family.reach, view.low, len(view.source)):
            if self._spend(_CANDIDATE + (high - low)):
                yield
            for member, match in family.matches(view.source, low, high):
                shape = member.shape
                if shape.base is None and member.detector not in view.near:
                    continue
                if self._spend(_CANDIDATE):
                    yield
                start, end = match.span(match.lastgroup) if match.lastgroup else match.span()
                if shape.trim is not None:
                    length = shape.trim(match.group())
                    if not length:
                        continue
                    end = match.start() + length
                self._guard(self._judge, view, member.detector, start, end, shape.base, member=member)

    def _judge(
        self,
        view: View,
        index: int,
        start: int,
        end: int,
        base: int | None,
        *,
        odd: bool = False,
        member: Member | None = None,
    ) -> None:
        """Validate one candidate, weigh the evidence, and keep it."""
        detector = self._set.detectors[index]
        value = view.source[start:end]
        if detector.validate is not None and not detector.validate(value):
            return
        numeric = member is None or detector.category in _NUMBER_LIKE
        stands = standing(view.source, start, end) if numeric else Standing.FREE
        if stands is Standing.TIGHT and touching_keyword(view.source, start, end, detector.keywords):
            stands, base = Standing.FREE, Confidence.HIGH
        keyword = nearest_keyword(view.near.get(index, ()), start, end, detector.window)
        confidence = confidence_of(
            view.source,
            start,
            end,
            base=base,
            keyword=keyword,
            negative=detector.negative,
            stands=stands,
            weak=odd or (detector.weak is not None and detector.weak(value)),
        )
        if confidence is not None:
            if member is not None and member.tail is not None:
                tail = member.tail.match(view.source, end)
                end = tail.end() if tail else end
                self._spend(end - start)
            self._keep(view, index, start, end, confidence, value)

    def _phrases(self, view: View, index: int, form: str, folded: bool, ends: list[int]) -> None:
        if folded and not view.is_folded:
            return
        pattern = _phrase(form)
        for end in ends:
            found = pattern.search(view.source, max(0, end - 4 * len(form) - 8), end)
            start = found.start() if found else max(0, end - len(form))
            before = view.source[start - 1] if start else " "
            after = view.source[end] if end < len(view.source) else " "
            if _is_border(before, view.source[start]) and _is_border(after, view.source[end - 1]):
                self._keep(view, index, start, end, Confidence.HIGH, view.source[start:end])

    def _patterns(self, view: View, hit: set[int]) -> Steps:
        for pattern in self._set.patterns:
            whole = view.low == 0 and view.high == len(view.source)
            if pattern.detector in hit or not pattern.prefiltered or (pattern.wide and not whole):
                if pattern.wide and not whole and view.low:
                    continue  # a wide pattern reads the whole text, once, with its first part
                low = 0 if pattern.wide else max(0, view.low - OVERLAP)
                high = len(view.source) if pattern.wide else min(len(view.source), view.high + OVERLAP)
                if self._spend(_CANDIDATE + (high - low)):
                    yield
                self._guard(self._admin, view, pattern.detector, pattern.program, low, high)

    def _admin(self, view: View, index: int, program: Any, low: int, high: int) -> None:
        count = 0
        for match in program.finditer(view.source, low, high):
            if match.end() > match.start():
                count += 1
                if count > PATTERN_LIMIT:
                    raise BudgetSpentError("too many matches of one pattern")
                self._keep(view, index, match.start(), match.end(), Confidence.HIGH, match.group())

    def _decoded_views(self, view: View) -> Steps:
        if self._spend(view.high - view.low):
            yield
        for start, end, text in decoded_blobs(view.source[view.low : view.high]):
            blob = (view.place(view.low + start, view.low + end), text)
            if blob in self._seen:
                continue
            self._seen.add(blob)
            self._blobs += 1
            self._decoded += len(text)
            if self._blobs > BLOB_LIMIT or self._decoded > SIZE_LIMIT:
                raise BudgetSpentError("too much encoded text")
            yield from self.first_pass(decoded_view(view, view.low + start, view.low + end, text))

    # -- results ------------------------------------------------------------------------------

    def _guard(self, step: Callable[..., None], *arguments: Any, **options: Any) -> None:
        """Run one confirmation; a detector that fails is recorded, and the result is not complete."""
        try:
            step(*arguments, **options)
        except BudgetSpentError:
            raise
        except Exception as error:
            self.failed.append(f"a detector failed: {type(error).__name__}")

    def _keep(self, view: View, index: int, start: int, end: int, confidence: int, value: str) -> None:
        if view.certain is not None:
            if index not in view.certain:
                return
            confidence = Confidence.MEDIUM
        placed = view.place(start, end)
        if placed is None or placed.end <= placed.start:
            return
        key = (placed.start, placed.end, index, placed.preceding)
        kept = self._found.get(key)
        if kept is None and len(self._found) >= MATCH_LIMIT:
            raise BudgetSpentError("too many findings")
        if kept is None or kept[0] < confidence:
            self._found[key] = (confidence, masked(value, self._set.detectors[index].mask))

    def matches(self) -> tuple[Match, ...]:
        """Return what was found, in order of place, without a match inside a surer and longer one."""
        kept: list[Match] = []
        ranked = sorted(self._found.items(), key=lambda item: (item[0][0], -item[0][1], -item[1][0], item[0]))
        cover: dict[bool, list[tuple[int, int, int, int]]] = {True: [], False: []}
        for (start, end, index, preceding), (confidence, excerpt) in ranked:
            detector = self._set.detectors[index]
            numeric = detector.category in _NUMBER_LIKE or detector.id == "phone"
            if self._is_covered(cover, start, end, confidence, index, numeric, preceding):
                continue
            cover[numeric].append((start, end, confidence, index))
            kept.append(Match(detector.id, start, end, confidence, excerpt, preceding))
        return tuple(kept)

    @staticmethod
    def _is_covered(
        cover: dict[bool, list[tuple[int, int, int, int]]],
        start: int,
        end: int,
        confidence: int,
        index: int,
        numeric: bool,
        preceding: bool,
    ) -> bool:
        for low, high, sure, other in reversed(cover[numeric][-8:]):
            if sure < confidence or start >= high:
                continue
            if other == index and numeric:
                return True
            longer = (high - low) > (end - start)
            if end <= high and ((other == index and (longer or preceding)) or (numeric and longer)):
                return True
        return False


class _Offsets:
    """From byte offsets of an encoded part to character offsets of its source."""

    def __init__(self, data: bytes, low: int, hits: list[tuple[int, int]]) -> None:
        self._low = low
        self._map: dict[int, int] | None = None
        if not data.isascii():
            self._map = {}
            at = characters = 0
            for end in sorted({end for _, end in hits}):
                characters += len(data[at:end].decode("utf-8", "ignore"))
                at = end
                self._map[end] = characters

    def __call__(self, end: int) -> int:
        return self._low + (end if self._map is None else self._map[end])


def parts_of(text: str) -> Generator[tuple[int, int, bytes], None, None]:
    """Yield (start, end, encoded) parts of at most 4 kB that overlap by 512 bytes, cut between characters."""
    data = text.encode("utf-8", "replace")
    at = characters = 0
    while True:
        stop = min(len(data), at + STEP)
        while stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop -= 1
        part = data[at:stop]
        length = len(part.decode("utf-8"))
        yield characters, characters + length, part
        if stop == len(data):
            return
        following = stop - OVERLAP
        while data[following] & 0xC0 == 0x80:
            following -= 1
        characters += len(data[at:following].decode("utf-8"))
        at = following
