"""What processes tell each other: numbers and names of rows, never what people wrote."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from core.types import ConversationId, PersonId


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """Something was committed in a conversation: a version, a stop, a membership."""

    conversation: ConversationId


class Typing(msgspec.Struct, frozen=True, tag="typing"):
    """Somebody types in a conversation, or has stopped."""

    conversation: ConversationId
    person: PersonId
    stopped: bool = False


class Online(msgspec.Struct, frozen=True, tag="online"):
    """Everybody who has a live connection to one process, for some seconds."""

    process: str
    people: tuple[PersonId, ...]


Hint = Moved | Typing | Online


@dataclass(frozen=True, slots=True)
class BusState:
    """How the bus is, in a sentence without names of people or conversations."""

    ok: bool
    detail: str


class Bus(Protocol):
    """Carries hints to the other processes of the house, or loses them."""

    def publish(self, hint: Hint) -> None:
        """Tell the others. Never waits, never raises; what cannot be told is forgotten."""
        ...

    def listen(self, heard: Callable[[Hint], None]) -> None:
        """Call ``heard`` for each hint of another process, beside the caller, from now on."""
        ...

    def ask(self) -> BusState | None:
        """Ask whether it carries anything now, which may take seconds; None where there is none."""
        ...

    def close(self) -> None:
        """Say and hear nothing more."""
        ...


class Silent:
    """The bus of a house whose processes find everything in its stores."""

    def publish(self, hint: Hint) -> None:
        """Tell nobody."""

    def listen(self, heard: Callable[[Hint], None]) -> None:
        """Hear nothing."""

    def ask(self) -> None:
        """There is none."""

    def close(self) -> None:
        """Nothing is open."""
