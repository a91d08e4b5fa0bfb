"""The values of the messaging core: conversations as decided on, requests, and what comes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.types import ConversationId, ConversationKind, ItemId, PersonFacts, PersonId, Preceding


class VersionKind(StrEnum):
    """Why a new version of an item exists."""

    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    UNREACT = "unreact"
    PIN = "pin"
    UNPIN = "unpin"
    REPORT = "report"
    PREVIEW = "preview"
    RELEASE = "release"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    OPEN = "open"
    JOIN = "join"
    LEAVE = "leave"
    RENAME = "rename"
    TOPIC = "topic"
    CLOSE = "close"
    CHECK = "check"
    RECALL = "recall"
    RESTORE = "restore"


class ItemType(StrEnum):
    """What an item is: something said, or something that happened to the conversation."""

    MESSAGE = "message"
    EVENT = "event"


class ItemState(StrEnum):
    """The state of an item; one vocabulary for code, wire, style sheet, help and tests."""

    SENT = "sent"
    EDITED = "edited"
    REDACTED = "redacted"
    DELETED = "deleted"
    EXPIRED = "expired"
    CHECKING = "checking"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEEDS_REASON = "needs_reason"
    QUARANTINED = "quarantined"
    BLOCKED = "blocked"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    RECALLED = "recalled"

    @property
    def visible(self) -> bool:
        """Tell whether people other than the sender see the item."""
        return self in {self.SENT, self.EDITED, self.REDACTED, self.DELETED, self.EXPIRED, self.RECALLED}


@dataclass(frozen=True, slots=True)
class Person:
    """One person as the messaging core needs them.

    Nobody brings somebody into a conversation who does not ``takes_part``: the account of a service.
    """

    id: PersonId
    username: str
    display_name: str
    email: str
    facts: PersonFacts
    takes_part: bool = True

    def as_record(self) -> dict[str, Any]:
        """Return the names as they are now, for the archive."""
        return {"id": self.id, "username": self.username, "name": self.display_name, "email": self.email}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation at one ``revision``: whoever decides on it decides on these members."""

    id: ConversationId
    kind: ConversationKind
    name: str
    topic: str
    revision: int
    closed: bool
    members: Mapping[PersonId, Person]
    opener: PersonId

    def others(self, person: PersonId) -> tuple[PersonFacts, ...]:
        """Return the facts of everybody but ``person``, in a stable order."""
        return tuple(self.members[i].facts for i in sorted(self.members) if i != person)


@dataclass(frozen=True, slots=True)
class Frame:
    """One item version as clients get it; ``created_cseq`` tells who joined too late to see it."""

    conversation: ConversationId
    cseq: int
    created_cseq: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one committed write means: the sender's answer and what others are shown.

    ``ended`` is where the wait of a stopped message ended; only its sender is told.
    """

    answer: dict[str, Any]
    frames: tuple[Frame, ...] = ()
    joined: tuple[tuple[ConversationId, PersonId], ...] = ()
    left: tuple[tuple[ConversationId, PersonId], ...] = ()
    ended: tuple[ConversationId, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What a decision was taken on; compared again inside the transaction.

    ``seen`` is the conversation's ``cseq`` then; ``preceding`` are the sender's last texts up to it;
    ``text`` is what was decided.
    """

    conversation: Conversation
    policy_epoch: int
    seen: int = 0
    preceding: tuple[Preceding, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """One item version to be written: the only way in which an item ever changes.

    ``delivered`` takes a ``cseq``; otherwise the version takes a ``stop_seq`` and nobody but the
    sender learns of it. ``view`` is what the chat shows from now on (None: unchanged). ``record``
    is what the archive keeps beside the columns.
    """

    item: ItemId
    version: int
    kind: VersionKind
    type: ItemType
    state: ItemState
    sender: PersonId
    actor: PersonId
    at: datetime
    month: str
    delivered: bool
    view: dict[str, Any] | None
    record: dict[str, Any] = field(default_factory=dict)
    thread_root: ItemId | None = None
    expires: datetime | None = None
    intended: tuple[PersonId, ...] = ()
