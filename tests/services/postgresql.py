"""A real PostgreSQL server for tests: Debian's, on a socket and a loopback port of its own.

Roles sign in with passwords over TCP, as they do at a firm. ``fsync`` is off: these clusters are
thrown away. A house gets its databases from templates that are migrated once in a run.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import psycopg2
import pytest

from admin.databases.server import ServerDatabase, create_databases, server_database
from admin.migrations import upgrade
from core.access import GRANTS, Database, Grant
from core.postgres import PostgresStore, server
from core.settings import Settings
from tests.factories.stores import Chosen, EmbeddedMaker
from tests.services.debian import as_user, free_ports, install
from tests.services.missing import cannot_be_had

ADMINISTRATOR = "dba"
# Only ever reachable on loopback, for the length of one test run.
ADMINISTRATOR_PASSWORD = "dba-of-the-test-server"

_CONFIG = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = {fsync}
full_page_writes = {fsync}
max_connections = 200
shared_buffers = 64MB
log_min_messages = fatal
"""
_HBA = "host all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A running server."""

    port: int
    folder: Path
    programs: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        """The connection string of settings: neither user nor database."""
        return f"postgresql://127.0.0.1:{self.port}/?sslmode=disable"

    @property
    def admin_url(self) -> str:
        """The connection string of the server's administrator."""
        return f"postgresql://{ADMINISTRATOR}:{ADMINISTRATOR_PASSWORD}@127.0.0.1:{self.port}/postgres"

    def prefix(self) -> str:
        """Return a prefix of names that no other test uses."""
        return f"house{next(self._numbers)}"

    def control(self, *command: str) -> None:
        """Run ``pg_ctl`` with ``command``."""
        subprocess.run(
            [
                *as_user("postgres"),
                str(self.programs / "pg_ctl"),
                "-D",
                str(self.folder / "data"),
                "-w",
                *command,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )


class PostgresqlMaker:
    """Makes databases of tests by copying templates on the server; the roles are the templates'."""

    def __init__(self, server: Postgresql, keys: Path) -> None:
        self._server = server
        self.settings = Settings(
            home=keys,
            database_kind="postgresql",
            postgresql_url=server.url,
            postgresql_prefix=server.prefix(),
        )
        create_databases(self.settings, server.admin_url, passwords=True)
        for database in Database:
            upgrade(server_database(self.settings, database))
        self._names: dict[Path, str] = {}

    def template(self, database: Database) -> ServerDatabase:
        """Return the empty database that tests copy."""
        return server_database(self.settings, database)

    def place(self, folder: Path, database: Database) -> ServerDatabase:
        """Return the database of a folder."""
        name = self._names.setdefault(folder, self._server.prefix())
        return replace(self.template(database), database=f"{name}_{database}")

    def fill(self, folder: Path, database: Database) -> None:
        """Copy the template."""
        template, made = self.template(database), self.place(folder, database)
        with closing(psycopg2.connect(self._server.admin_url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {made.database} TEMPLATE {template.database}")

    def open(self, folder: Path, database: Database, grant: Grant | None) -> PostgresStore:
        """Open it as the role that has ``grant``, or as the owner."""
        roles = [role for (role, name), given in GRANTS.items() if given is grant and name is database]
        dsn = self.place(folder, database).dsn(roles[0] if roles else server.OWNER)
        return PostgresStore(database, dsn, grant=grant)


@pytest.fixture(scope="session")
def postgresql_maker(postgresql: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> PostgresqlMaker:
    """Makes databases on the server of the run."""
    return PostgresqlMaker(postgresql, tmp_path_factory.mktemp("postgresql-keys"))


@pytest.fixture(scope="session", autouse=True)
def _chosen_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put the stores of all tests on a server where the run asks for it."""
    if request.config.getoption("--database") == "postgresql":
        Chosen.maker = request.getfixturevalue("postgresql_maker")
    yield
    Chosen.maker = EmbeddedMaker()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A PostgreSQL server for the whole run."""
    # Not below pytest's own folder, through which the server's user cannot pass.
    folder = Path(tempfile.mkdtemp(prefix="chancery-postgresql-"))
    try:
        server = start_postgresql(folder)
        yield server
        server.control("stop", "-m", "immediate")
    finally:
        # A thousand databases of three hundred files take longer than a test may: nobody waits for that.
        subprocess.run(["sh", "-c", 'rm -rf "$1" &', "sh", str(folder)], check=True)


def start_postgresql(folder: Path, *, durable: bool = False) -> Postgresql:
    """Start a cluster in ``folder``, a new one unless there is one; the test is skipped where it cannot be."""
    if _programs() is None:
        install("postgresql-15")
    programs = _programs()
    if programs is None:
        cannot_be_had("PostgreSQL is not installed: run `apt-get install postgresql-15` as root.")
    (port,) = free_ports(1)
    if not (folder / "data").exists():
        _set_up(folder, programs)
    (folder / "data" / "postgresql.auto.conf").write_text(
        _CONFIG.format(port=port, folder=folder, fsync="on" if durable else "off")
    )
    (folder / "data" / "pg_hba.conf").write_text(_HBA)
    server = Postgresql(port, folder, programs)
    # Whoever started it before may have been killed and have left it running.
    left = (folder / "data" / "postmaster.pid").exists()
    server.control("restart" if left else "start", "-l", str(folder / "log"))
    return server


def _set_up(folder: Path, programs: Path) -> None:
    password = folder / "password"
    password.write_text(ADMINISTRATOR_PASSWORD)
    if as_user("postgres"):
        for path in (folder, password):
            shutil.chown(path, "postgres", "postgres")
    subprocess.run(
        [
            *as_user("postgres"),
            str(programs / "initdb"),
            *("-D", str(folder / "data"), "-U", ADMINISTRATOR, "--pwfile", str(password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _programs() -> Path | None:
    """Return the folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None
