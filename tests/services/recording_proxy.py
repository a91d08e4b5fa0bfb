"""An HTTP proxy for tests that remembers what passes, ends TLS, and answers in the server's place if told to."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_HOP = {"connection", "transfer-encoding", "content-length", "host", "accept-encoding"}


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived."""

    line: str
    body: bytes
    authorization: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.line.split()[0]

    @property
    def path(self) -> str:
        """The path, without what stands behind the question mark."""
        return urlsplit(self.line.split()[1]).path


@dataclass(frozen=True)
class Answer:
    """What the proxy says in place of the server."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "Content-Type": "application/vnd.elasticsearch+json;compatible-with=8",
            "X-Elastic-Product": "Elasticsearch",
        }
    )


Instead = Callable[[Recorded], Answer | None]
"""Answers a request, or returns None to let it pass; it may wait as long as it likes."""


@contextmanager
def recording(
    upstream: str, *, instead: Instead = lambda _: None, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[Recorded]]]:
    """Yield the address of a proxy before ``upstream`` and the growing list of its requests."""
    requests: list[Recorded] = []
    target = urlsplit(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            signed = self.headers.get("Authorization") or ""
            request = Recorded(self.requestline, body, signed, dict(self.headers))
            requests.append(request)
            answer = instead(request) or self._ask(body)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def _ask(self, body: bytes) -> Answer:
            connection = HTTPConnection(target.hostname or "", target.port)
            try:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                connection.request(self.command, self.path, body or None, kept)
                answer = connection.getresponse()
                headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
                return Answer(answer.status, answer.read(), headers)
            except (OSError, HTTPException):
                return Answer(502, b"", {})
            finally:
                connection.close()

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep the output of tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
