"""A delivery that keeps what it was given."""

from collections.abc import Sequence
from typing import Any

from core.types import ConversationId, PersonId


class RecordingDelivery:
    """Everything that would have gone to sockets, in order."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self.ended: list[ConversationId] = []
        self.changes: list[tuple[ConversationId, PersonId, bool]] = []

    def committed(self, conversation: ConversationId, frames: Sequence[Any]) -> None:
        self.frames.extend(frames)

    def stops_changed(self, conversation: ConversationId) -> None:
        self.ended.append(conversation)

    def membership_changed(self, conversation: ConversationId, person: PersonId, member: bool) -> None:
        self.changes.append((conversation, person, member))
