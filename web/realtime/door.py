"""What stands before the first event: where a handshake comes from, and what a frame may be.

Whoever opens a socket is nobody until the session was checked, so nothing here may cost memory or
time without bound: other sites get no socket at all, packets are text, and a message that comes in
many fragments counts as one.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from socketio.packet import BINARY_ACK, BINARY_EVENT, Packet

MAX_FRAME = 256 * 1024
SAME_SITE = frozenset({"same-origin", "same-site"})

_BINARY = frozenset({str(BINARY_EVENT), str(BINARY_ACK)})


class TextPacket(Packet):  # type: ignore[misc]
    """A packet without attachments: those are collected for as long as a client sends more of them."""

    def decode(self, encoded_packet: Any) -> int:
        """Take in a packet.

        Raises:
            ValueError: it announces attachments; whoever sent it is hung up on.
        """
        if str(encoded_packet)[:1] in _BINARY:
            raise ValueError("packets with attachments are not taken")
        return int(super().decode(encoded_packet))


class Door:
    """A WSGI application before the sockets: only pages of the chat get one."""

    def __init__(self, inside: Callable[..., Iterable[bytes]], chat_url: str) -> None:
        self._inside = inside
        parts = urlsplit(chat_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Let a request of our own pages in; answer 403 to a handshake from elsewhere."""
        if environ.get("PATH_INFO", "").startswith("/socket.io") and not self._is_ours(environ):
            start_response("403 Forbidden", [("Content-Type", "text/plain"), ("Connection", "close")])
            return [b"This websocket is for the chat page only.\n"]
        return self._inside(environ, start_response)

    def _is_ours(self, environ: dict[str, Any]) -> bool:
        return (
            environ.get("HTTP_ORIGIN") == self._origin
            and environ.get("HTTP_SEC_FETCH_SITE", "same-site") in SAME_SITE
        )


def bounded_threads(handler: Callable[..., Any], server: Any) -> Any:
    """Return the websocket of ``async_mode=threading``, with the bound of :mod:`web.realtime.green`'s."""
    from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

    return SimpleWebSocketWSGI(handler, server, max_message_size=MAX_FRAME)
