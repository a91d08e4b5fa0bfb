"""Nobody makes the house ask what stands inside it, wait for ever, or take in more than it can hold."""

import gzip
import ipaddress
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core import egress
from core.egress import MOST_BYTES, USER_AGENT, Egress, is_public
from core.errors import Denied, Unavailable

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)  # fmt: skip
def test_no_address_of_ones_own_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(Denied) as refused:
        Egress(resolve=lambda _: [address]).fetch("http://example.com/")
    assert refused.value.code == "egress_refused"


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_of_the_web_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "http://", "//example.com/",
        "http://user:word@example.com/", "http://example.com:22/", "https://example.com:80/",
        "http://example.com:8080/", "http://exa mple.com/", "http://example.com/\r\nX: y", "http://[::1/",
        "http://example.com:99999/", "http://münchen.example/", "http://example.com/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_only_pages_of_the_web_are_asked_for(url: str) -> None:
    with pytest.raises(Denied) as refused:
        Egress(resolve=lambda _: ["8.8.8.8"]).fetch(url)
    assert refused.value.code == "egress_refused"


def test_one_private_address_among_public_ones_spoils_all() -> None:
    with pytest.raises(Denied):
        Egress(resolve=lambda _: ["8.8.8.8", "127.0.0.1"]).fetch("http://example.com/")


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost"])
def test_loopback_is_found_out_under_each_of_its_names(host: str) -> None:
    with pytest.raises((Denied, Unavailable)):
        Egress().fetch(f"http://{host}/")


def test_a_page_is_fetched_without_a_word_about_who_asks() -> None:
    asked: list[dict[str, str]] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(dict(request.headers))
        _send(request, b"<title>Hello</title>", "text/html; charset=utf-8", {"Set-Cookie": "a=b"})

    with served(answer) as (url, guard):
        page = guard.fetch(f"{url}/page?x=1")
    assert (page.body, page.charset) == (b"<title>Hello</title>", "utf-8")
    assert asked[0]["User-Agent"] == USER_AGENT
    assert not asked[0].keys() & {"Cookie", "Authorization", "Referer"}


def test_every_redirect_is_checked_anew_and_there_are_only_so_many() -> None:
    targets = {
        "/inside": "http://10.0.0.1/",
        "/file": "file:///etc/passwd",
        "/round": "/round",
        "/on": "/end",
    }

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.path in targets:
            _send(request, b"", "text/html", {"Location": targets[request.path]}, status=302)
        else:
            _send(request, b"<title>End</title>", "text/html")

    with served(answer) as (url, guard):
        for path in ("/inside", "/file", "/round"):
            with pytest.raises(Denied):
                guard.fetch(url + path)
        assert guard.fetch(url + "/on").url == url + "/end"


def test_the_address_that_was_checked_is_the_one_that_is_asked() -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.headers["Host"])
        _send(request, b"<title>x</title>", "text/html")

    with served(answer, resolve=lambda _: next(answers)) as (url, guard):
        guard.fetch(url.replace("127.0.0.1", "rebind.example"))
        assert asked[0].startswith("rebind.example:")
        with pytest.raises(Denied):
            guard.fetch(url.replace("127.0.0.1", "rebind.example"))


@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "image/svg+xml", ""])
def test_what_is_no_page_is_not_taken(kind: str) -> None:
    with served(lambda request: _send(request, b"x", kind)) as (url, guard), pytest.raises(Denied):
        guard.fetch(url)


def test_what_is_packed_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    with (
        served(lambda request: _send(request, bomb, "text/html", {"Content-Encoding": "gzip"})) as (
            url,
            guard,
        ),
        pytest.raises(Denied),
    ):
        guard.fetch(url)


def test_no_more_is_read_than_so_much() -> None:
    with served(lambda request: _send(request, b"x" * (4 * MOST_BYTES), "text/html")) as (url, guard):
        assert len(guard.fetch(url).body) == MOST_BYTES


@pytest.mark.parametrize("part", ["head", "body"])
def test_what_drips_in_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(egress, "ALL_WITHIN_S", 0.5)
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        if part == "body":
            request.send_response(200)
            request.send_header("Content-Type", "text/html")
            request.send_header("Content-Length", "100000")
            request.end_headers()
        try:
            while not over.wait(0.05):
                request.wfile.write(b"x")
                request.wfile.flush()
        except OSError:
            return

    with served(drip) as (url, guard):
        begun = time.monotonic()
        with pytest.raises(Unavailable) as failed:
            guard.fetch(url)
        over.set()
    assert failed.value.code == "egress_failed"
    assert time.monotonic() - begun < 5


@contextmanager
def served(answer: Answer, resolve: egress.Resolve = egress.resolve) -> Iterator[tuple[str, Egress]]:
    """Serve on loopback what ``answer`` writes, with a guard that may go there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", Egress([LOOPBACK], resolve)
    finally:
        server.shutdown()
        server.server_close()


def _send(
    request: BaseHTTPRequestHandler,
    body: bytes,
    kind: str,
    headers: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> None:
    request.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    try:
        request.wfile.write(body)
    except OSError:
        return
