"""What every response carries and every request must pass, for chat pages and desk alike.

* Default deny: an endpoint names its permission with :func:`permission`, or says :func:`public`.
  One that does neither is refused, whoever asks.
* Only the configured host name is answered (RFC 9110, 7.4: 421).
* Unsafe methods come from our own pages: ``Sec-Fetch-Site`` and ``Origin`` are checked, and a token
  that is bound to the session.
* Headers: a content security policy without inline code and with Trusted Types, and the like.
* Cookies carry the ``__Host-`` prefix, so that no other host name or path can set them.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.wrappers import Response as AnyResponse

from core.errors import ChanceryError, Denied, NotSignedIn
from core.identity.permissions import Permission, check_permission
from web.visitor import Visitor

F = TypeVar("F", bound=Callable[..., Any])

CHAT_COOKIE = "__Host-chancery"
DESK_COOKIE = "__Host-chancery-desk"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
MAX_BODY = 64 * 1024
MAX_BUNDLE_BODY = 1024 * 1024

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEY = "chancery.guard"


class Misdirected(ChanceryError):
    """The request names a host that this process does not answer for."""

    status = 421
    default_code = "wrong_host"


@dataclass(frozen=True, slots=True)
class Guard:
    """How one application recognises its visitors.

    ``url`` is its own address, ``cookie`` the name of its session cookie, ``visitor`` what turns a
    token into a visitor, ``connects`` the websocket origins that its pages may open.
    """

    url: str
    cookie: str
    visitor: Callable[[str], Visitor]
    connects: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The only value of ``Host`` that is answered."""
        return urlsplit(self.url).netloc

    @property
    def origin(self) -> str:
        """The only origin from which unsafe methods are taken."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def headers(self) -> Mapping[str, str]:
        """Return the headers of every response."""
        directives = (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self'",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *self.connects)),
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
        headers = {
            "Content-Security-Policy": "; ".join(directives),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        if urlsplit(self.url).scheme == "https":
            headers["Strict-Transport-Security"] = "max-age=63072000"
        return headers


def permission(needed: Permission, *, max_body: int = MAX_BODY) -> Callable[[F], F]:
    """Declare what an endpoint takes; ``max_body`` bounds its request in bytes."""

    def declare(view: F) -> F:
        vars(view).update(permission=needed, max_body=max_body)
        return view

    return declare


def public(view: F) -> F:
    """Declare that an endpoint is for everybody, signed in or not."""
    vars(view).update(permission=None, max_body=MAX_BODY)
    return view


def install(app: Flask, guard: Guard) -> None:
    """Put the guard before every request and its headers on every response."""
    app.extensions[_KEY] = guard
    headers = guard.headers()

    @app.before_request
    def check() -> None:
        _check_host(request, guard)
        view = _view()
        if view is None:
            return
        request.max_content_length = getattr(view, "max_body", MAX_BODY)
        if not hasattr(view, "permission"):
            raise Denied("This page declares no permission, so nobody may see it.", code="undeclared")
        if request.method in _UNSAFE:
            _check_site(request, guard)
        needed = vars(view)["permission"]
        if needed is None:
            return
        check_permission(visitor().principal, needed)
        if request.method in _UNSAFE:
            _check_csrf(request, guard)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            # A file that people sent brings a stricter policy of its own.
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def visitor() -> Visitor:
    """Return who is signed in.

    Raises:
        NotSignedIn: ``not_signed_in``.
    """
    if "visitor" not in g:
        guard = _guard()
        token = request.cookies.get(guard.cookie, "")
        if not token:
            raise NotSignedIn("You are not signed in. Sign in first.")
        g.visitor = guard.visitor(token)
    found: Visitor = g.visitor
    return found


def visitor_or_none() -> Visitor | None:
    """Return who is signed in, if anybody is; for pages that look different then."""
    try:
        return visitor()
    except NotSignedIn:
        return None


def session_token() -> str:
    """Return the session token of this request, empty if there is none."""
    return request.cookies.get(_guard().cookie, "")


def csrf_token() -> str:
    """Return the token that forms of this session carry; it reveals nothing of the session's own."""
    return _csrf_of(session_token())


def start_session(response: AnyResponse, token: str) -> None:
    """Give the browser the session; it ends with the browser, or on the server before."""
    response.set_cookie(_guard().cookie, token, secure=True, httponly=True, samesite="Strict", path="/")


def end_session(response: AnyResponse) -> None:
    """Take the session from the browser."""
    response.delete_cookie(_guard().cookie, secure=True, httponly=True, samesite="Strict", path="/")


def websocket_origin(url: str) -> str:
    """Return the ``ws:`` or ``wss:`` origin of an address, for ``connect-src``."""
    parts = urlsplit(url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"


def local_path(path: str, otherwise: str) -> str:
    """Return ``path`` if it stays on this site, else ``otherwise``: nobody is sent elsewhere."""
    parts = urlsplit(path)
    stays = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if stays and path.isprintable() and "\\" not in path else otherwise


def _guard() -> Guard:
    guard: Guard = current_app.extensions[_KEY]
    return guard


def _view() -> Callable[..., Any] | None:
    return current_app.view_functions[request.endpoint] if request.endpoint else None


def _check_host(asked: Request, guard: Guard) -> None:
    if asked.headers.get("Host", "").casefold() != guard.host.casefold():
        raise Misdirected(f"This server answers only as {guard.host}. Open {guard.url} instead.")


def _check_site(asked: Request, guard: Guard) -> None:
    """Refuse a request that another site made.

    Our own forms send ``Origin: null``, because pages forbid the referrer (Fetch, 3.2); then
    ``Sec-Fetch-Site`` must vouch for them.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    origin = asked.headers.get("Origin")
    own_site = site == "same-origin" or (site is None and origin == guard.origin)
    if not own_site or origin not in {None, "null", guard.origin}:
        raise Denied("This request came from another site. Use our own pages.", code="cross_site")


def _check_csrf(asked: Request, guard: Guard) -> None:
    given = asked.headers.get(CSRF_HEADER) or asked.form.get(CSRF_FIELD, "")
    expected = _csrf_of(asked.cookies.get(guard.cookie, ""))
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("ascii")):
        raise Denied(
            "This page is from another session. Load it again and repeat what you did.", code="bad_csrf"
        )


def _csrf_of(token: str) -> str:
    """Return the form token: an HMAC under the session's own token, which no page can read."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"chancery/csrf/v1", hashlib.sha256).hexdigest()
