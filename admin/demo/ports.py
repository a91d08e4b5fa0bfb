"""Tells which address is taken before anything is built for it."""

import errno
import socket

from admin.processes import listen_address
from core.errors import Conflict
from core.settings import Settings, variable_of


def check_ports(settings: Settings) -> None:
    """Refuse to begin while somebody listens where the house would.

    Raises:
        Conflict: ``port_taken``, naming the port, what it is for, and the setting that chooses another.
    """
    for what, listen, url, key in (
        ("the chat", settings.chat_listen, settings.chat_url, "chat.url"),
        ("its websocket", settings.realtime_listen, settings.realtime_url, "realtime.url"),
        ("the compliance desk", settings.desk_listen, settings.desk_url, "desk.url"),
    ):
        host, port = listen_address(listen, url)
        if not _is_free("127.0.0.1" if host == "localhost" else host, port):
            raise Conflict(
                f"Port {port}, where {what} would answer, is taken by another program. Stop that, or choose "
                f"another port with {variable_of(key)}={url.rpartition(':')[0]}:PORT.",
                code="port_taken",
                port=port,
            )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
