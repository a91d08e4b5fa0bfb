"""Two websocket processes of one house: what one commits, the other's people see, with hints or without."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.access import Database
from core.blocking import InlineBlocking
from core.bus import Hint, Moved, Online, Typing
from core.messaging.own_changes import OwnChange, own_changes
from core.messaging.scheduled import Later
from core.types import ConversationId, ItemId, PersonId, SessionId, to_ms
from tests.factories.chat import ANA, BEN, CLEO, make_chat
from tests.factories.stores import opened_store
from tests.fakes.bus import Line
from tests.fakes.clock import DrivenClock
from web.realtime.connections import Connection, Connections
from web.realtime.fanout import Fanout
from web.realtime.hints import BELIEVED_SECONDS, Hints
from web.realtime.own import OwnChanges


def test_what_one_process_commits_the_others_see_at_once(house: "House") -> None:
    here, there = house.process(ANA), house.process(BEN)
    sent = house.chat.send(house.room, "hello")
    here.fanout.committed(house.room, house.chat.delivery.frames[-1:])
    assert here.heard_items() == there.heard_items() == [sent["id"]]


@pytest.mark.parametrize("copies", [0, 2])
def test_a_hint_that_is_lost_or_doubled_changes_nothing_but_when(house: "House", copies: int) -> None:
    here, there = house.process(ANA), house.process(BEN)
    house.line.copies = copies
    sent = []
    for number in range(3):
        sent.append(house.chat.send(house.room, f"number {number}")["id"])
        here.fanout.committed(house.room, house.chat.delivery.frames[-1:])
    assert there.heard_items() == (sent if copies else [])
    there.fanout.poll()
    here.fanout.poll()
    assert here.heard_items() == there.heard_items() == sent


def test_a_hint_that_comes_late_or_of_nowhere_changes_nothing(house: "House") -> None:
    there = house.process(BEN)
    sent = house.chat.send(house.room, "hello")
    there.fanout.poll()
    for conversation in (house.room, house.room, ConversationId("nowhere")):
        there.fanout.moved(conversation)
    assert there.heard_items() == [sent["id"]]


@pytest.mark.parametrize("copies", [0, 1])
def test_a_sender_learns_from_any_process_what_became_of_what_waited(house: "House", copies: int) -> None:
    here, there = house.process(ANA), house.process(ANA, BEN)
    stopped = house.chat.send(house.room, "[quarantine]")
    house.line.copies = copies
    house.chat.messaging.withdraw(ANA, "ends", house.room, ItemId(stopped["id"]))
    here.fanout.stops_changed(house.room)
    there.fanout.poll()
    for process in (here, there):
        ((what, sids),) = [(what, sids) for event, what, sids in process.heard if event == "stopped_changed"]
        assert (what["id"], what["state"], sids) == (stopped["id"], "withdrawn", ["ana"])


def test_what_one_takes_back_is_gone_from_ones_windows_at_every_process(house: "House") -> None:
    here, there = house.process(ANA), house.process(ANA, BEN)
    due = to_ms(house.chat.clock.now()) + 60_000
    entry = house.chat.messaging.schedule(ANA, Later("later", house.room, "a canary", due))
    for process in (here, there):
        process.own.poll()
    house.chat.clock.advance(1)
    told = house.chat.messaging.unschedule(ANA, entry["id"])
    here.own.tell(OwnChange(ANA, "scheduled", told, to_ms(house.chat.clock.now())), but=str(ANA))
    there.own.poll()
    assert [payload["state"] for _, payload, sids in here.heard if sids] == ["waiting"]
    gone = [(payload, sids) for event, payload, sids in there.heard if event == "scheduled"][-1]
    assert gone == (told, [ANA]), "and not at Ben's"
    assert told["state"] == "removed"
    assert "canary" not in str(there.heard)


def test_who_types_and_who_is_here_shows_in_every_process(house: "House") -> None:
    here, there = house.process(ANA), house.process(BEN)
    here.look(house.room)
    there.look(house.room)
    there.hints.flush()
    there.hints.typing(there.connections.of_person(BEN)[0], house.room)
    here.hints.flush()
    assert ("typing", {"conversation": house.room, "people": [BEN]}, ["ana"]) in here.heard
    assert ("presence", {"online": [ANA, BEN]}, ["ana"]) in here.heard
    there.hints.stop_typing(there.connections.of_person(BEN)[0], house.room)
    here.heard.clear()
    here.hints.flush()
    assert "typing" not in [event for event, _, _ in here.heard]


def test_a_process_that_says_nothing_more_has_nobody_here(house: "House") -> None:
    here, there = house.process(ANA), house.process(BEN)
    here.look(house.room)
    there.hints.flush()
    here.hints.flush()
    here.heard.clear()
    house.clock.advance(BELIEVED_SECONDS + 1)
    here.hints.flush()
    assert ("presence", {"online": [ANA]}, ["ana"]) in here.heard


def test_who_may_not_see_somebody_does_not_see_them_in_another_process_either(house: "House") -> None:
    house.hidden.add((ANA, BEN))
    here, there = house.process(ANA), house.process(BEN)
    here.look(house.room)
    there.hints.flush()
    here.hints.flush()
    assert ("presence", {"online": [ANA]}, ["ana"]) in here.heard


@dataclass
class Process:
    """A websocket process with one connection for each of some people."""

    fanout: Fanout
    hints: Hints
    own: OwnChanges
    connections: Connections
    heard: list[tuple[str, dict[str, Any], list[str]]] = field(default_factory=list)

    def heard_items(self) -> list[str]:
        return [payload["id"] for event, payload, _ in self.heard if event == "item"]

    def look(self, room: ConversationId) -> None:
        for connection in self.connections:
            self.hints.focus(connection, room)


class House:
    """Processes on one store and one bus, with Ana, Ben and Cleo in a group."""

    def __init__(self, folder: Path) -> None:
        self.folder, chat = folder, make_chat(folder)
        self.chat, self.line, self.clock = chat, Line(), DrivenClock(chat.clock.now())
        self.hidden: set[tuple[PersonId, PersonId]] = set()
        self.room = chat.group(ANA, BEN, CLEO)

    def process(self, *people: PersonId) -> Process:
        heard: list[tuple[str, dict[str, Any], list[str]]] = []
        connections, bus = Connections(), self.line.end()

        def emit(event: str, payload: dict[str, Any], sids: Any) -> None:
            heard.append((event, payload, list(sids)))

        fanout = Fanout(connections, emit, InlineBlocking())
        hints = Hints(
            self.clock,
            connections,
            emit,
            lambda pairs: {pair: pair not in self.hidden for pair in pairs},
            bus,
        )
        fanout.start(opened_store(self.folder, Database.CHAT), self.chat.messaging.resync, bus)
        bus.listen(_taking(fanout, hints))
        for person in people:
            connection = Connection(person, person, SessionId(person), frozenset())
            connections.add(connection)
            connections.enter(connection, self.room, 0)
        store = opened_store(self.folder, Database.CHAT)
        own = OwnChanges(store, self.chat.clock, InlineBlocking(), connections, emit, own_changes)
        return Process(fanout, hints, own, connections, heard)


def _taking(fanout: Fanout, hints: Hints) -> Callable[[Hint], None]:
    def take(hint: Hint) -> None:
        if isinstance(hint, Moved):
            fanout.moved(hint.conversation)
        else:
            assert isinstance(hint, Typing | Online)
            hints.heard(hint)

    return take


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
