"""What every bus promises: hints reach the other processes of the house, and nothing comes back."""

from collections.abc import Callable

import pytest

from core.bus import Bus, Hint, Moved, Online, Typing
from core.types import ConversationId, PersonId
from tests.factories.suite import wait_for

ROOM, ANA = ConversationId("room"), PersonId("ana")
HINTS: list[Hint] = [Moved(ROOM), Typing(ROOM, ANA), Typing(ROOM, ANA, stopped=True), Online("p", (ANA,))]
READY = Moved(ConversationId("ready"))


class BusContract:
    """Subclass with a fixture ``made``: what makes the bus of one more process."""

    def test_every_kind_of_hint_arrives_as_it_was_said(self, made: Callable[[], Bus]) -> None:
        speaker, heard = made(), _listening(made())
        _meet(speaker, heard)
        for hint in HINTS:
            speaker.publish(hint)
        wait_for(lambda: [hint for hint in heard if hint != READY] == HINTS, 10, "every hint")

    def test_nobody_hears_themselves(self, made: Callable[[], Bus]) -> None:
        speaker = made()
        own, other = _listening(speaker), _listening(made())
        _meet(speaker, other)
        assert own == []

    def test_what_is_closed_says_nothing_and_raises_nothing(self, made: Callable[[], Bus]) -> None:
        speaker, heard = made(), _listening(made())
        _meet(speaker, heard)
        speaker.close()
        speaker.publish(Moved(ROOM))
        _meet(made(), heard)
        assert Moved(ROOM) not in heard

    @pytest.fixture
    def made(self) -> Callable[[], Bus]:
        raise NotImplementedError


def _listening(bus: Bus) -> list[Hint]:
    heard: list[Hint] = []
    bus.listen(heard.append)
    return heard


def _meet(speaker: Bus, heard: list[Hint]) -> None:
    """Wait until what is said is heard: listening begins when it begins."""
    heard.clear()

    def said() -> bool:
        speaker.publish(READY)
        return READY in heard

    wait_for(said, 10, "the first hint")
