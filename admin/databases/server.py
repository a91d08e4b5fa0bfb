"""Databases on a PostgreSQL server: one connection string, a prefix of names, a password for each role."""

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from admin.databases.port import PASSWORDS, entitled
from core.access import Database
from core.crypto import keyfiles
from core.crypto.rings import ProcessRole
from core.errors import SettingsError
from core.postgres import PostgresStore, server
from core.postgres.copy import ServerSnapshot, put_dump, writers_turn
from core.settings import Settings
from core.store import Store


@dataclass(frozen=True, slots=True)
class ServerDatabase:
    """A database on a PostgreSQL server."""

    name: Database
    url: str
    database: str
    prefix: str
    passwords: Path
    programs: Path | None = None

    def open(self, role: ProcessRole) -> Store:
        """Open it as the role; the server keeps to the grants. Raises Denied."""
        grant = entitled(role, self.name)
        return PostgresStore(self.name, self.dsn(role), grant=grant)

    def is_there(self) -> bool:
        """Tell whether it has tables. Raises Unavailable."""
        with self.connect() as connection:
            found = connection.exec_driver_sql("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
            return found.first() is not None

    def make(self) -> None:
        """See that it answers; `chancery db create` makes it. Raises Unavailable."""
        self.connect().close()

    def connect(self) -> Connection:
        """Return a connection of SQLAlchemy, as the owner of the tables. Raises Unavailable."""
        return server.owner_connection(self.dsn(server.OWNER), self.name)

    def settle_grants(self) -> None:
        """Give each role what it may do, and take everything else. Raises Unavailable."""
        server.settle_grants(self.dsn(server.OWNER), self.prefix, self.name)

    def clear(self) -> None:
        """Remove every table. Raises Unavailable."""
        server.clear(self.dsn(server.OWNER), self.name)

    def kept_out(self) -> AbstractContextManager[None]:
        """Be the one writer, of all machines. Raises Unavailable."""
        return writers_turn(self.dsn(server.OWNER), self.name)

    def snapshot(self) -> ServerSnapshot:
        """Open a snapshot, as the owner of the tables. Raises Unavailable."""
        return ServerSnapshot(self.dsn(server.OWNER), self.name, self.programs)

    def load(self, copy: Path) -> None:
        """Fill it from a dump. Raises Unavailable."""
        put_dump(self.dsn(server.OWNER), self.name, copy, self.programs)

    def dsn(self, role: str) -> str:
        """Return the connection string of a role; raises SettingsError."""
        password = self.passwords / role
        try:
            return server.connection_string(
                self.url,
                database=self.database,
                user=f"{self.prefix}_{role}",
                password=keyfiles.read(password).decode().strip() if password.exists() else None,
            )
        except ValueError as error:
            raise SettingsError(f"postgresql.url: {error}.", key="postgresql.url") from error


def server_database(settings: Settings, database: Database) -> ServerDatabase:
    """Return where a database is, by the settings."""
    prefix = settings.postgresql_prefix
    return ServerDatabase(
        database,
        settings.postgresql_url,
        f"{prefix}_{database}",
        prefix,
        settings.keys_dir / PASSWORDS,
        settings.postgresql_programs,
    )


def create_databases(settings: Settings, admin_url: str, *, passwords: bool) -> None:
    """Make roles and databases on the server, with a password file for each role unless it needs none.

    May be repeated: what is there stays, a password that is there is set again.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    folder = settings.keys_dir / PASSWORDS
    if not folder.exists():
        settings.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        keyfiles.make_folder(folder)
    server.create_databases(
        admin_url,
        settings.postgresql_prefix,
        {role: _password(folder / role) if passwords else None for role in (server.OWNER, *ProcessRole)},
    )


def _password(path: Path) -> str:
    if not path.exists():
        keyfiles.create(path, secrets.token_urlsafe(24).encode())
    return keyfiles.read(path).decode().strip()
