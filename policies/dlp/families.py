"""Shapes by what triggers them: when the one pass sees a trigger, its whole family is looked at.

Twenty national numbers begin with nothing rarer than a digit. Each as a pattern of its own would make
the pass over every message dearer; together behind one trigger and one gate they cost nothing until
somebody writes six digits.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.dlp.detector import Detector, Shape

#: Where a shape of a shared trigger can begin: a digit stands within a few letters. All other words of
#: a text are passed over without trying every shape.
_DIGIT_SOON = r"(?=[A-Za-z+(]{0,4}[ \-]?[0-9])(?:"
_WORD_STARTS = frozenset("[0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Member:
    """One shape of one detector, by its index, ready to confirm."""

    detector: int
    shape: Shape
    pattern: re.Pattern[str]
    tail: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Family:
    """Shapes that share their triggers. ``gate`` matches where any of them could.

    A shared trigger is common, so the pass reports it once a text and ``locate`` finds the others.
    """

    triggers: tuple[str, ...]
    caseless: bool
    members: tuple[Member, ...]
    gate: re.Pattern[str]
    locate: re.Pattern[str] | None
    reach: int

    def matches(self, text: str, low: int, high: int) -> Iterator[tuple[Member, re.Match[str]]]:
        """Yield every member's matches that begin in ``low`` to ``high`` and end there too."""
        alone = len(self.members) == 1
        at = low
        while True:
            found = self.gate.search(text, at, high)
            if found is None:
                return
            if alone:
                yield self.members[0], found
                at = max(found.end(), at + 1)
                continue
            for member in self.members:
                match = member.pattern.match(text, found.start(), high)
                if match is not None:
                    yield member, match
            at = found.start() + 1


def _confirming(shape: Shape) -> str:
    return rf"(?<!\w)(?:{shape.pattern})(?!\w)" if shape.bordered else shape.pattern


def _triggers_of(shape: Shape) -> tuple[str, ...]:
    """Return what the pass looks for; without a border it would see a long run of digits once a digit."""
    if isinstance(shape.trigger, str):
        return (shape.trigger,)
    if shape.trigger is not None:
        return shape.trigger
    bordered = shape.bordered and shape.pattern[0] in _WORD_STARTS
    return (rf"\b(?:{shape.pattern})",) if bordered else (shape.pattern,)


def _gate(members: Iterable[Member]) -> re.Pattern[str]:
    """Return one pattern that matches where any member does; a single one keeps its groups."""
    known = list(members)
    if len(known) == 1:
        return known[0].pattern
    return re.compile(
        _DIGIT_SOON
        + "|".join(
            f"(?{'i' if member.shape.caseless else ''}:{_confirming(member.shape)})" for member in known
        )
        + ")"
    )


def families_of(detectors: Iterable[Detector]) -> tuple[Family, ...]:
    """Return the families of all shapes, in the order in which their triggers first appear."""
    shared: dict[tuple[str, ...], list[Member]] = {}
    for index, detector in enumerate(detectors):
        for shape in detector.shapes:
            flags = re.IGNORECASE if shape.caseless else re.NOFLAG
            tail = re.compile(shape.tail) if shape.tail else None
            member = Member(index, shape, re.compile(_confirming(shape), flags), tail)
            shared.setdefault(_triggers_of(shape), []).append(member)
    return tuple(
        Family(
            triggers,
            any(member.shape.caseless for member in members),
            tuple(members),
            _gate(members),
            re.compile("|".join(triggers)) if len(members) > 1 else None,
            max(member.shape.reach for member in members),
        )
        for triggers, members in shared.items()
    )
