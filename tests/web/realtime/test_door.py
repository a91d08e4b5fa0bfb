"""What a socket may cost before anybody knows whose it is, and when its client does not read."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask
import pytest
from engineio.packet import MESSAGE, Packet
from engineio.socket import Socket
from flask_socketio import SocketIO
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from core.identity.permissions import Role
from core.settings import Settings
from core.types import PersonId, SessionId
from tests.fakes.clock import DrivenClock
from web.realtime.connections import Connection, Connections
from web.realtime.door import Door, TextPacket
from web.realtime.green import bounded_websocket, unmasked
from web.realtime.server import MAX_PER_PERSON, MAX_QUEUED, RealtimeServer

CHAT = "https://chat.firm.example"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"{CHAT}.evil.example"},
        {"Origin": CHAT, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_handshake_from_elsewhere_gets_no_socket(headers: dict[str, str]) -> None:
    door = Client(Door(_inside, f"{CHAT}/"))
    assert door.get("/socket.io/?EIO=4&transport=websocket", headers=headers).status_code == 403


def test_our_own_page_and_the_health_check_pass_the_door() -> None:
    door = Client(Door(_inside, f"{CHAT}/"))
    assert door.get("/socket.io/", headers={"Origin": CHAT, "Sec-Fetch-Site": "same-site"}).text == "inside"
    assert door.get("/healthz").text == "inside"


@pytest.mark.parametrize("frame", ['51-["send",{"_placeholder":true,"num":0}]', "6999999999-1[]"])
def test_a_packet_that_announces_attachments_is_refused(frame: str) -> None:
    with pytest.raises(ValueError, match="attachments"):
        TextPacket(encoded_packet=frame)


@given(st.binary(max_size=70), st.lists(st.integers(0, 255), min_size=4, max_size=4), st.integers(0, 9))
def test_a_frame_is_unmasked_as_its_protocol_says(data: bytes, mask: list[int], offset: int) -> None:
    expected = bytes(octet ^ mask[(offset + at) % 4] for at, octet in enumerate(data))
    assert unmasked(data, mask, offset=offset) == expected


def test_a_message_in_many_fragments_is_bounded_like_any_other() -> None:
    part = b"x" * 60
    first, later, last = (frame(part, opcode) for opcode in (0x01, 0x00, 0x80))
    assert received(first + later + last, limit=180) == "x" * 180
    assert received(first + later * 2 + last, limit=180) is None


def test_a_protocol_of_before_the_standard_is_refused() -> None:
    assert received(b"\x00" + b"x" * 60, limit=180, version="") is None


def test_a_client_that_reads_nothing_does_not_hold_up_everybody_else(house: "House") -> None:
    house.connect("stuck", packets=3)
    house.live = {}
    beat = threading.Thread(target=house.server._close_ended, daemon=True)
    beat.start()
    beat.join(10)
    assert not beat.is_alive()
    assert house.open() == set()


def test_a_client_that_falls_far_behind_is_hung_up_on(house: "House") -> None:
    house.connect("slow", packets=MAX_QUEUED + 1)
    house.connect("quick", packets=1)
    house.server._close_ended()
    assert house.open() == {"quick"}


def test_whoever_may_no_longer_chat_hears_no_more(house: "House") -> None:
    house.connect("moved", packets=0)
    house.live = {SessionId("moved"): frozenset({Role.IT_ADMINISTRATOR})}
    house.server._close_ended()
    assert house.open() == set()
    assert len(house.connections) == 0


def test_a_socket_that_never_says_whose_it_is_is_closed(
    house: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    house.connect("ana", packets=0)
    house.transport("nobody", packets=0)
    house.server._close_strangers()
    assert house.open() == {"ana", "nobody"}
    monkeypatch.setattr("web.realtime.server.STRANGER_SECONDS", 0.0)
    house.server._close_strangers()
    assert house.open() == {"ana"}


def test_one_person_opens_only_so_many_sockets_and_others_still_theirs(house: "House") -> None:
    for number in range(MAX_PER_PERSON):
        house.connections.add(Connection(f"s{number}", PersonId("ana"), SessionId("ana"), frozenset(), {}))
    assert not house.asks_in("ana", Role.EMPLOYEE)
    assert house.asks_in("ben", Role.EMPLOYEE)


def test_whoever_may_not_chat_gets_no_socket(house: "House") -> None:
    assert not house.asks_in("ivo", Role.IT_ADMINISTRATOR)
    assert not house.asks_in("", Role.EMPLOYEE)


class House:
    """A server without a network: transports whose packets nobody takes."""

    def __init__(self) -> None:
        self.connections = Connections()
        self.live: dict[SessionId, frozenset[Role]] = {}
        app = flask.Flask("test", static_folder=None, root_path=str(Path(__file__).parent))
        socketio = SocketIO(app, async_mode="threading")
        self._sockets: Any = socketio.server.eio.sockets  # type: ignore[attr-defined]
        self._transport: Any = socketio.server.eio  # type: ignore[attr-defined]
        services: Any = SimpleNamespace(
            connections=self.connections,
            # Nobody asks here whether this server is ready, or what others committed.
            chat=SimpleNamespace(
                clock=DrivenClock(), store=None, gate=SimpleNamespace(epoch=int), blocking=None
            ),
            fanout=SimpleNamespace(on_members=lambda _refresh: None),
            clock=DrivenClock(),
            settings=Settings(),
            live_sessions=lambda _sessions: self.live,
            principal=lambda each: SimpleNamespace(roles=each.roles),
            hears=lambda _person: {},
            cookie="session",
        )
        self._app, self._services = app, services
        self.server = RealtimeServer(services, app, socketio)
        self._manager: Any = socketio.server.manager  # type: ignore[attr-defined]

    def asks_in(self, person: str, role: Role) -> bool:
        """Tell whether a socket of ``person`` is let in; nobody has a session by an empty name."""
        found = (SimpleNamespace(person=person, id=SessionId(person)), frozenset({role}))
        self._services.find_session = lambda _token: found
        with self._app.test_request_context("/", headers={"Cookie": f"session={person}"}):
            request: Any = flask.request
            request.sid = self._manager.connect(f"t-{person}", "/")
            return self.server._connect()

    def transport(self, name: str, packets: int) -> None:
        made = Socket(self._transport, name)
        for _ in range(packets):
            made.queue.put(Packet(MESSAGE, data="unread"))
        self._sockets[name] = made

    def connect(self, name: str, packets: int) -> None:
        self.transport(name, packets)
        roles = frozenset({Role.EMPLOYEE})
        self.live[SessionId(name)] = roles
        self.connections.add(
            Connection(name, PersonId(name), SessionId(name), roles, {}, transport=name),
        )

    def open(self) -> set[str]:
        return set(self._sockets)


class Wire:
    """A network socket with everything that a client will ever send."""

    def __init__(self, sent: bytes) -> None:
        self._left = sent

    def recv(self, count: int) -> bytes:
        found, self._left = self._left[:count], self._left[count:]
        return found

    def sendall(self, _data: bytes) -> None:
        """Take whatever the server says."""

    shutdown = settimeout = sendall

    def close(self) -> None:
        """End."""


def frame(data: bytes, opcode: int) -> bytes:
    """Return a masked frame; bit 0x80 says that it is the last of its message."""
    mask = b"\x01\x02\x03\x04"
    return bytes([opcode, 0x80 | len(data)]) + mask + unmasked(data, tuple(mask))


def received(sent: bytes, *, limit: int, version: str = "13") -> Any:
    """Return the first message that a websocket makes of what is sent, None if there is none."""
    found = []
    websocket = bounded_websocket(
        lambda opened: found.append(opened.wait()), SimpleNamespace(max_http_buffer_size=limit)
    )
    environ = {
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_UPGRADE": "websocket",
        "HTTP_SEC_WEBSOCKET_KEY": "a2V5",
        "eventlet.input": SimpleNamespace(get_socket=lambda: Wire(sent)),
        **({"HTTP_SEC_WEBSOCKET_VERSION": version} if version else {}),
    }
    websocket(environ, lambda *_: None)
    return found[0] if found else None


def _inside(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"inside"]


@pytest.fixture
def house() -> House:
    return House()
