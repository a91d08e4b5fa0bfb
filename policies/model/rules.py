"""The rules of a bundle: whom they name, who is kept apart, what may be shared and what may be written."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from core.types import ConversationKind, Surface, Verdict
from policies.model.parts import Id, Level, Part, Unscannable, Words
from policies.model.texts import NoticeText, Text


class Direction(StrEnum):
    """Whether both sides are kept apart, or only the first may not tell the second."""

    BOTH = "both"
    ONE_WAY = "one-way"


class Reach(StrEnum):
    """The places a barrier stands in."""

    DIRECT = "direct"
    GROUP = "group"
    CHANNELS = "channels"


class OtherSide(StrEnum):
    """Whether people learn that somebody is beyond a barrier, or never see that person."""

    HIDDEN = "hidden"
    EXPLAINED = "explained"


class Segment(Part, frozen=True):
    """People whom policies name together: by directory group, by attribute, or one by one."""

    title: Text
    groups: tuple[Words, ...] = ()
    attributes: dict[str, tuple[Words, ...]] = field(default_factory=dict)
    people: tuple[Words, ...] = ()


class Crossing(Part, frozen=True):
    """Named people who may talk across a barrier for a stated time.

    With a ``chaperone`` they may do so only where that person is present.
    """

    people: Annotated[tuple[Words, ...], Meta(min_length=2)]
    until: datetime
    approver: Words
    since: datetime | None = None
    chaperone: str = ""
    reason: str = ""


class Barrier(Part, frozen=True):
    """Two segments that may not talk to each other, where and in which direction."""

    id: Id
    title: Text
    between: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=2)]
    direction: Direction = Direction.BOTH
    applies_to: Annotated[tuple[Reach, ...], Meta(min_length=1)] = tuple(Reach)
    other_side: OtherSide = OtherSide.EXPLAINED
    notice: NoticeText | None = None
    crossings: tuple[Crossing, ...] = ()


class SharingRule(Part, frozen=True):
    """What holds as soon as somebody from outside the firm takes part.

    Without ``links`` and ``detectors`` it holds for every text; with them, where either is found.
    Of what is flagged by a ``silent`` rule its sender is not told.
    """

    id: Id
    title: Text
    verdict: Verdict
    kinds: tuple[ConversationKind, ...] = ()
    from_: tuple[Id, ...] = field(default=(), name="from")
    links: bool = False
    detectors: tuple[Words, ...] = ()
    min_confidence: Level = Level.MEDIUM
    notice: NoticeText | None = None
    silent: bool = False
    priority: int = 0


class Near(Part, frozen=True):
    """Evidence that must stand close to a match; ``distance`` is in characters between the two.

    ``detector`` is one of the catalogue, or ``lexicon:RULE`` or ``pattern:RULE`` for the words or the
    pattern of another rule.
    """

    detector: Words
    distance: Annotated[int, Meta(ge=1, le=1_000)] = 300


class Scope(Part, frozen=True):
    """Whom and what a rule is about. What is left empty holds for all."""

    from_: tuple[Id, ...] = field(default=(), name="from")
    to: tuple[Id, ...] = ()
    external_only: bool = False
    surfaces: tuple[Surface, ...] = ()
    kinds: tuple[ConversationKind, ...] = ()


class DlpRule(Part, frozen=True):
    """What may not be written, by detectors of the catalogue, own words or an own pattern (RE2).

    Of what is flagged by a ``silent`` rule its sender is not told.
    """

    id: Id
    title: Text
    verdict: Verdict
    detectors: tuple[Words, ...] = ()
    lexicon: Annotated[tuple[Words, ...], Meta(max_length=10_000)] = ()
    pattern: Annotated[str, Meta(max_length=1_000)] = ""
    min_confidence: Level = Level.MEDIUM
    min_count: Annotated[int, Meta(ge=1, le=1_000)] = 1
    unique: bool = False
    near: Near | None = None
    scope: Scope = Scope()
    notice: NoticeText | None = None
    silent: bool = False
    priority: int = 0

    @property
    def lexicon_key(self) -> str:
        """Return the detector name under which this rule's own words are found."""
        return f"lexicon:{self.id}"

    @property
    def pattern_key(self) -> str:
        """Return the detector name under which this rule's own pattern is found."""
        return f"pattern:{self.id}"

    @property
    def own_sources(self) -> tuple[str, ...]:
        """Return the detector names under which this rule's own words and pattern are found."""
        return (self.lexicon_key,) * bool(self.lexicon) + (self.pattern_key,) * bool(self.pattern)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return every detector name whose matches count for this rule."""
        return (*self.detectors, *self.own_sources)


class Dlp(Part, frozen=True):
    """The rules on content, and how far back a sender's own messages are read with a new one."""

    rules: tuple[DlpRule, ...] = ()
    preceding_minutes: Annotated[int, Meta(ge=0, le=60)] = 10
    unscannable: Unscannable = Unscannable.QUARANTINE


Rule = Barrier | SharingRule | DlpRule
"""What a finding names by its id: unique in a bundle."""
