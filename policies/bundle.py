"""The policy bundle: what a firm decided may be said to whom, as one frozen value.

A bundle has one canonical form (RFC 8785, JSON Canonicalization Scheme) and one hash, the SHA-256
of that form in lower-case hexadecimal. The hash is what an approver signs and what every decision
names. The model is also the grammar of the source: :mod:`policies.source` reads whatever stands
here and refuses everything else.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec
import rfc8785
from msgspec import Meta, field

from core.errors import IntegrityError
from core.types import (
    BundleHash,
    Confidence,
    ConversationKind,
    NotificationText,
    RetentionRule,
    Surface,
    UsageRules,
    Verdict,
)

Id = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}\Z")]
"""A name that findings, receipts and sentences carry: letters, digits, ``-`` and ``_``."""

Words = Annotated[str, Meta(min_length=1, max_length=200)]
Sentence = Annotated[str, Meta(min_length=1, max_length=1_000)]


class Level(StrEnum):
    """How sure a detector must be, in an author's words."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def confidence(self) -> Confidence:
        """Return the figure that matches are compared with."""
        return Confidence[self.name]


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


class Unscannable(StrEnum):
    """What becomes of a text that could not be scanned to its end."""

    QUARANTINE = "quarantine"
    BLOCK = "block"

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of the finding ``unscannable``."""
        return Verdict(self.value)


class Unreadable(StrEnum):
    """What becomes of a file whose text cannot be read to its end: locked, damaged, or of no known kind."""

    FLAG = "flag"
    WARN = "warn"
    JUSTIFY = "justify"
    QUARANTINE = "quarantine"
    BLOCK = "block"

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of the finding ``unreadable``."""
        return Verdict(self.value)


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen piece of a bundle that refuses keys it does not know."""


class Segment(_Part, frozen=True):
    """People whom policies name together: by directory group, by attribute, or one by one."""

    title: Words
    groups: tuple[Words, ...] = ()
    attributes: dict[str, tuple[Words, ...]] = field(default_factory=dict)
    people: tuple[Words, ...] = ()


class NoticeText(_Part, frozen=True):
    """An author's own words for the sender, in place of the standard ones."""

    title: Sentence
    why: Annotated[str, Meta(max_length=2_000)] = ""
    actions: tuple[Sentence, ...] = ()


class Crossing(_Part, frozen=True):
    """Named people who may talk across a barrier for a stated time.

    With a ``chaperone`` they may do so only where that person is present.
    """

    people: Annotated[tuple[Words, ...], Meta(min_length=2)]
    until: datetime
    approver: Words
    since: datetime | None = None
    chaperone: str = ""
    reason: str = ""


class Barrier(_Part, frozen=True):
    """Two segments that may not talk to each other, where and in which direction."""

    id: Id
    title: Sentence
    between: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=2)]
    direction: Direction = Direction.BOTH
    applies_to: Annotated[tuple[Reach, ...], Meta(min_length=1)] = tuple(Reach)
    other_side: OtherSide = OtherSide.EXPLAINED
    notice: NoticeText | None = None
    crossings: tuple[Crossing, ...] = ()


class SharingRule(_Part, frozen=True):
    """What holds as soon as somebody from outside the firm takes part.

    Without ``links`` and ``detectors`` it holds for every text; with them, where either is found.
    """

    id: Id
    title: Sentence
    verdict: Verdict
    kinds: tuple[ConversationKind, ...] = ()
    from_: tuple[Id, ...] = field(default=(), name="from")
    links: bool = False
    detectors: tuple[Words, ...] = ()
    min_confidence: Level = Level.MEDIUM
    notice: NoticeText | None = None
    priority: int = 0


class Near(_Part, frozen=True):
    """Evidence that must stand close to a match; ``distance`` is in characters between the two.

    ``detector`` is one of the catalogue, or ``lexicon:RULE`` or ``pattern:RULE`` for the words or the
    pattern of another rule.
    """

    detector: Words
    distance: Annotated[int, Meta(ge=1, le=1_000)] = 300


class Scope(_Part, frozen=True):
    """Whom and what a rule is about. What is left empty holds for all."""

    from_: tuple[Id, ...] = field(default=(), name="from")
    to: tuple[Id, ...] = ()
    external_only: bool = False
    surfaces: tuple[Surface, ...] = ()
    kinds: tuple[ConversationKind, ...] = ()


class DlpRule(_Part, frozen=True):
    """What may not be written, by detectors of the catalogue, own words or an own pattern (RE2)."""

    id: Id
    title: Sentence
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


class Dlp(_Part, frozen=True):
    """The rules on content, and how far back a sender's own messages are read with a new one."""

    rules: tuple[DlpRule, ...] = ()
    preceding_minutes: Annotated[int, Meta(ge=0, le=60)] = 10
    unscannable: Unscannable = Unscannable.QUARANTINE


FileType = Annotated[str, Meta(pattern=r"^[a-z]+/(\*|[a-z0-9][a-z0-9.+-]{0,99})\Z")]
"""A type of files as their content shows it: ``application/pdf``, or ``image/*`` for all images."""


