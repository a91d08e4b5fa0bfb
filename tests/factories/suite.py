"""A whole suite on free ports: set up as a firm would, served by the real supervisor, driven from outside."""

import atexit
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import psutil

from admin.databases.server import create_databases
from admin.initialise import initialise
from admin.processes import listen_address, role_command
from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.identity.builtin import BuiltinDirectory
from core.settings import Settings, load_settings
from core.types import PersonId, SystemClock
from tests.factories.socket import SocketClient
from tests.factories.visitor import CHAT_COOKIE, Dial, Visitor, dial
from tests.factories.visitor import PASSWORD as PASSWORD
from tests.services.debian import free_ports
from tests.services.postgresql import Postgresql

ROOT = Path(__file__).parent.parent.parent


def wait_for(condition: Callable[[], Any], seconds: float = 30, what: str = "it") -> Any:
    """Return what ``condition`` returns as soon as that is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"{what} did not happen within {seconds} s")


@dataclass
class Suite:
    """A running suite. ``people`` are added to its built-in directory, each with ``PASSWORD``."""

    home: Path
    environ: dict[str, str]
    settings: Settings
    code: str
    process: subprocess.Popen[bytes] | None = None
    people: dict[str, PersonId] = field(default_factory=dict)
    dial: Dial = dial
    _sockets: list[SocketClient] = field(default_factory=list)

    def start(self) -> None:
        """Serve, and wait until every role can do its work."""
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "admin.cli", "serve"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(self.answers, 120, "every role answering")
        except TimeoutError as error:
            self.stop()
            raise TimeoutError(f"{error}\n{self.log()[-3000:]}") from error

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        for client in self._sockets:
            client.close()
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def log(self) -> str:
        """Return what the processes wrote."""
        path = self.home / "serve.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def children(self) -> dict[str, psutil.Process]:
        """Return the process of each role."""
        assert self.process is not None
        found: dict[str, psutil.Process] = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                command = child.cmdline()
                found.update({role: child for role in ProcessRole if role_command(role)[-1] in command})
        return found

    def offspring(self) -> list[psutil.Process]:
        """Return every process that serving started, also those that others of them started."""
        assert self.process is not None
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def chat(self) -> ChatServices:
        """Return the chat world, as a process of role pages."""
        return chat_services(Ground(self.settings, ProcessRole.PAGES, SystemClock()))

    def desk(self) -> DeskServices:
        """Return the desk."""
        return desk_services(Ground(self.settings, ProcessRole.DESK, SystemClock()))

    def add(self, username: str, *groups: str, name: str = "") -> PersonId:
        """Add a person."""
        services = self.chat()
        assert isinstance(services.directory, BuiltinDirectory)
        person = services.directory.add(
            username, PASSWORD, display_name=name or username.title(), by="test", groups=groups
        )
        self.people[username] = person.id
        services.store.close()
        return person.id

    def session(self, username: str) -> str:
        """Sign in over HTTP, as a browser does; return the session cookie."""
        return Visitor(self.settings.chat_url, self.dial).sign_in(username)

    def connect(self, username: str) -> SocketClient:
        """Sign in and open a websocket."""
        client = SocketClient(
            self.settings.realtime_url,
            f"{CHAT_COOKIE}={self.session(username)}",
            self.settings.chat_url,
            self.dial,
        )
        self._sockets.append(client)
        return client

    def answers(self) -> bool:
        """Tell whether every role that listens answers."""
        chosen = self.settings
        return all(
            answers_at(listen_address(listen, url), url)
            for listen, url in (
                (chosen.chat_listen, chosen.chat_url),
                (chosen.realtime_listen, chosen.realtime_url),
                (chosen.desk_listen, chosen.desk_url),
            )
        )


def answers_at(address: tuple[str, int], url: str) -> bool:
    """Tell whether a process that listens there answers as ``url``."""
    try:
        page = Visitor(url, lambda _: socket.create_connection(address, timeout=2)).get("/readyz")
    except (OSError, HTTPException):
        return False
    return page.status == 200


def make_suite(home: Path, *, policy: str = "first", **environ: str) -> Suite:
    """Set a suite up in ``home``; it is not served yet. Hashing is cheap, everything else as shipped."""
    with _prepared(policy) as (prepared, code):
        shutil.copytree(prepared, home, dirs_exist_ok=True)
    return _suite(home, code, environ)


def make_suite_on(server: Postgresql, home: Path, *, policy: str = "demo", **environ: str) -> Suite:
    """Set a suite up whose databases are on a PostgreSQL server."""
    databases = {
        "CHANCERY_DATABASE_KIND": "postgresql",
        "CHANCERY_POSTGRESQL_URL": server.url,
        "CHANCERY_POSTGRESQL_PREFIX": server.prefix(),
    }
    return make_suite_with(
        home,
        prepare=lambda settings: create_databases(settings, server.admin_url, passwords=True),
        policy=policy,
        **{**databases, **environ},
    )


def make_suite_with(
    home: Path, *, prepare: Callable[[Settings], None], policy: str = "demo", **environ: str
) -> Suite:
    """Set a suite up from nothing, by settings of its own; ``prepare`` makes what must be there before."""
    variables = {**_variables(home), **environ}
    prepare(load_settings(variables))
    return _suite(home, _initialise(variables, policy), environ)


def _suite(home: Path, code: str, environ: Mapping[str, str]) -> Suite:
    ports = free_ports(3)
    variables = {
        **_variables(home),
        "CHANCERY_CHAT_URL": f"http://127.0.0.1:{ports[0]}",
        "CHANCERY_REALTIME_URL": f"http://127.0.0.1:{ports[1]}",
        "CHANCERY_DESK_URL": f"http://localhost:{ports[2]}",
        "CHANCERY_LIMITS_PER_CONNECTION": "10000",
        "CHANCERY_LIMITS_PER_PERSON": "10000",
        **environ,
    }
    return Suite(home, variables, load_settings(variables), code)


@contextmanager
def _prepared(policy: str) -> Iterator[tuple[Path, str]]:
    """Yield a house set up once for this run, in whichever of its processes, and its officer's code."""
    with _shared_folder() as folder:
        home, code = folder / policy, folder / f"{policy}.code"
        if not code.exists():
            variables = _variables(home)
            code.write_text(_initialise(variables, policy))
        yield home, code.read_text()


def _initialise(variables: Mapping[str, str], policy: str) -> str:
    """Do what `chancery init` does; return the first officer's code."""
    done = initialise(
        load_settings(variables),
        variables,
        administrator="admin",
        officer="olga",
        password=PASSWORD,
        policy=policy,
    )
    return done["code"]


@contextmanager
def _shared_folder() -> Iterator[Path]:
    """Yield the folder that the processes of this run share, one of them at a time."""
    folder = _folder()
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700, exist_ok=True)
        yield folder


@cache
def _folder() -> Path:
    """Return where that folder is; each process takes it away at its end, and makes it where it is missing."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(gettempdir()) / f"chancery-houses-{run}"
    atexit.register(_take_away)
    return folder


def _take_away() -> None:
    with _shared_folder() as folder:
        shutil.rmtree(folder)
    folder.with_suffix(".lock").unlink(missing_ok=True)


def _variables(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "CHANCERY_HOME": str(home),
        "CHANCERY_ARGON2_MEMORY_KIB": "64",
        "CHANCERY_ARGON2_PASSES": "1",
    }
