"""The listener for monitoring: ``/metrics``, ``/healthz`` and ``/readyz`` of one process.

It is a listener of its own, beside the one that people reach: behind a proxy every request comes from
the proxy's address, so that no list of addresses could tell monitoring from a visitor.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog

from admin.health.readiness import Readiness
from admin.processes import listen_address
from core import metrics
from core.logs import Recurring

AGAIN_AFTER: Final = 5.0

log = structlog.get_logger(__name__)


class Monitor:
    """The WSGI application of the listener."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; nothing of it is logged."""
        status, kind, body = self._answer(environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", ""))
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(status, headers)
        return [body]

    def _answer(self, method: str, path: str) -> tuple[str, str, bytes]:
        if method == "GET" and path == "/metrics":
            metrics.READY.set(0.0 if self._readiness.reason() else 1.0)
            return "200 OK", metrics.CONTENT_TYPE, metrics.render()
        if method == "GET" and path == "/healthz":
            return "200 OK", "application/json", b'{"ok":true}'
        if method == "GET" and path == "/readyz":
            told, status = self._readiness.answer()
            phrase = "200 OK" if status == 200 else "503 Service Unavailable"
            return phrase, "application/json", json.dumps(told).encode()
        return "404 Not Found", "text/plain", b"There is /metrics, /healthz and /readyz.\n"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named so by its class
        """Write nothing of requests."""


def _bind(host: str, port: int, monitor: Monitor) -> Callable[[], None]:
    return make_server(host, port, monitor, server_class=_Server, handler_class=_Quiet).serve_forever


def _in_thread(serve: Callable[[], None]) -> None:
    threading.Thread(target=serve, name="monitor", daemon=True).start()


def serve_monitor(
    listen: str,
    readiness: Readiness,
    *,
    bind: Callable[[str, int, Monitor], Callable[[], None]] = _bind,
    spawn: Callable[[Callable[[], None]], None] = _in_thread,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Answer to monitoring at ``listen``, if that names an address, beside everything else.

    Where the address is taken, as by a process that is just ending, it is tried again: that nobody
    can look is no reason not to work. ``bind`` listens at host and port, and returns what serves there;
    an :class:`OSError` of it says that the address cannot be had now.
    """
    if not listen:
        return
    host, port = listen_address(listen, "")

    def serve() -> None:
        trouble = Recurring(log, "monitor cannot listen", address=listen)
        while True:
            try:
                run = bind(host, port, Monitor(readiness))
            except OSError:
                trouble.failed()
                sleep(AGAIN_AFTER)
            else:
                trouble.well()
                return run()

    spawn(serve)
