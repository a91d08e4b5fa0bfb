"""A real Redis for tests: Debian's server on a free loopback port, with a password."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from tests.factories.suite import wait_for
from tests.services.debian import free_ports, install
from tests.services.missing import cannot_be_had

# Only ever reachable on loopback, for the length of one test run.
PASSWORD = "bus-of-the-test-server"


@dataclass(frozen=True, slots=True)
class BusServer:
    """A running server. ``stop`` and ``start`` may be called again and again."""

    port: int
    folder: Path
    program: str

    @property
    def url(self) -> str:
        """The address of settings."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        """Return a client of the server's administrator."""
        return Redis.from_url(self.url, password=PASSWORD)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and wait until it answers."""
        config = self.folder / "redis.conf"
        config.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {PASSWORD}\nsave ''\ndir {self.folder}\n"
        )
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", self.program, str(config)], stdout=subprocess.DEVNULL
        )
        wait_for(self._answers, 20, "the bus answering")
        return process

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except OSError:
            return False
        except Exception as error:
            if "LOADING" in str(error) or "Connect" in type(error).__name__:
                return False
            raise


@contextmanager
def bus_server(folder: Path) -> Iterator[BusServer]:
    """Run a server for as long as the block lasts."""
    program = _program()
    if program is None:
        cannot_be_had("Redis needs Debian's package redis-server, or root to install it.")
    server = BusServer(free_ports(1)[0], folder, program)
    process = server.start()
    try:
        yield server
    finally:
        process.kill()
        process.wait()


def _program() -> str | None:
    if shutil.which("redis-server") is None:
        install("redis-server")
    return shutil.which("redis-server")


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusServer]:
    """A server for the whole run; tests tell themselves apart by their channels."""
    with bus_server(tmp_path_factory.mktemp("redis")) as server:
        yield server
