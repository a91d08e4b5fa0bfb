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


def serve_monitor(listen: str, readiness: Readiness) -> None:
    """Answer to monitoring at ``listen``, if that names an address, in a thread beside everything else.

    Where the address is taken, as by a process that is just ending, it is tried again: that nobody
    can look is no reason not to work.
    """
    if listen:
        host, port = listen_address(listen, "")
        threading.Thread(
            target=_serve, args=(host, port, Monitor(readiness)), name="monitor", daemon=True
        ).start()


def _serve(host: str, port: int, monitor: Monitor) -> None:
    trouble = Recurring(log, "monitor cannot listen", address=f"{host}:{port}")
    while True:
        try:
            with make_server(host, port, monitor, server_class=_Server, handler_class=_Quiet) as server:
                trouble.well()
                server.serve_forever()
        except OSError:
            trouble.failed()
            time.sleep(AGAIN_AFTER)
