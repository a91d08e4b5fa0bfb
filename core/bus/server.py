"""The bus on a Redis or Valkey server: one channel, on which every message is sealed.

Nothing is kept on the server (https://valkey.io/topics/pubsub/). Whoever runs it can hold messages
back and see when there are some; it learns nothing from them, and what it makes up opens with no key.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from redis import Redis

from core.bus.hints import BusState, Hint
from core.crypto.envelope import Key, associated, open_sealed, seal
from core.errors import IntegrityError
from core.ports import Blocking
from core.types import Clock, new_id, to_ms

CONNECT_WITHIN_S: Final = 2.0
ANSWER_WITHIN_S: Final = 2.0
QUIET_S: Final = 5.0
"""After so long without a message the server is asked whether it is still there."""
STALE_MS: Final = 30_000
"""Hints that took longer are forgotten, generously: hosts' clocks differ."""
AGAIN_FIRST_S: Final = 0.5
AGAIN_LAST_S: Final = 5.0
MOST_WAITING: Final = 10_000
MOST_TOGETHER: Final = 500
LARGEST: Final = 1_048_576

log = structlog.get_logger(__name__)


class _Message(msgspec.Struct, array_like=True):
    process: str
    at_ms: int
    hints: list[Hint]


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Message)


class ServerBus:
    """A :class:`core.bus.Bus` of one process.

    ``url`` is ``redis://host:port/number`` or ``rediss://`` for TLS. ``key`` is the same in all
    processes that hear each other, ``channel`` tells houses on one server apart. ``blocking`` runs what
    sends and what listens beside everything else.
    """

    def __init__(
        self,
        url: str,
        *,
        password: str,
        ca_file: str,
        channel: str,
        key: Key,
        blocking: Blocking,
        clock: Clock,
    ) -> None:
        tls = {"ssl_cert_reqs": "required", "ssl_check_hostname": True} if url.startswith("rediss:") else {}
        self._client: Any = Redis.from_url(
            url,
            password=password or None,
            socket_connect_timeout=CONNECT_WITHIN_S,
            socket_timeout=ANSWER_WITHIN_S,
            protocol=2,
            retry=None,
            **tls,
            **({"ssl_ca_certs": ca_file} if tls and ca_file else {}),
        )
        self._channel, self._key, self._blocking, self._clock = channel, key, blocking, clock
        self._bound_to = associated("bus/v1", channel)
        self._process = new_id()
        self._waiting: deque[Hint] = deque(maxlen=MOST_WAITING)
        self._lock = threading.Lock()
        self._sending = False
        self._silent_until = 0.0
        self._state = BusState(ok=True, detail="Nothing was said yet.")
        self._closed = False

    def publish(self, hint: Hint) -> None:
        """Tell the others; forgotten at once while the server is away."""
        if self._closed or self._clock.monotonic() < self._silent_until:
            return
        with self._lock:
            self._waiting.append(hint)
            start, self._sending = not self._sending, True
        if start:
            self._blocking.spawn(self._send)

    def listen(self, heard: Callable[[Hint], None]) -> None:
        """Hear the others from now on, again and again where the server goes away."""
        self._blocking.spawn(lambda: self._listen(heard))

    def ask(self) -> BusState:
        """Ask the server whether it is there."""
        try:
            self._client.ping()
            self._note(None)
        except Exception as error:
            self._note(error)
        return self._state

    def close(self) -> None:
        """Say and hear nothing more."""
        self._closed = True
        self._client.close()

    def _send(self) -> None:
        while True:
            with self._lock:
                hints = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
                if not hints:
                    self._sending = False
                    return
            message = _ENCODER.encode(
                _Message(self._process, to_ms(self._clock.now()), list(dict.fromkeys(hints)))
            )
            try:
                self._client.publish(self._channel, seal(self._key, message, self._bound_to))
                self._note(None)
            except Exception as error:
                self._silent_until = self._clock.monotonic() + AGAIN_LAST_S
                self._waiting.clear()
                self._note(error)

    def _listen(self, heard: Callable[[Hint], None]) -> None:
        again = AGAIN_FIRST_S
        while not self._closed:
            try:
                with self._client.pubsub() as channel:
                    channel.subscribe(self._channel)
                    self._hear(channel, heard)
            except Exception as error:
                if not self._closed:
                    again = AGAIN_FIRST_S if self._state.ok else min(AGAIN_LAST_S, again * 2)
                    self._note(error)
                    self._blocking.sleep(again)

    def _hear(self, channel: Any, heard: Callable[[Hint], None]) -> None:
        asked = False
        while not self._closed:
            found = channel.get_message(timeout=QUIET_S)
            if found is None:
                if asked:
                    raise TimeoutError("the server stopped answering")
                channel.ping()
                asked = True
                continue
            asked = False
            self._note(None)
            if found["type"] == "message":
                self._take(found["data"], heard)

    def _take(self, data: bytes, heard: Callable[[Hint], None]) -> None:
        """Hand on what one of us said lately; anything else on the channel is noise."""
        try:
            if len(data) > LARGEST:
                return
            message = _DECODER.decode(open_sealed(self._key, data, self._bound_to))
        except (IntegrityError, msgspec.MsgspecError):
            return
        if message.process == self._process or abs(to_ms(self._clock.now()) - message.at_ms) > STALE_MS:
            return
        for hint in message.hints:
            heard(hint)

    def _note(self, error: Exception | None) -> None:
        """Keep how the server is, and log it when that changes."""
        was = self._state.ok
        if error is None:
            self._state = BusState(ok=True, detail="Answers.")
            if not was:
                log.info("bus is back")
            return
        said = str(error).partition("\n")[0] or type(error).__name__
        self._state = BusState(ok=False, detail=f"Does not answer ({said}).")
        if was:
            log.warning("bus is away", error=said)
