"""Typed ids, time, and the values that cross rooms: facts, findings, decisions.

Everything here is frozen. Ids are random (120 bits, 24 characters of lower-case base32), so that a
leaf of the ledger tells nothing; order comes from counters, never from ids.
"""

import base64
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, NewType, Protocol

PersonId = NewType("PersonId", str)
OfficerId = NewType("OfficerId", str)
ConversationId = NewType("ConversationId", str)
ItemId = NewType("ItemId", str)
DecisionId = NewType("DecisionId", str)
SessionId = NewType("SessionId", str)
RuleId = NewType("RuleId", str)
BundleHash = NewType("BundleHash", str)
PartitionId = NewType("PartitionId", str)
MatterId = NewType("MatterId", str)


def new_id() -> str:
    """Return a fresh random id: 120 bits as 24 characters of ``a-z2-7``."""
    return base64.b32encode(os.urandom(15)).decode("ascii").lower()


class Clock(Protocol):
    """Where time comes from, so that a seeder or a test may drive it."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, for leases, freshness and ages."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary point."""
        return time.monotonic()


def rfc3339(at: datetime) -> str:
    """Return ``at`` as ``YYYY-MM-DDTHH:MM:SS.mmmZ`` (RFC 3339, milliseconds, UTC)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_rfc3339(text: str) -> datetime:
    """Return the instant that :func:`rfc3339` wrote."""
    return datetime.fromisoformat(text)


def to_ms(at: datetime) -> int:
    """Return milliseconds since 1970, as every store keeps a time."""
    return int(at.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """Return the UTC time of :func:`to_ms`."""
    return datetime.fromtimestamp(ms / 1000, UTC)


class ConversationKind(StrEnum):
    """How a conversation is entered; also its retention class."""

    DIRECT = "direct"
    GROUP = "group"
    PUBLIC = "public"
    PRIVATE = "private"


class Surface(StrEnum):
    """Every way by which text leaves a person. Each is decided before it is shown."""

    MESSAGE = "message"
    EDIT = "edit"
    REACTION = "reaction"
    CONVERSATION_NAME = "conversation_name"
    TOPIC = "topic"
    MEMBERSHIP = "membership"
    PREVIEW = "preview"
    FILE = "file"
    FILE_NAME = "file_name"


class Verdict(StrEnum):
    """What a policy says, from mildest to strictest."""

    ALLOW = "allow"
    FLAG = "flag"
    WARN = "warn"
    JUSTIFY = "justify"
    REDACT = "redact"
    QUARANTINE = "quarantine"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """Return the strictness; a decision takes the highest."""
        return _VERDICT_ORDER[self]

    @property
    def delivers(self) -> bool:
        """Tell whether others see anything at once."""
        return self in {Verdict.ALLOW, Verdict.FLAG, Verdict.REDACT}


_VERDICT_ORDER: Mapping[Verdict, int] = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Confidence(IntEnum):
    """How sure a detector is (the levels administrators know from Purview)."""

    LOW = 65
    MEDIUM = 75
    HIGH = 85


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found. ``start`` and ``end`` are character offsets in the text decided.

    ``excerpt`` is masked and safe to show to the sender. A finding without a place in the text
    (a barrier, a rule on people) has ``start == end == 0`` and an empty detector.
    ``preceding`` tells that the value spans messages sent before this one.
    """

    rule: RuleId
    detector: str
    verdict: Verdict
    start: int = 0
    end: int = 0
    confidence: int = Confidence.HIGH
    excerpt: str = ""
    preceding: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sender is told: what was found, why it matters, what can be done.

    ``translations`` says the same to whoever reads another language, as far as the policy has words in it.
    """

    title: str
    why: str = ""
    actions: tuple[str, ...] = ()
    translations: Mapping[str, "Notice"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person as policies see them."""

    id: PersonId
    segments: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    external: bool = False


@dataclass(frozen=True, slots=True)
class Preceding:
    """One of the sender's own last messages in the same conversation; newest last."""

    item: ItemId
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file as policies see it: its type by content, and its size in bytes.

    ``problem`` says why its text could not be read to the end; empty where there is none to read, or
    all of it was read.
    """

    type: str
    size: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision may depend on besides the text and the bundle.

    ``confirmed`` holds the rules that the sender confirmed for a text whose keyed hash is
    ``confirmed_text``; ``approved`` the findings (see ``finding_key``) that an officer released.
    ``file`` is there where the text was read from a file.
    ``origin`` is whose words the sender passes on.
    ``beside`` is what else stands in the same message (names of files, what is carried), or what else the
    sender put below it: a number that is split over parts of one message is found, in either order.
    """

    surface: Surface
    sender: PersonFacts
    conversation: ConversationId
    kind: ConversationKind
    audience: tuple[PersonFacts, ...]
    at: datetime
    preceding: tuple[Preceding, ...] = ()
    confirmed: frozenset[RuleId] = frozenset()
    confirmed_text: str = ""
    approved: frozenset[str] = frozenset()
    file: FileFacts | None = None
    origin: PersonFacts | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The one answer of the policy engine. No bool, no union.

    ``redacted`` is the text as recipients may see it when the verdict is ``redact``.
    ``policy_epoch`` is the store's epoch the decision was taken under. ``complete`` is false where
    a budget ran out or a detector failed; such a decision is never mild.
    """

    id: DecisionId
    verdict: Verdict
    bundle: BundleHash
    findings: tuple[Finding, ...] = ()
    notice: Notice | None = None
    redacted: str | None = None
    obligations: Mapping[str, Any] = field(default_factory=dict)
    policy_epoch: int = 0
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long a class of conversation is kept, counted from the commit of its last item."""

    kind: ConversationKind
    days: int


class NotificationText(StrEnum):
    """How much a notification on somebody's screen says."""

    FULL = "full"
    SENDER = "sender"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class UsageRules:
    """What a policy lets people do with what was said. A window of None has no end."""

    edit_history: bool = False
    edit_within: timedelta | None = None
    delete_within: timedelta | None = None
    previews: bool = False
    notification_text: NotificationText = NotificationText.SENDER
    covered_shown_to_sender: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the wire form; windows in minutes."""
        return {
            "edit_history": self.edit_history,
            "edit_minutes": _minutes(self.edit_within),
            "delete_minutes": _minutes(self.delete_within),
            "notification_text": self.notification_text,
        }


def _minutes(window: timedelta | None) -> int | None:
    return None if window is None else int(window.total_seconds() // 60)
