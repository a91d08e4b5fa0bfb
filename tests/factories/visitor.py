"""A browser without a window: signs in over HTTP or HTTPS, keeps its cookies, sends forms as our own pages do."""

import json
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from core.types import new_id
from web.security import CSRF_HEADER

PASSWORD = "correct horse 7 battery"
CHAT_COOKIE = "__Host-chancery"

Dial = Callable[[str], socket.socket]


def dial(url: str) -> socket.socket:
    """Connect to where ``url`` says."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=20)


def dial_tls(port: int, ca_file: str) -> Dial:
    """Connect to a port of this machine, whatever name ``url`` has; its certificate must bear that name."""
    context = ssl.create_default_context(cafile=ca_file)

    def connect(url: str) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        try:
            return context.wrap_socket(plain, server_hostname=urlsplit(url).hostname)
        except BaseException:
            plain.close()
            raise

    return connect


@dataclass(frozen=True)
class Page:
    """What a server answered."""

    status: int
    headers: Message
    text: str

    @property
    def goes_to(self) -> str:
        """Where a redirect leads."""
        return self.headers["Location"] or ""


@dataclass
class Visitor:
    """One visitor of one site."""

    url: str
    dial: Dial = dial
    cookies: dict[str, str] = field(default_factory=dict)
    _csrf: str = ""

    def get(self, path: str, **headers: str) -> Page:
        """Ask for a page."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, str]) -> Page:
        """Send a form of the page that was seen last."""
        own = {
            "Origin": self.url,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", path, urlencode({**form, "csrf": self._csrf}), own)

    def sign_in(self, username: str, password: str = PASSWORD) -> str:
        """Sign in; return the session cookie of the chat."""
        self.get("/signin")
        page = self.post("/signin", {"username": username, "password": password})
        assert page.status == 303, (username, page.status, page.text[:2000])
        return self.cookies.get(CHAT_COOKIE, "")

    def upload(self, conversation: str, name: str, content: bytes) -> str:
        """Upload a file of one piece to a conversation; return its id."""
        self.get("/preferences")
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", CSRF_HEADER: self._csrf}
        form = {"client_id": new_id(), "conversation": conversation, "name": name, "size": len(content)}
        begun = self._ask("POST", "/api/files", json.dumps(form), {**own, "Content-Type": "application/json"})
        assert begun.status == 200, begun.text[:2000]
        file = str(json.loads(begun.text)["id"])
        sent = self._ask("PUT", f"/api/files/{file}/0", content, own)
        assert sent.status == 200, sent.text[:2000]
        return file

    def enrol(self, code: str, username: str) -> None:
        """At the desk: choose a password with a one-time code, and sign in with it."""
        self.get("/enrol")
        page = self.post("/enrol", {"code": code, "password": PASSWORD, "again": PASSWORD})
        assert page.status == 303, page.text[:2000]
        self.sign_in(username)

    def open_matter(self, purpose: str) -> str:
        """At the desk: open a matter; return its address."""
        self.get("/matters")
        return self.post("/matters", {"purpose": purpose}).goes_to

    def search(self, matter: str, query: str) -> str:
        """At the desk: search in a matter; return the address of the results."""
        self.get(matter)
        return self.post(f"{matter}/searches", {"query": query, "reason": "to see"}).goes_to

    def _ask(self, method: str, path: str, body: str | bytes | None, headers: Mapping[str, str]) -> Page:
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.netloc, timeout=20)
        connection.sock = self.dial(self.url)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, {"Cookie": cookies, "Host": parts.netloc, **headers})
            answer = connection.getresponse()
            page = Page(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()
        for header in page.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := re.search(r'name="csrf" value="([^"]*)"', page.text):
            self._csrf = found[1]
        return page
