"""A scanner of a few lines that keeps the promises of the real one on simple texts.

It knows two detectors, ``payment_card`` (four groups of four digits) and ``iban`` (of Great Britain),
finds words and patterns with ``re``, and joins earlier messages by a blank. ``[dense]`` in a text
exhausts its budget, ``[broken]`` makes it raise.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from core.errors import InvalidInput
from core.types import Confidence
from policies.complaints import Complaint, complain

STEP = 4_096
KNOWN = {
    "payment_card": r"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b",
    "iban": r"\bGB\d{2}[A-Z]{4}\d{14}\b",
}
DETECTORS = frozenset(KNOWN)


@dataclass(frozen=True, slots=True)
class FakeMatch:
    detector: str
    start: int
    end: int
    confidence: int
    excerpt: str
    preceding: bool


@dataclass(frozen=True, slots=True)
class FakeScan:
    matches: tuple[FakeMatch, ...]
    complete: bool
    work: int
    reason: str


class WordScanner:
    """Finds what it was built with; :meth:`build` has the signature of the real one."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self._patterns = patterns

    @classmethod
    def build(
        cls, detectors: Sequence[str], lexicons: Mapping[str, Sequence[str]], patterns: Mapping[str, str]
    ) -> "WordScanner":
        unknown = set(detectors) - KNOWN.keys()
        if unknown:
            raise InvalidInput(f"There is no detector {min(unknown)!r}.", code="unknown_detector")
        made = {name: KNOWN[name] for name in detectors}
        made |= {
            name: r"\b(?:" + "|".join(map(re.escape, words)) + r")\b" for name, words in lexicons.items()
        }
        made |= patterns
        return cls({name: re.compile(pattern, re.IGNORECASE) for name, pattern in made.items()})

    def scan_steps(self, text: str, preceding: Sequence[str]) -> Generator[None, None, FakeScan]:
        for _ in range(0, len(text), STEP):
            yield
        if "[broken]" in text:
            raise RuntimeError("a detector failed")
        before = "".join(f"{earlier} " for earlier in preceding)
        joined = before + text
        matches = [
            FakeMatch(
                name,
                max(found.start() - len(before), 0),
                found.end() - len(before),
                Confidence.HIGH,
                "…" + found.group()[-4:],
                found.start() < len(before),
            )
            for name, pattern in self._patterns.items()
            for found in pattern.finditer(joined)
            if found.end() > len(before)
        ]
        dense = "[dense]" in text
        yield
        return FakeScan(tuple(matches), not dense, len(joined), "too dense" if dense else "")


def refuses(pattern: str) -> Complaint | None:
    """Return why ``pattern`` cannot be used, as the real vocabulary does."""
    try:
        re.compile(pattern)
    except re.error as error:
        return complain("pattern_refused", why=str(error))
    return None
