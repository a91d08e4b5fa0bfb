"""The scanner: what a policy asks, and what it is told.

Guarantees: the same text and the same preceding messages give the same result, in any process and
whatever was scanned before; a text that could not be examined to its end says ``complete=False`` (a
finding for the policy, never a pass); nothing is examined for longer than one step of some 4 kB before
the caller may let other work run.
"""

from collections.abc import Generator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from policies.dlp.compile import OTHER_ENTRY, PLAIN_ENTRY, DetectorSet, compile_detectors
from policies.dlp.detector import DetectorId
from policies.dlp.examine import STEP, BudgetSpentError, Examination, Match
from policies.dlp.shown import shown
from policies.dlp.triggers import PLAIN_MARKS
from policies.dlp.views import View, fragments_view, has_digit, identity, joined_views


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found and whether it saw everything.

    ``work`` is counted in units (about one byte looked at each); ``reason`` says, in words that hold
    nothing of the text, why a scan is not complete.
    """

    matches: tuple[Match, ...]
    complete: bool
    work: int
    reason: str = ""


class Scanner:
    """A compiled set of detectors, usable from several threads and green threads at once."""

    def __init__(self, detectors: DetectorSet) -> None:
        self._set = detectors
        self._first_keyword = detectors.first_keyword
        self._quiet: dict[int, ScanResult] = {}

    @classmethod
    def build(
        cls,
        detectors: Sequence[DetectorId],
        lexicons: Mapping[str, Sequence[str]] | None = None,
        patterns: Mapping[str, str] | None = None,
        cache: MutableMapping[str, bytes] | None = None,
    ) -> "Scanner":
        """Compile built-in detectors, administrators' word lists and RE2 patterns into a scanner.

        A match names a word list or pattern by its key; keys and detector ids must all differ.

        Raises:
            InvalidInput: ``unknown_detector``, ``bad_pattern``, ``bad_lexicon``, ``duplicate_detector``.
        """
        return cls(compile_detectors(detectors, lexicons or {}, patterns or {}, cache))

    @property
    def detectors(self) -> DetectorSet:
        """Return the compiled set."""
        return self._set

    def label(self, detector: str) -> str:
        """Return what a redacted text shows in the place of a match of ``detector``."""
        return next((known.label for known in self._set.detectors if known.id == detector), detector)

    def scan(self, text: str, preceding: Sequence[str] = ()) -> ScanResult:
        """Scan ``text`` to its end; see :meth:`scan_steps`."""
        data = text.encode("utf-8", "replace")
        hits = self._set.hits(data) if len(data) <= STEP else None
        if hits is not None and not (preceding and has_digit(text)):
            work = self._quiet_work(text, data, hits)
            if work is not None:
                return self._nothing(work)
        steps = self._examined(text, preceding, hits)
        try:
            while True:
                next(steps)
        except StopIteration as stop:
            result: ScanResult = stop.value
            return result

    def scan_steps(self, text: str, preceding: Sequence[str] = ()) -> Generator[None, None, ScanResult]:
        """Scan ``text``, yielding between steps so that an event loop can breathe.

        ``preceding`` are the sender's own last messages in the conversation, newest last: a number
        split over two messages is found, at the offsets of its part in ``text``.
        """
        data = text.encode("utf-8", "replace")
        hits = self._set.hits(data) if len(data) <= STEP else None
        if hits is not None and not (preceding and has_digit(text)):
            work = self._quiet_work(text, data, hits)
            if work is not None:
                return self._nothing(work)
        return (yield from self._examined(text, preceding, hits))

    def _examined(
        self, text: str, preceding: Sequence[str], hits: list[tuple[int, int]] | None
    ) -> Generator[None, None, ScanResult]:
        """Confirm what the pass saw; ``hits`` are those of the whole text when it is one part."""
        examination = Examination(self._set)
        reason = ""
        try:
            yield from examination.first_pass(View(text, 0, len(text), identity), hits)
            if preceding and has_digit(text):
                yield from self._joined(examination, text, preceding)
        except BudgetSpentError as spent:
            reason = f"the text is too dense to be examined: {spent}"
        except Exception as error:
            reason = f"the engine failed: {type(error).__name__}"
        if not reason and examination.failed:
            reason = examination.failed[0]
        return ScanResult(examination.matches(), not reason, examination.work, reason)

    def _nothing(self, work: int) -> ScanResult:
        """Return the result of most messages, made once a length."""
        result = self._quiet.get(work)
        if result is None:
            result = self._quiet[work] = ScanResult((), complete=True, work=work)
        return result

    def _quiet_work(self, text: str, data: bytes, hits: list[tuple[int, int]]) -> int | None:
        """Return the work of a text in which the pass saw nothing that calls for more, as written and as shown.

        Keywords call for nothing by themselves. Returns nothing for any other text.
        """
        if self._set.patterns_unfiltered:
            return None
        first = self._first_keyword
        marks = 0
        for entry, _ in hits:
            if entry < first:
                if entry > OTHER_ENTRY:
                    return None
                marks |= 1 << entry
        if not marks:
            return len(data)
        if marks == 1 << PLAIN_ENTRY:
            readings = [data.translate(None, PLAIN_MARKS)]
        else:
            readings = [reading.text.encode("utf-8", "replace") for reading in shown(text)]
        for seen in readings:
            for entry, _ in self._set.hits(seen):
                if OTHER_ENTRY < entry < first:
                    return None
        return len(data) + sum(map(len, readings))

    def _joined(
        self, examination: Examination, text: str, preceding: Sequence[str]
    ) -> Generator[None, None, None]:
        """Examine the text behind the sender's preceding messages."""
        likely: set[int] = set()
        for view in joined_views(text, preceding):
            yield from examination.first_pass(view)
            likely.update(view.near)
        fragments = fragments_view(text, preceding, frozenset(likely))
        if fragments is not None:
            yield from examination.first_pass(fragments)
