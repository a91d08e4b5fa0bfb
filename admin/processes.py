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
    """Runs the four roles."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._environ = {**environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._stopping = False
        self._children = [
            self._listening(ProcessRole.REALTIME, settings.realtime_listen, settings.realtime_url),
            self._listening(ProcessRole.PAGES, settings.chat_listen, settings.chat_url),
            self._listening(ProcessRole.DESK, settings.desk_listen, settings.desk_url),
            _Child(ProcessRole.WORKER, [sys.executable, "-m", "admin.worker"], None),
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
        return _Child(role, _command(role, sock.fileno()), sock, pass_fds=(sock.fileno(),))

    def _start(self, child: _Child) -> None:
        child.started = time.monotonic()
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            child.command,
            cwd=ROOT,
            env={**self._environ, "CHANCERY_TEST_ROLE": child.role},
            pass_fds=child.pass_fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - nothing else runs in the supervisor
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


def _command(role: ProcessRole, descriptor: int) -> list[str]:
    if role is ProcessRole.REALTIME:
        return [sys.executable, "-m", "web.realtime", "--fd", str(descriptor)]
    application = "wsgi:create_app()" if role is ProcessRole.PAGES else "web.app:create_desk_app()"
    return [
        sys.executable, "-m", "gunicorn", "--config", "python:web.gunicorn_config",
        "--bind", f"fd://{descriptor}", application,
    ]  # fmt: skip
