"""A trial: people talk for as long as something goes wrong; then all that was promised is looked at.

Every acknowledged message stands exactly once in chat store, archive, index and ledger; every client
has the same, without a hole; nothing that was stopped was seen by anybody else.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any

from websocket import WebSocketException

from admin.cli.steps.evidence import reconcile_at_worker, reconciled_at_desk, verify_ledger
from core.errors import Unavailable
from tests.e2e.spine import SPEAKERS, House, Speaker
from tests.factories.socket import SocketClient
from tests.factories.suite import wait_for

AT_LEAST = 3
"""What each says at the least, however soon all is over."""
RECOVERS_WITHIN_S = 90


def trial(house: House, mark: str, goes_wrong: Callable[[], None]) -> int:
    """Talk while ``goes_wrong`` runs, then see that every promise holds; return how many were acknowledged."""
    acknowledged: list[str] = []
    over = Event()

    def talk(username: str) -> None:
        speaker, number = Speaker(house.suite, username, house.room), 0
        while not over.is_set() or number < AT_LEAST:
            text = f"trial {mark} {username} {number}"
            speaker.say(text)
            acknowledged.append(text)
            number += 1

    with ThreadPoolExecutor(len(SPEAKERS) + 2) as pool:
        talking = [pool.submit(talk, username) for username in SPEAKERS]
        talking.append(pool.submit(say_what_is_stopped, house, mark, over))
        witness = Witness(house, "cleo")
        watching = pool.submit(witness.watch, over)
        try:
            wait_for(lambda: acknowledged, 60, "the first message acknowledged")
            goes_wrong()
        finally:
            over.set()
        for one in talking:
            one.result()
        check_clients(house, mark, acknowledged)
        watching.result()
    assert not [text for text in witness.seen if "leaks" in text]
    check_stores(house, mark, acknowledged)
    return len(acknowledged)


def say_what_is_stopped(house: House, mark: str, over: Event) -> None:
    """Say, again and again, what policy holds back."""
    number = 0
    while not over.is_set():
        text = f"Kestrel leaks {mark} {number}"
        number += 1
        try:
            answer = house.suite.connect("ana").emit("send", house.message(text), timeout=5)
        except (OSError, TimeoutError, AssertionError, WebSocketException):
            continue
        assert not answer["ok"], answer
        assert answer["code"] == "quarantined" or answer["retryable"], answer
        over.wait(0.3)


class Witness:
    """A client as a browser is one: comes back when it is hung up on, and asks for what it missed."""

    def __init__(self, house: House, username: str) -> None:
        self._house, self._username = house, username
        self._known = 0
        self.seen: list[str] = []

    def watch(self, over: Event) -> None:
        """Watch the room until all is over; then be where everybody is."""
        socket: SocketClient | None = None
        while not over.wait(0.2):
            try:
                if socket is None or socket.closed:
                    socket = self._house.suite.connect(self._username)
                    self._catch_up(socket)
                self._take(socket.items(self._house.room))
            except (OSError, TimeoutError, AssertionError, WebSocketException, KeyError):
                socket = None
        self._catch_up(signed_in(self._house, self._username))

    def _catch_up(self, socket: SocketClient) -> None:
        room, more = self._house.room, True
        while more:
            answer = socket.ask("sync", {"known": {room: self._known}})["conversations"][room]
            self._take(answer["items"])
            more = answer["more"]

    def _take(self, items: list[dict[str, Any]]) -> None:
        for item in items:
            if item["cseq"] > self._known:
                assert item["cseq"] == self._known + 1, "a hole in what a live client hears"
                self._known = item["cseq"]
                self.seen.append(str(item.get("view", {}).get("text", "")))


def check_clients(house: House, mark: str, acknowledged: list[str]) -> None:
    """See that every client has every message once, in the same order, without a hole."""
    views = []
    for username in SPEAKERS:
        socket = signed_in(house, username)
        views.append([(item["cseq"], item["id"]) for item in house.history_of(socket)])
    assert views[0] == views[1] == views[2]
    shown = [str(item["view"].get("text", "")) for item in house.history()]
    said = Counter(text for text in shown if text.startswith(f"trial {mark} "))
    assert said == Counter(acknowledged)
    assert not [text for text in shown if "leaks" in text]


def signed_in(house: House, username: str) -> SocketClient:
    """Return a connection as soon as one can be had: a process may just be starting, an attempt may wait."""
    socket: SocketClient = wait_for(partial(connected, house, username), RECOVERS_WITHIN_S, "signing in")
    return socket


def connected(house: House, username: str) -> SocketClient | None:
    """Return a connection, or None while none can be had."""
    try:
        return house.suite.connect(username)
    except (OSError, AssertionError, WebSocketException):
        return None


def check_stores(house: House, mark: str, acknowledged: list[str]) -> None:
    """See that archive, index and ledger have the same, once each, and that nothing differs anywhere."""

    def all_found() -> bool:
        try:
            found: Any = house.search(f'"trial {mark}"', limit=5_000)
        except Unavailable:
            return False
        return found.coverage.complete and len(found.rows) >= len(acknowledged)

    wait_for(all_found, RECOVERS_WITHIN_S, "all of it archived and indexed")
    assert len(house.search(f'"trial {mark}"', limit=5_000).rows) == len(acknowledged)
    settings = house.suite.settings
    assert verify_ledger(settings, {})["findings"] == []
    assert reconcile_at_worker(settings, {})["differences"] == []
    assert reconciled_at_desk(house.desk)["differences"] == []
