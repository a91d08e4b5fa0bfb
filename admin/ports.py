"""Tells which address is taken before anything is built for it."""

import errno
import os
import socket
from collections.abc import Collection

from admin.processes import listen_address
from core.crypto.rings import ProcessRole
from core.errors import Conflict
from core.settings import Settings, variable_of


def check_ports(settings: Settings, roles: Collection[ProcessRole] = tuple(ProcessRole)) -> None:
    """Refuse to begin while somebody listens where the house would, or these roles of it.

    Raises:
        Conflict: ``port_taken``, naming the port, what it is for, and the setting that chooses another;
            ``port_refused`` where the machine does not let us listen there.
    """
    for role, what, listen, url, key in (
        (ProcessRole.PAGES, "the chat", settings.chat_listen, settings.chat_url, "chat"),
        (
            ProcessRole.REALTIME,
            "its websocket",
            settings.realtime_listen,
            settings.realtime_url,
            "realtime",
        ),
        (ProcessRole.DESK, "the compliance desk", settings.desk_listen, settings.desk_url, "desk"),
    ):
        if role not in roles:
            continue
        host, port = listen_address(listen, url)
        chosen = f"{variable_of(f'{key}.listen')}={host}:PORT" if listen else _with_port(key, url)
        other = f"choose another with {chosen}."
        refused = _refused("127.0.0.1" if host == "localhost" else host, port)
        if refused == errno.EADDRINUSE:
            raise Conflict(
                f"Port {port}, where {what} would answer, is taken by another program. Stop that, or {other}",
                code="port_taken",
                port=port,
            )
        if refused:
            raise Conflict(
                f"{what.capitalize()} cannot answer at {host}:{port}: {os.strerror(refused)}. "
                f"Allow it, or {other}",
                code="port_refused",
                port=port,
            )


def _with_port(key: str, url: str) -> str:
    return f"{variable_of(f'{key}.url')}={url.rpartition(':')[0]}:PORT"


def _refused(host: str, port: int) -> int | None:
    """Return the number of the error with which the machine refuses the address, if it does."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno
    return None
