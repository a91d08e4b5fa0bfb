"""The one way out of the house: fetches a public web page, and nothing that is not one.

Whoever writes a link chooses where this goes, so nothing of it is trusted. Names are resolved here and
the address that was checked is the one connected to, at every redirect anew: no private, loopback,
link-local, shared, multicast or translated address, no port but those of the web. One deadline stands
over the whole fetch, and only so much is read. No cookies, no credentials, always the same words about
who asks.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from core.errors import Denied, Unavailable

USER_AGENT: Final = "Mozilla/5.0 (compatible; Chancery link preview)"
CONNECT_WITHIN_S: Final = 3.0
ALL_WITHIN_S: Final = 5.0
MOST_BYTES: Final = 512 * 1024
MOST_REDIRECTS: Final = 3
PORTS: Final = {"http": 80, "https": 443}
LONGEST_URL: Final = 2_000

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], Sequence[str]]

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/32")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was fetched: where it was in the end, its first octets, and what they are said to be."""

    url: str
    body: bytes
    charset: str


def resolve(host: str) -> Sequence[str]:
    """Return the addresses of a name, as this machine resolves it."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Egress:
    """Fetches pages. ``allowed`` are networks of one's own that may be reached all the same, at any port."""

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve = resolve) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    def fetch(self, url: str) -> Page:
        """Return the page at ``url``.

        Raises:
            Denied: ``egress_refused``; this is no address that may be asked, or no page.
            Unavailable: ``egress_failed``; nobody answered, or not in time.
        """
        deadline = time.monotonic() + ALL_WITHIN_S
        for _ in range(MOST_REDIRECTS + 1):
            found = self._ask(url, deadline)
            if isinstance(found, Page):
                return found
            url = urljoin(url, found)
        raise _refused("It leads on and on.")

    def _ask(self, url: str, deadline: float) -> Page | str:
        """Return the page, or where it leads."""
        parts, host, port = _parsed(url)
        address = self._checked(host, port, PORTS[parts.scheme])
        try:
            return self._talk(parts, host, port, address, deadline)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unavailable("This page does not answer.", code="egress_failed") from error

    def _talk(
        self, parts: SplitResult, host: str, port: int, address: Address, deadline: float
    ) -> Page | str:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock = socket.create_connection((str(address), port), timeout=min(CONNECT_WITHIN_S, left))
        if parts.scheme == "https":
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        # However slowly something drips in, it ends at the deadline.
        watch = threading.Timer(max(0.0, deadline - time.monotonic()), _hang_up, [sock])
        watch.daemon = True
        watch.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            connection = http.client.HTTPConnection(host, port)
            connection.sock = sock
            target = parts.path or "/"
            connection.putrequest("GET", f"{target}?{parts.query}" if parts.query else target)
            connection.putheader("User-Agent", USER_AGENT)
            connection.putheader("Accept", "text/html")
            connection.putheader("Connection", "close")
            connection.endheaders()
            found = _read(parts.geturl(), connection.getresponse())
            if time.monotonic() >= deadline:
                raise TimeoutError
            return found
        finally:
            watch.cancel()
            sock.close()

    def _checked(self, host: str, port: int, usual: int) -> Address:
        """Return an address of ``host`` that may be connected to; one that may not spoils all."""
        try:
            found = [ipaddress.ip_address(each.partition("%")[0]) for each in self._resolve(host)]
        except (OSError, ValueError) as error:
            raise Unavailable("This name has no address.", code="egress_failed") from error
        if not found:
            raise Unavailable("This name has no address.", code="egress_failed")
        own = [any(each in network for network in self._allowed) for each in found]
        if not all(
            mine or (is_public(each) and port == usual) for each, mine in zip(found, own, strict=True)
        ):
            raise _refused("It is not on the public web.")
        return found[0]


def is_public(address: Address) -> bool:
    """Tell whether anybody on the internet means the same host by this address."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local
        or address.ipv4_mapped
        or address.sixtofour
        or address.teredo
        or address in _NAT64
    ):
        # Of a site's own (RFC 3879), or with another address inside, of which somebody else decides.
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _parsed(url: str) -> tuple[SplitResult, str, int]:
    if len(url) > LONGEST_URL or not url.isascii() or any(ord(each) <= 0x20 for each in url):
        raise _refused("It is no address of a page.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("It is no address of a page.") from error
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise _refused("It is no address of a page.")
    return parts, parts.hostname, port or PORTS[parts.scheme]


def _read(url: str, response: http.client.HTTPResponse) -> Page | str:
    if response.status in _REDIRECTS:
        return response.getheader("Location") or ""
    kind = response.headers.get_content_type()
    packed = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if response.status != http.client.OK or kind != "text/html" or packed != "identity":
        raise _refused("It is no page that can be shown.")
    charset = response.headers.get_content_charset() or ""
    return Page(url, response.read(MOST_BYTES), charset)


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # The plain way: a closing handshake of TLS would wait for the other side.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _refused(why: str) -> Denied:
    return Denied(f"This link is not followed. {why}", code="egress_refused")