class Files(_Part, frozen=True):
    """Which files may be sent, and what is done with them.

    ``types`` names what may be sent (empty: everything), ``denied`` what may not, whatever a file is
    called. ``cannot_cover`` is what becomes of a file where a rule says ``redact``: it cannot be covered
    in place.
    """

    max_mb: Annotated[int, Meta(ge=0, le=4_096)] = 100
    types: tuple[FileType, ...] = ()
    denied: tuple[FileType, ...] = ()
    strip_metadata: bool = True
    previews: bool = True
    unreadable: Unreadable = Unreadable.QUARANTINE
    cannot_cover: Unscannable = Unscannable.QUARANTINE


class History(StrEnum):
    """Who may see in the chat what an edited message said before."""

    EVERYONE = "everyone"
    NOBODY = "nobody"


Minutes = Annotated[int, Meta(ge=0, le=5_256_000)]


class Usage(_Part, frozen=True):
    """What people may do with what was said.

    Minutes count from when a message was first seen; without them there is no limit, and 0 forbids it.
    ``previews`` lets the worker fetch the page that a link leads to. ``notification_text`` is how much
    a notification on a screen says.
    """

    edit_history: History = History.NOBODY
    edit_minutes: Minutes | None = None
    delete_minutes: Minutes | None = None
    previews: bool = False
    notification_text: NotificationText = NotificationText.SENDER

    def rules(self) -> UsageRules:
        """Return them as the messaging core heeds them."""
        return UsageRules(
            edit_history=self.edit_history is History.EVERYONE,
            edit_within=_window(self.edit_minutes),
            delete_within=_window(self.delete_minutes),
            previews=self.previews,
            notification_text=self.notification_text,
        )


def _window(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


Days = Annotated[int, Meta(ge=1, le=36_525)]


class Retention(_Part, frozen=True):
    """How many days each kind of conversation is kept, counted from the commit of its last item."""

    direct: Days
    group: Days
    public: Days
    private: Days

    def rules(self) -> tuple[RetentionRule, ...]:
        """Return one rule for each kind of conversation."""
        return tuple(RetentionRule(kind, getattr(self, kind.value)) for kind in ConversationKind)


class Quarantine(_Part, frozen=True):
    """How long a message waits in the release queue before it lapses."""

    expires_hours: Annotated[int, Meta(ge=1, le=24 * 30)] = 24


class Who(_Part, frozen=True):
    """A person in a test: by name, by segment, by group, from inside or outside."""

    person: str = ""
    segments: tuple[Id, ...] = ()
    groups: tuple[Words, ...] = ()
    external: bool = False


class GivenFile(_Part, frozen=True):
    """The file of a test: its type and size, and what kept it from being read."""

    type: FileType = "text/plain"
    size: Annotated[int, Meta(ge=0)] = 1_000
    problem: str = ""


class Given(_Part, frozen=True):
    """What a test sends: who to whom, where, what, and after which earlier messages.

    With a ``file``, ``text`` is what was read from it; its surface is then ``file``.
    """

    text: str
    from_: Who = field(default=Who(), name="from")
    to: tuple[Who, ...] = (Who(),)
    kind: ConversationKind = ConversationKind.DIRECT
    surface: Surface = Surface.MESSAGE
    preceding: tuple[str, ...] = ()
    at: datetime | None = None
    file: GivenFile | None = None


class Expect(_Part, frozen=True):
    """What a test demands: the verdict and, if named, exactly these rules."""

    verdict: Verdict
    rules: tuple[Id, ...] | None = None


class BundleTest(_Part, frozen=True):
    """A promise that the bundle makes about itself."""

    name: Sentence
    given: Given
    expect: Expect


Rule = Barrier | SharingRule | DlpRule
"""What a finding names by its id: unique in a bundle."""


class Bundle(_Part, frozen=True):
    """One policy bundle. Equal bundles have equal canonical forms, and the other way round."""

    name: Words
    retention: Retention
    segments: dict[Id, Segment] = field(default_factory=dict)
    barriers: tuple[Barrier, ...] = ()
    sharing: tuple[SharingRule, ...] = ()
    dlp: Dlp = Dlp()
    files: Files = Files()
    usage: Usage = Usage()
    quarantine: Quarantine = Quarantine()
    tests: tuple[BundleTest, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return everything that a finding can name."""
        found: list[Rule] = [*self.barriers, *self.sharing, *self.dlp.rules]
        return tuple(found)


def canonical(bundle: Bundle) -> bytes:
    """Return the canonical form: RFC 8785 JSON in UTF-8, defaults written out, times in UTC."""
    return rfc8785.dumps(msgspec.to_builtins(bundle))


def bundle_hash(bundle: Bundle) -> BundleHash:
    """Return the SHA-256 of the canonical form, 64 hexadecimal characters."""
    return hash_of(canonical(bundle))


def hash_of(form: bytes) -> BundleHash:
    """Return the hash of a canonical form as it was stored."""
    return BundleHash(hashlib.sha256(form).hexdigest())


def from_canonical(form: bytes) -> Bundle:
    """Return the bundle whose canonical form this is.

    Raises:
        IntegrityError: ``bad_bundle``; these bytes were never written by :func:`canonical`.
    """
    try:
        return msgspec.json.decode(form, type=Bundle)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IntegrityError("The stored policy bundle cannot be read.", code="bad_bundle") from error
