"""What reaches a live socket when others commit at the same moment."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import flask
import pytest
from flask_socketio import SocketIO

from core.blocking import InlineBlocking, ThreadBlocking
from core.bus import Silent
from core.messaging.paging import PAGE_ITEMS
from core.types import ConversationId, SessionId
from tests.factories.chat import ANA, BEN, CLEO, Chat, make_chat
from web.realtime.connections import Connection, Connections
from web.realtime.fanout import Fanout
from web.realtime.server import emitter


def test_whoever_joins_hears_nothing_that_another_process_committed_just_before(chat: Chat) -> None:
    heard: list[Any] = []

    def emit(event: str, payload: dict[str, Any], sids: Sequence[str]) -> None:
        heard.append((event, payload))

    connections = Connections()
    fanout = Fanout(connections, emit, ThreadBlocking())
    room = chat.channel(ANA, BEN)
    fanout.start(chat.store, chat.messaging.resync, Silent())
    connections.add(Connection("cleo", CLEO, SessionId("s"), frozenset()))
    chat.send(room, "said before")
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    fanout.membership_changed(room, CLEO, member=True)
    chat.send(room, "said after")
    fanout.catch_up(room)
    assert "said before" not in str(heard)
    assert "said after" in str(heard)


def test_whoever_another_process_took_out_hears_nothing_that_was_said_after(chat: Chat) -> None:
    heard: list[Any] = []
    connections = Connections()
    fanout = Fanout(connections, lambda *told: heard.append(told), InlineBlocking())
    room = chat.group(ANA, BEN, CLEO)
    fanout.start(chat.store, chat.messaging.resync, Silent())

    def refresh(conversation: ConversationId) -> None:
        members = {person["id"] for person in chat.messaging.head(ANA, conversation)["members"]}
        for connection in list(connections.hearing(conversation)):
            if connection.person not in members:
                fanout.membership_changed(conversation, connection.person, member=False)

    fanout.on_members(refresh)
    for person in (BEN, CLEO):
        connection = Connection(person, person, SessionId(person), frozenset())
        connections.add(connection)
        connections.enter(connection, room, 0)
    chat.messaging.remove(ANA, chat.ids(), room, CLEO)
    chat.send(room, "for two")
    fanout.committed(room, chat.delivery.frames[-1:])
    told = {sid: str([each for each in heard if sid in each[2]]) for sid in ("ben", "cleo")}
    assert "for two" in told["ben"]
    assert "for two" not in told["cleo"]
    assert "conversation_removed" in told["cleo"]


def test_whoever_fell_far_behind_hears_everything(chat: Chat) -> None:
    heard: list[Any] = []
    connections = Connections()
    fanout = Fanout(connections, lambda *told: heard.append(told), ThreadBlocking())
    room = chat.direct()
    fanout.start(chat.store, chat.messaging.resync, Silent())
    connection = Connection("ben", BEN, SessionId("s"), frozenset())
    connections.add(connection)
    connections.enter(connection, room, 0)
    sent = [chat.send(room, f"number {n}")["id"] for n in range(PAGE_ITEMS + 1)]
    fanout.catch_up(room)
    assert [payload["id"] for _, payload, _ in heard] == sent


def test_who_joined_after_what_is_quoted_hears_an_empty_quote(chat: Chat) -> None:
    heard: list[Any] = []
    connections = Connections()
    fanout = Fanout(connections, lambda *told: heard.append(told), ThreadBlocking())
    room = chat.direct()
    said = chat.send(room, "canary")
    fanout.start(chat.store, chat.messaging.resync, Silent())
    for name, joined in (("early", 0), ("late", said["cseq"])):
        connection = Connection(name, BEN, SessionId(name), frozenset())
        connections.add(connection)
        connections.enter(connection, room, joined)
    chat.send(room, "about that", quotes=said["id"])
    fanout.committed(room, chat.delivery.frames[-1:])
    shown = {sids[0]: payload["view"]["quote"] for _, payload, sids in heard}
    assert shown["early"]["text"] == "canary"
    assert shown["late"] == {"empty": True}
    assert {sid: payload["view"]["text"] for _, payload, (sid,) in heard} == dict.fromkeys(
        ("early", "late"), "about that"
    )


def test_an_event_reaches_those_it_is_for_and_without_any_nobody() -> None:
    app = flask.Flask("sockets")
    socketio = SocketIO(app, async_mode="threading")
    seen: list[str] = []

    def remember(_auth: Any = None) -> None:
        seen.append(flask.request.sid)  # type: ignore[attr-defined]

    socketio.on_event("connect", remember)
    clients = [socketio.test_client(app) for _ in range(3)]
    emit = emitter(socketio)
    emit("item", {"id": "1"}, seen[:2])
    emit("item", {"id": "2"}, [])
    heard = [[told["args"][0]["id"] for told in client.get_received()] for client in clients]
    assert heard == [["1"], ["1"], []]


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
