"""Information barriers: who may not tell whom, where, until when, and who may see whom.

A barrier stops a text if its sender and anybody in its audience stand on opposite sides. It also
stops a membership that would put both sides into one room, whoever brings them together; a one-way
barrier does not, because one side may speak there. Crossings let named people across for a stated
time. Where barriers disagree the stricter one holds.
"""

from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import product

from core.types import ConversationKind, Facts, Finding, PersonFacts, RuleId, Surface, Verdict
from policies.bundle import Bundle
from policies.model.rules import Barrier, Crossing, Direction, OtherSide, Reach
from policies.people import SegmentTable, is_named

_STEP = 256

_REACH = {
    ConversationKind.DIRECT: Reach.DIRECT,
    ConversationKind.GROUP: Reach.GROUP,
    ConversationKind.PUBLIC: Reach.CHANNELS,
    ConversationKind.PRIVATE: Reach.CHANNELS,
}


_Placed = tuple[PersonFacts, frozenset[str]]
"""A person with their segments."""


class Sight(StrEnum):
    """How one person appears to another in search, presence and mentions."""

    VISIBLE = "visible"
    EXPLAINED = "explained"
    HIDDEN = "hidden"


def barrier_steps(
    facts: Facts, bundle: Bundle, segments: SegmentTable
) -> Generator[None, None, list[Finding]]:
    """Return one finding for each barrier that this text would cross; yield every few hundred people."""
    standing = [barrier for barrier in bundle.barriers if _REACH[facts.kind] in barrier.applies_to]
    findings: list[Finding] = []
    if not standing:
        return findings
    # Whoever passes words on is stopped where their author would be.
    speakers = [
        (person, segments.of(person)) for person in (facts.sender, facts.origin) if person is not None
    ]
    others: list[_Placed] = []
    for count, person in enumerate(facts.audience, 1):
        theirs = segments.of(person)
        if theirs and person.id != facts.sender.id:
            others.append((person, theirs))
        if count % _STEP == 0:
            yield
    present = (facts.sender, *facts.audience)
    for barrier in standing:
        pairs = _pairs(facts, barrier, speakers, others)
        if any(not _crosses(barrier, one, other, facts.at, present) for one, other in pairs):
            findings.append(Finding(RuleId(barrier.id), "", Verdict.BLOCK))
        yield
    return findings


def _pairs(
    facts: Facts, barrier: Barrier, speakers: list[_Placed], others: list[_Placed]
) -> Iterator[tuple[PersonFacts, PersonFacts]]:
    """Return the people between whom something would pass that this barrier stops."""
    if facts.surface is not Surface.MEMBERSHIP:
        return (
            (speaker, person)
            for speaker, mine in speakers
            for person, theirs in others
            if person.id != speaker.id and not _beyond(barrier, mine).isdisjoint(theirs)
        )
    if barrier.direction is Direction.ONE_WAY:
        # Being in one room tells nothing yet, and one side may speak; each text is decided.
        return iter(())
    # Whoever invites, a shared room connects everybody in it.
    left, right = (
        [person for person, theirs in (*speakers, *others) if side in theirs] for side in barrier.between
    )
    return ((one, other) for one, other in product(left, right) if one.id != other.id)


def _beyond(barrier: Barrier, mine: frozenset[str]) -> frozenset[str]:
    """Return the segments that somebody of these segments may tell nothing, crossings aside."""
    left, right = barrier.between
    beyond = [right] if left in mine else []
    if barrier.direction is Direction.BOTH and right in mine:
        beyond.append(left)
    return frozenset(beyond)


def _crosses(
    barrier: Barrier,
    one: PersonFacts,
    other: PersonFacts,
    at: datetime,
    present: Iterable[PersonFacts] | None,
) -> bool:
    return any(_open(crossing, one, other, at, present) for crossing in barrier.crossings)


def _open(
    crossing: Crossing,
    one: PersonFacts,
    other: PersonFacts,
    at: datetime,
    present: Iterable[PersonFacts] | None,
) -> bool:
    """Tell whether this crossing lets ``one`` talk to ``other`` now; ``present`` is not known in a search."""
    if at >= crossing.until or (crossing.since is not None and at < crossing.since):
        return False
    if not (is_named(one, crossing.people) and is_named(other, crossing.people)):
        return False
    if not crossing.chaperone or present is None:
        return True
    return any(is_named(person, [crossing.chaperone]) for person in present)


def sight(
    viewer: PersonFacts, other: PersonFacts, at: datetime, bundle: Bundle, segments: SegmentTable
) -> tuple[Sight, Barrier | None]:
    """Return how ``other`` appears to ``viewer``, and the barrier that makes it so.

    Somebody whom no barrier keeps apart from the viewer, crossings included, appears as usual; where
    several barriers stand between them, one that hides wins.
    """
    if viewer.id == other.id:
        return Sight.VISIBLE, None
    mine, theirs = segments.of(viewer), segments.of(other)
    standing = [
        barrier
        for barrier in bundle.barriers
        if not _beyond(barrier, mine).isdisjoint(theirs) and not _crosses(barrier, viewer, other, at, None)
    ]
    if not standing:
        return Sight.VISIBLE, None
    hiding = [barrier for barrier in standing if barrier.other_side is OtherSide.HIDDEN]
    return (Sight.HIDDEN, hiding[0]) if hiding else (Sight.EXPLAINED, standing[0])
