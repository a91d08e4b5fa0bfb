"""A served firm for tests that go all the way, and people who talk in it while things break."""

from collections.abc import Callable
from typing import Any

from websocket import WebSocketException

from admin.wiring.desk import DeskServices
from audit.archive.search_service import Purpose
from core.errors import Unavailable
from core.identity.officer_rows import Officer
from core.types import new_id
from tests.factories.socket import SocketClient
from tests.factories.suite import PASSWORD, Suite, wait_for

SPEAKERS = ("ana", "ben", "cleo")


class Speaker:
    """Sends as a browser does: after a lost connection the same request again, until it is answered."""

    def __init__(self, suite: Suite, username: str, room: str) -> None:
        self._suite, self._username, self._room = suite, username, room
        self._socket: SocketClient | None = None

    def say(self, text: str) -> str:
        """Send a message under one request id; return the id of the message."""
        client_id = new_id()
        return str(wait_for(lambda: self._attempt(client_id, text), 120, f"an answer to {text}"))

    def _attempt(self, client_id: str, text: str) -> str | None:
        try:
            if self._socket is None or self._socket.closed:
                self._socket = self._suite.connect(self._username)
            request = {"client_id": client_id, "conversation": self._room, "text": text}
            answer = self._socket.emit("send", request, timeout=5)
        except (OSError, TimeoutError, AssertionError, WebSocketException):
            self._socket = None
            return None
        assert answer["ok"] or answer["retryable"], answer
        return answer["id"] if answer["ok"] else None


class House:
    """A served firm: Ana and Ben of research, Tom of trading, and Olga at the desk with a matter."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.ana, self.ben, self.tom, cleo = (suite.connect(name) for name in ("ana", "ben", "tom", "cleo"))
        for name, client in (("ana", self.ana), ("ben", self.ben), ("tom", self.tom), ("cleo", cleo)):
            suite.people[name] = client.ask("hello")["me"]["id"]
        people = [suite.people[name] for name in ("ben", "cleo")]
        self.room = self.ana.ask("open", {"client_id": new_id(), "kind": "group", "people": people})[
            "conversation"
        ]
        self.desk: DeskServices = suite.desk()
        self.olga: Officer = self.desk.officers.enrol(suite.code, PASSWORD)
        matter = self.desk.matters.open(self.olga.id, "A look at research")
        self.purpose = Purpose(self.olga.id, matter.id, "routine")

    def message(self, text: str) -> dict[str, Any]:
        return {"client_id": new_id(), "conversation": self.room, "text": text}

    def search(self, query: str, limit: int = 50) -> Any:
        return self.desk.search.search(self.purpose, query, limit=limit)

    def find(self, query: str) -> Any:
        """Return what a search finds; None while the search engine is not ready, or finds nothing."""
        try:
            return found(self.search(query))
        except Unavailable:
            return None

    def quarantine(self) -> dict[str, Any]:
        text = f"Kestrel signs on Friday ({new_id()[:6]})"
        answer: dict[str, Any] = self.ana.emit("send", self.message(text))
        assert answer["code"] == "quarantined", answer
        wait_for(lambda: [e for e in self.desk.release.waiting() if e.item == answer["id"]], 20, "the queue")
        return answer

    def release(self, item: str) -> str:
        purpose = Purpose(self.olga.id, f"queue/{item}", "to decide")
        (record,) = self.desk.search.versions(purpose, item)[:1]
        fields = wait_for(
            lambda: self.desk.reader.records([record.rid])[0].fields, 20, "the record in the ledger"
        )
        keys = fields["decision"]["obligations"]["finding_keys"]
        return self.desk.release.release(item, self.olga, self.suite.people["ana"], keys, "harmless")

    def history(self) -> list[dict[str, Any]]:
        return self.history_of(self.reader())

    def history_of(self, reader: SocketClient) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        before = None
        while True:
            page = reader.ask("history", {"conversation": self.room, "before": before})
            items = page["items"] + items
            if not page["more"]:
                return items
            before = page["items"][0]["created_cseq"]

    def close(self) -> None:
        """Stop serving."""
        for store in (self.desk.archive, self.desk.keystore, self.desk.store):
            store.close()
        self.suite.stop()

    def reader(self) -> SocketClient:
        if self.ana.closed:
            self.ana = self.suite.connect("ana")
        return self.ana


def found(page: Any) -> Any:
    """Return a search's answer once it has something."""
    return page if page.rows else None


def serve_house(suite: Suite, add: Callable[[str, str], Any] | None = None) -> House:
    """Add the people, to the built-in directory or by ``add``, and serve."""
    for name, segment in (("ana", "research"), ("ben", "research"), ("cleo", "research"), ("tom", "trading")):
        (add or suite.add)(name, segment)
    suite.start()
    return House(suite)
