"""A minimal Socket.IO client on a plain websocket: emits with acknowledgement, collects what arrives."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import websocket

from tests.factories.visitor import Dial, dial


class SocketClient:
    """One connection. Talks Engine.IO 4 and Socket.IO 5 directly, so that nothing is hidden."""

    def __init__(self, url: str, cookie: str, origin: str, dial: Dial = dial, **headers: str) -> None:
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        through = dial(url)
        try:
            self._socket: Any = websocket.create_connection(
                address, cookie=cookie, origin=origin, header=headers or None, timeout=20, socket=through
            )
            assert self._receive().startswith("0")
            self._socket.send("40")
            self.refused = self._receive().startswith("44")
            self._socket.settimeout(None)
        except BaseException:
            through.close()
            raise
        self.events: list[tuple[str, Any]] = []
        self._changed = threading.Condition()
        self._answers: dict[int, Any] = {}
        self._next = 0
        self.closed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def emit(self, event: str, payload: Any = None, timeout: float = 20) -> Any:
        """Send an event and return its acknowledgement."""
        with self._changed:
            self._next += 1
            number = self._next
        self._socket.send(f"42{number}" + json.dumps([event, payload if payload is not None else {}]))
        self.wait(lambda: number in self._answers, timeout)
        return self._answers.pop(number)

    def ask(self, event: str, payload: Any = None, timeout: float = 30) -> Any:
        """Send an event as the chat does: again while it is told to try again; return the last answer."""
        until = time.monotonic() + timeout
        while True:
            answer = self.emit(event, payload)
            if answer["ok"] or not answer["retryable"] or time.monotonic() > until:
                return answer

    def send_raw(self, frame: str) -> None:
        """Send a frame as it is."""
        self._socket.send(frame)

    def wait(self, condition: Callable[[], Any], timeout: float = 20) -> Any:
        """Wait until ``condition`` holds; raise if it does not in time."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"nothing like that in {timeout} s; saw {self.events[-5:]}")
        return condition()

    def heard(self, event: str) -> list[Any]:
        """Return what arrived under ``event``."""
        return [payload for name, payload in self.events if name == event]

    def items(self, conversation: str) -> list[Any]:
        """Return the items of a conversation as they arrived."""
        return [item for item in self.heard("item") if item["conversation"] == conversation]

    def close(self) -> None:
        """Hang up."""
        self.closed = True
        self._socket.close()
        self._reader.join(5)
        # Where the server hung up first, closing politely leaves the socket open.
        self._socket.shutdown()

    def _receive(self) -> str:
        frame = self._socket.recv()
        return frame if isinstance(frame, str) else frame.decode()

    def _read(self) -> None:
        try:
            while True:
                frame = self._receive()
                if frame == "":
                    break
                if frame == "2":
                    self._socket.send("3")
                elif frame.startswith("41"):
                    break
                elif frame.startswith("42"):
                    name, *payload = json.loads(frame[2:])
                    self._note(self.events.append, (name, payload[0] if payload else None))
                elif frame.startswith("43"):
                    number, _, rest = frame[2:].partition("[")
                    value = json.loads("[" + rest)
                    self._note(self._answers.update, {int(number): value[0] if value else None})
        except (OSError, websocket.WebSocketException):
            pass
        self._note(setattr, self, "closed", True)

    def _note(self, change: Callable[..., Any], *arguments: Any) -> None:
        with self._changed:
            change(*arguments)
            self._changed.notify_all()
