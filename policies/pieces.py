"""Scans what is far longer than a message: in pieces, each with a budget of its own.

The budget of a scan is meant for one message. The text of a file is as long as fifty of them, so it is
read in pieces that overlap: what stands across a border is whole in one of the two.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

from policies.compiled import TextMatch, TextScan, TextScanner

PIECE: Final = 20_000
"""How many characters are scanned at once: as many as a message may have."""
OVERLAP: Final = 1_000
"""At least as long as any value with the evidence that stands beside it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A match of one piece, at its place in the whole text."""

    detector: str
    start: int
    end: int
    confidence: int
    excerpt: str
    preceding: bool = False

    @classmethod
    def of(cls, match: TextMatch, shift: int) -> "Placed":
        """Return ``match``, found in a piece that begins at ``shift``."""
        return cls(match.detector, match.start + shift, match.end + shift, match.confidence, match.excerpt)


@dataclass(frozen=True, slots=True)
class Pieces:
    """What all pieces together showed."""

    matches: Sequence[TextMatch]
    complete: bool


def scan_pieces(scanner: TextScanner, text: str) -> Generator[None, None, TextScan]:
    """Return what was found in all of ``text``, at its places there; yield between steps."""
    found: dict[tuple[str, int, int], Placed] = {}
    complete = True
    for start in range(0, max(1, len(text)), PIECE - OVERLAP):
        scan = yield from scanner.scan_steps(text[start : start + PIECE], ())
        complete = complete and scan.complete
        for match in scan.matches:
            placed = Placed.of(match, start)
            known = found.get((placed.detector, placed.start, placed.end))
            if known is None or known.confidence < placed.confidence:
                found[placed.detector, placed.start, placed.end] = placed
        if start + PIECE >= len(text):
            break
    return Pieces(sorted(found.values(), key=lambda match: (match.start, match.end)), complete)
