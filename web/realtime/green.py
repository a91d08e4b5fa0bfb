"""The only module that knows eventlet: patching, waiting, serving.

``patch()`` must run before anything else is imported. With ``async_mode=threading`` nothing here is
used and nothing is patched; the same suite passes. Measured traps that shape this module: SQLite on
the loop stalls everybody, so commits run in one native thread and reads in another; nothing green
(no lock, pool or logger) is entered there; collecting old generations stalls the loop, so what
exists at start is frozen.
"""

import gc
import os
import socket
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

BACKLOG = 4096
MAX_CONNECTIONS = 20_000
IDLE_SECONDS = 30
"""For how long a connection may send nothing before it is a websocket (which sets its own limit)."""


def patch() -> None:
    """Make the standard library cooperative. Call before any other import."""
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import eventlet
    # PostgreSQL is only waited for in native threads.
    eventlet.monkey_patch(psycopg=False)


class GreenFuture:
    """A result that one greenlet waits for."""

    def __init__(self) -> None:
        from eventlet.event import Event

        self._event = Event()

    def set_result(self, value: Any) -> None:
        """Hand over the result."""
        self._event.send(value)

    def set_error(self, error: BaseException) -> None:
        """Hand over a failure."""
        self._event.send_exception(error)

    def wait(self) -> Any:
        """Wait for what was handed over."""
        return self._event.wait()


class GreenBlocking:
    """Greenlets on one loop; one native thread commits and one reads."""

    def __init__(self) -> None:
        import eventlet
        from eventlet import tpool
        from eventlet.semaphore import Semaphore

        self._eventlet = eventlet
        self._execute = tpool.execute
        # One at a time each, so that at most two native threads are ever in use.
        self._committing = Semaphore(1)
        self._reading = Semaphore(1)

    def breathe(self) -> None:
        """Let other greenlets run."""
        self._eventlet.sleep(0)

    def commit(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the commit thread."""
        with self._committing:
            result: T = self._execute(work)
            return result

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the read thread."""
        with self._reading:
            result: T = self._execute(work)
            return result

    def future(self) -> GreenFuture:
        """Return an empty future."""
        return GreenFuture()

    def spawn(self, work: Callable[[], None]) -> None:
        """Run ``work`` in a greenlet."""
        self._eventlet.spawn_n(work)

    def sleep(self, seconds: float) -> None:
        """Wait cooperatively."""
        self._eventlet.sleep(seconds)


def bounded_websocket(handler: Callable[..., Any], server: Any) -> Any:
    """Return the websocket of this mode: current protocols only, and whole messages of bounded size.

    eventlet bounds a frame but not a message of many fragments, keeps whatever comes in under the
    protocols of before 2011, and unmasks a byte at a time, for tens of milliseconds a frame.
    """
    from engineio.async_drivers.eventlet import WebSocketWSGI
    from eventlet.websocket import FailedConnectionError, RFC6455WebSocket

    limit = int(server.max_http_buffer_size)

    class Message(RFC6455WebSocket.Message):  # type: ignore[misc]
        size = 0

        def push(self, data: bytes, final: bool = False) -> None:
            self.size += len(data)
            if self.size > limit:
                raise FailedConnectionError(1009, f"A message has at most {limit} bytes.")
            super().push(data, final=final)

    class Bounded(WebSocketWSGI):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(handler, server)
            self.support_legacy_versions = False

        def _handle_hybi_request(self, environ: dict[str, Any]) -> Any:
            websocket = super()._handle_hybi_request(environ)
            websocket.Message = Message
            websocket._apply_mask = unmasked  # there is no other way in
            return websocket

    return Bounded()


def unmasked(data: bytes, mask: Sequence[int], length: int | None = None, offset: int = 0) -> bytes:
    """Return ``data`` with the ``mask`` of a frame taken off, whose byte ``offset`` it begins with."""
    count = len(data) if length is None else length
    at = offset % 4
    turned = bytes((*mask[at:], *mask[:at]))
    key = (turned * (count // 4 + 1))[:count]
    whole = int.from_bytes(data[:count], "little") ^ int.from_bytes(key, "little")
    return whole.to_bytes(count, "little")


def settle() -> None:
    """Freeze what exists now, so that collecting garbage does not stall the loop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2000, 20, 10)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket: no port sharing, no Nagle delay.

    Raises:
        OSError: the address cannot be had.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


class Listener:
    """A listening socket that can be closed without a word to the server that accepts from it.

    The server would hang up on everybody if it saw that: it knows nothing of websockets.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def accept(self) -> Any:
        """Return the next connection; once closed, there is none."""
        from eventlet.event import Event

        try:
            return self._sock.accept()
        except OSError:
            if not self._closed:
                raise
            return Event().wait()

    def close(self) -> None:
        """Let nobody in any more; who is connected stays."""
        self._closed = True
        self._sock.close()


def serve(listener: Listener, application: Any) -> None:
    """Serve ``application`` on ``listener`` until the process ends."""
    import eventlet.wsgi

    eventlet.wsgi.server(
        listener,
        application,
        max_size=MAX_CONNECTIONS,
        socket_timeout=IDLE_SECONDS,
        debug=False,
        log_output=False,
    )
