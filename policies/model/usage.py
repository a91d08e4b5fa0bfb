"""What else a bundle settles: files, what may be done with what was said, how long it is kept and waits."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from core.types import ConversationKind, NotificationText, RetentionRule, UsageRules, Verdict
from policies.model.parts import Part, Unscannable


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


FileType = Annotated[str, Meta(pattern=r"^[a-z]+/(\*|[a-z0-9][a-z0-9.+-]{0,99})\Z")]
"""A type of files as their content shows it: ``application/pdf``, or ``image/*`` for all images."""


class Files(Part, frozen=True):
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


class Covered(StrEnum):
    """Who may see in the chat what a message said before it was covered."""

    SENDER = "sender"
    NOBODY = "nobody"


Minutes = Annotated[int, Meta(ge=0, le=5_256_000)]


class Usage(Part, frozen=True):
    """What people may do with what was said.

    Minutes count from when a message was first seen; without them there is no limit, and 0 forbids it.
    ``previews`` lets the worker fetch the page that a link leads to. ``notification_text`` is how much
    a notification on a screen says. ``covered_text`` lets the chat keep, for its sender alone, what was
    covered for all others.
    """

    edit_history: History = History.NOBODY
    edit_minutes: Minutes | None = None
    delete_minutes: Minutes | None = None
    previews: bool = False
    notification_text: NotificationText = NotificationText.SENDER
    covered_text: Covered = Covered.NOBODY

    def rules(self) -> UsageRules:
        """Return them as the messaging core heeds them."""
        return UsageRules(
            edit_history=self.edit_history is History.EVERYONE,
            edit_within=_window(self.edit_minutes),
            delete_within=_window(self.delete_minutes),
            previews=self.previews,
            notification_text=self.notification_text,
            covered_shown_to_sender=self.covered_text is Covered.SENDER,
        )


def _window(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


Days = Annotated[int, Meta(ge=1, le=36_525)]


class Retention(Part, frozen=True):
    """How many days each kind of conversation is kept, counted from the commit of its last item."""

    direct: Days
    group: Days
    public: Days
    private: Days

    def rules(self) -> tuple[RetentionRule, ...]:
        """Return one rule for each kind of conversation."""
        return tuple(RetentionRule(kind, getattr(self, kind.value)) for kind in ConversationKind)


class Quarantine(Part, frozen=True):
    """How long a message waits in the release queue before it lapses."""

    expires_hours: Annotated[int, Meta(ge=1, le=24 * 30)] = 24
