"""A delivery that keeps what it was given."""

from collections.abc import Sequence
from typing import Any

from core.types import ConversationId, PersonId


class RecordingDelivery:
    """Everything that would have gone to sockets, in order."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self.messages: list[tuple[PersonId, str, dict[str, Any]]] = []
        self.changes: list[tuple[ConversationId, PersonId, bool]] = []

    def committed(self, conversation: ConversationId, frames: Sequence[Any]) -> None:
        self.frames.extend(frames)

    def told(self, person: PersonId, event: str, payload: dict[str, Any]) -> None:
        self.messages.append((person, event, payload))

    def membership_changed(self, conversation: ConversationId, person: PersonId, member: bool) -> None:
        self.changes.append((conversation, person, member))
