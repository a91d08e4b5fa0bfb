"""Hints between processes: on a real server, and what becomes of them where it is away or hostile."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.blocking import ThreadBlocking
from core.bus import Bus, Hint, Moved
from core.bus.server import ANSWER_WITHIN_S, STALE_MS, ServerBus
from core.crypto.envelope import Key
from core.errors import SettingsError
from core.settings import Settings
from core.types import Clock, ConversationId, SystemClock, new_id
from tests.contracts.bus import BusContract
from tests.factories.suite import wait_for
from tests.fakes.bus import Line
from tests.services.debian import free_ports
from tests.services.forwarder import forwarding
from tests.services.redis import PASSWORD, BusServer

ROOM = ConversationId("room")


class TestLoopBus(BusContract):
    @pytest.fixture
    def made(self) -> Callable[[], Bus]:
        return Line().end


@pytest.mark.services
class TestServerBus(BusContract):
    @pytest.fixture
    def made(self, house: "House") -> Callable[[], Bus]:
        return house.bus


class Behind(SystemClock):
    """The clock of a host, late by more than a hint lives."""

    def now(self) -> datetime:
        return super().now() - timedelta(milliseconds=STALE_MS + 1_000)


@pytest.mark.services
def test_whoever_runs_the_server_learns_nothing_and_makes_nothing_up(house: "House") -> None:
    heard: list[Hint] = []
    house.bus().listen(heard.append)
    with closing(house.server.client()) as thief:
        channel: Any = thief.pubsub()  # type: ignore[no-untyped-call]
        channel.subscribe(house.channel)
        wait_for(lambda: thief.publish(house.channel, b"{garbage") >= 2, 10, "both listening")
        stranger = house.bus(key=Key.generate())
        stranger.publish(Moved(ROOM))
        speaker = house.bus()
        said = _until_heard(speaker, Moved(ConversationId("real")), heard)
        seen = b"".join(
            found["data"]
            for found in iter(lambda: channel.get_message(timeout=0.5), None)
            if found["type"] == "message"
        )
    assert said and Moved(ROOM) not in heard
    assert seen and b"real" not in seen and b"room" not in seen


@pytest.mark.services
def test_a_hint_that_took_too_long_is_forgotten(house: "House") -> None:
    heard: list[Hint] = []
    house.bus().listen(heard.append)
    late, speaker = house.bus(clock=Behind()), house.bus()
    _until_heard(speaker, Moved(ConversationId("real")), heard)
    late.publish(Moved(ROOM))
    _until_heard(speaker, Moved(ConversationId("later")), heard)
    assert Moved(ROOM) not in heard


@pytest.mark.services
def test_a_server_that_went_away_is_found_again_unaided(house: "House") -> None:
    with forwarding(house.server.port) as between:
        url = f"redis://127.0.0.1:{between.port}/0"
        heard: list[Hint] = []
        speaker, listener = house.bus(url), house.bus(url)
        listener.listen(heard.append)
        _until_heard(speaker, Moved(ConversationId("before")), heard)
        between.open = False
        with closing(house.server.client()) as administrator:
            administrator.client_kill_filter(_type="normal")
            administrator.client_kill_filter(_type="pubsub")
        assert not listener.ask().ok
        speaker.publish(Moved(ROOM))
        between.open = True
        _until_heard(speaker, Moved(ConversationId("after")), heard)
        assert speaker.ask().ok and listener.ask().ok


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$-99999999\r\n*3\r\n"])
def test_nobody_waits_for_a_server_that_hangs_or_talks_nonsense(house: "House", says: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as nonsense:
        threading.Thread(target=_answer, args=(nonsense, says), daemon=True).start()
        speaker = house.bus(f"redis://127.0.0.1:{nonsense.getsockname()[1]}/0")
        speaker.listen(lambda _: None)
        before = SystemClock().monotonic()
        for _ in range(100):
            speaker.publish(Moved(ROOM))
        assert SystemClock().monotonic() - before < ANSWER_WITHIN_S
        assert not speaker.ask().ok


def test_a_server_that_is_not_there_costs_nothing(house: "House") -> None:
    speaker = house.bus(f"redis://127.0.0.1:{free_ports(1)[0]}/0")
    speaker.publish(Moved(ROOM))
    assert "Does not answer" in speaker.ask().detail


@pytest.mark.parametrize(
    "given",
    [
        {"bus_url": "http://bus.acme.example"},
        {"bus_url": "redis://bus:port"},
        {"bus_url": "redis://:secret@127.0.0.1:6379/0"},
        {"bus_url": "rediss://bus.acme.example:6379/0?ssl_cert_reqs=none"},
        {"bus_url": "rediss://bus.acme.example:6379/0?password=secret"},
        {"bus_url": "redis://bus.acme.example:6379/0", "bus_password": "in the clear"},
        {"bus_url": "redis://127.0.0.1:6379/0", "bus_ca_file": "/ca.pem"},
    ],
)
def test_an_address_that_cannot_be_or_tells_a_secret_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings(**given)
    assert refused.value.params["key"].startswith("bus.")


class House:
    """Processes that hear each other."""

    def __init__(self, server: BusServer | None, stack: ExitStack) -> None:
        self._server, self._stack, self._key = server, stack, Key.generate()
        self.channel = f"chancery/{new_id()}"

    @property
    def server(self) -> BusServer:
        assert self._server is not None
        return self._server

    def bus(self, url: str = "", *, key: Key | None = None, clock: Clock | None = None) -> ServerBus:
        made = ServerBus(
            url or self.server.url,
            password=PASSWORD,
            ca_file="",
            channel=self.channel,
            key=key or self._key,
            blocking=ThreadBlocking(),
            clock=clock or SystemClock(),
        )
        self._stack.callback(made.close)
        return made


def _until_heard(speaker: Bus, hint: Hint, heard: list[Hint]) -> bool:
    def said() -> bool:
        speaker.publish(hint)
        return hint in heard

    return bool(wait_for(said, 20, "a hint"))


def _answer(server: socket.socket, says: bytes) -> None:
    with ExitStack() as kept, suppress(OSError):
        while True:
            connection, _ = server.accept()
            kept.enter_context(connection)
            if says:
                connection.sendall(says)


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    real = request.node.get_closest_marker("services") is not None
    with ExitStack() as stack:
        yield House(request.getfixturevalue("redis") if real else None, stack)
