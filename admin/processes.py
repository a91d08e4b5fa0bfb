"""``chancery serve``: one process of each role, restarted when it dies, none left when the parent dies.

The supervisor holds the listening sockets and hands them down, so that while a child restarts
clients wait instead of being refused. Every child asks the kernel to be killed with its parent
(``PR_SET_PDEATHSIG``, prctl(2)); children are started from the main thread, because the signal
comes when the *thread* that started them ends.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from admin.system_users import as_user_of
from core.crypto.rings import ProcessRole
from core.settings import Settings

PR_SET_PDEATHSIG = 1
BACKOFF_FIRST = 0.2
BACKOFF_LAST = 10.0
SETTLED_AFTER = 10.0
STOP_WITHIN = 8.0

log = structlog.get_logger(__name__)

ROOT = Path(__file__).parent.parent


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends. Called in the child."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def listen_address(listen: str, url: str) -> tuple[str, int]:
    """Return host and port of a ``listen`` setting, or of the address that people use."""
    if listen:
        host, _, port = listen.rpartition(":")
        return host.strip("[]"), int(port)
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


@dataclass(slots=True)
class _Child:
    role: ProcessRole
    command: list[str]
    socket: socket.socket | None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    backoff: float = BACKOFF_FIRST
    restart_at: float = 0.0
    pass_fds: tuple[int, ...] = field(default=())


class Supervisor:
    """Runs the four roles, each as its own system user where root serves a house that has them."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._environ = role_environment(environ)
        self._settings = settings
        self._stopping = False
        self._children = [
            self._listening(ProcessRole.REALTIME, settings.realtime_listen, settings.realtime_url),
            self._listening(ProcessRole.PAGES, settings.chat_listen, settings.chat_url),
            self._listening(ProcessRole.DESK, settings.desk_listen, settings.desk_url),
            _Child(ProcessRole.WORKER, role_command(ProcessRole.WORKER), None),
        ]

    def run(self) -> int:
        """Run until SIGINT or SIGTERM; return the exit status."""
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        for child in self._children:
            self._start(child)
        while not self._stopping:
            self._watch()
            time.sleep(0.1)
        return self._end()

    def _listening(self, role: ProcessRole, listen: str, url: str) -> _Child:
        host, port = listen_address(listen, url)
        if host == "localhost":
            host = "127.0.0.1"
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((host, port))
        sock.listen(1024)
        sock.set_inheritable(True)
        return _Child(role, role_command(role, f"fd://{sock.fileno()}"), sock, pass_fds=(sock.fileno(),))

    def _start(self, child: _Child) -> None:
        child.started = time.monotonic()
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            child.command,
            cwd=ROOT,
            pass_fds=child.pass_fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - nothing else runs in the supervisor
            **as_user_of(self._settings, child.role, self._environ),
        )
        log.info("started", child=child.role, pid=child.process.pid)

    def _watch(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                log.warning("ended", child=child.role, status=child.process.returncode)
                if now - child.started > SETTLED_AFTER:
                    child.backoff = BACKOFF_FIRST
                child.restart_at = now + child.backoff
                child.backoff = min(BACKOFF_LAST, child.backoff * 2)
                child.process = None
            if child.process is None and now >= child.restart_at:
                self._start(child)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _end(self) -> int:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for child in self._children:
            if child.socket is not None:
                child.socket.close()
        return 0


def role_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process of any role."""
    return {**environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def role_command(role: ProcessRole, bind: str = "") -> list[str]:
    """Return the command of a role; ``bind`` says where it listens, ``fd://N`` or ``host:port``."""
    if role is ProcessRole.WORKER:
        return [sys.executable, "-m", "admin.worker"]
    if role is ProcessRole.REALTIME:
        # It finds its address itself, unless a socket is handed down.
        handed_down = ["--fd", bind.removeprefix("fd://")] if bind.startswith("fd://") else []
        return [sys.executable, "-m", "web.realtime", *handed_down]
    application = "wsgi:create_app()" if role is ProcessRole.PAGES else "web.app:create_desk_app()"
    return [
        sys.executable, "-m", "gunicorn", "--config", "python:web.gunicorn_config",
        "--bind", bind, application,
    ]  # fmt: skip
