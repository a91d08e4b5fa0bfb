"""A forwarder of TCP connections for tests: it counts them, and stands for a server in trouble."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

NONSENSE = b"\x00\xff*-9999\r\nHTTP/1.1 200 OK\r\n\r\n{" * 8


class Forwarder:
    """Listens on loopback and passes everything on to another port while it is ``open``.

    ``delay`` are the seconds that each answer takes; ``nonsense`` stands in place of every answer.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._live: list[socket.socket] = []
        self.connections = 0
        self.open = True
        self.delay = 0.0
        self.nonsense = b""
        Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        """End: no new connections, and none that lives."""
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End every connection that lives."""
        for one in self._live:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._live.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                if not self.open:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                self._live += [near, far]
                Thread(target=_pump, args=(near, far, lambda octets: octets), daemon=True).start()
                Thread(target=_pump, args=(far, near, self._weather), daemon=True).start()

    def _weather(self, octets: bytes) -> bytes:
        time.sleep(self.delay)
        return self.nonsense or octets


def _pump(source: socket.socket, sink: socket.socket, through: Callable[[bytes], bytes]) -> None:
    with contextlib.suppress(OSError):
        while octets := source.recv(65536):
            sink.sendall(through(octets))
    # The other direction ends by that too: both may be closed.
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def forwarding(target: int) -> Iterator[Forwarder]:
    """Yield a forwarder to a port of loopback."""
    forwarder = Forwarder(target)
    yield forwarder
    forwarder.stop()


@contextmanager
def swallowing() -> Iterator[int]:
    """Yield a port to which packets vanish: its queue is full, so the kernel drops what comes."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])
