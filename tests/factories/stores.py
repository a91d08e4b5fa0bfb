"""Empty databases with their real tables, for tests: files, or on a PostgreSQL server by ``--database``.

They are migrated once in a run, as templates; each test gets copies.
"""

import atexit
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Protocol

import psycopg2
from sqlalchemy import Connection, Update, text

from admin.databases import HousedDatabase
from admin.databases.embedded import EmbeddedDatabase
from admin.migrations import upgrade
from core.access import Database, Grant
from core.sqlite import SqliteStore
from core.store import Store

REFUSALS = (sqlite3.DatabaseError, psycopg2.DatabaseError)
FORBIDDEN = "prohibited|not authorized|permission denied"
"""What the databases raise for what a role may not do, and how they say so."""


class Maker(Protocol):
    """Makes databases of one kind; those of one folder belong together."""

    def place(self, folder: Path, database: Database) -> HousedDatabase:
        """Return where the database of ``folder`` is."""
        ...

    def fill(self, folder: Path, database: Database) -> None:
        """Make it, with its tables."""
        ...

    def open(self, folder: Path, database: Database, grant: Grant | None) -> Store:
        """Open it with a grant, or open to everything."""
        ...


class EmbeddedMaker:
    """Makes files."""

    def __init__(self) -> None:
        self._templates: dict[Database, Path] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="chancery-templates-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)

    def place(self, folder: Path, database: Database) -> EmbeddedDatabase:
        """Return the file's place."""
        return EmbeddedDatabase(database, folder / f"{database}.db")

    def fill(self, folder: Path, database: Database) -> None:
        """Copy the template."""
        if database not in self._templates:
            template = self.place(self._folder, database)
            upgrade(template)
            self._templates[database] = template.path
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self._templates[database], self.place(folder, database).path)

    def open(self, folder: Path, database: Database, grant: Grant | None) -> SqliteStore:
        """Open the file."""
        return SqliteStore(database, self.place(folder, database).path, grant=grant)


class Chosen:
    """The maker of this run; a fixture changes it where the run is on a server."""

    maker: Maker = EmbeddedMaker()


def empty_store(folder: Path, database: Database) -> Store:
    """Return a store with the tables of ``database``, open to everything."""
    Chosen.maker.fill(folder, database)
    return opened_store(folder, database)


def opened_store(folder: Path, database: Database, grant: Grant | None = None) -> Store:
    """Return a store of ``folder`` that is there already, as another process opens it."""
    return Chosen.maker.open(folder, database, grant)


def behind(folder: Path, database: Database) -> Connection:
    """Return a connection that goes behind the suite's back, as an administrator of databases can."""
    return Chosen.maker.place(folder, database).connect()


def tamper(folder: Path, database: Database, statement: str | Update, *, unguarded: str = "") -> None:
    """Change exactly one row behind the suite's back, with the triggers of the table ``unguarded`` gone."""
    with behind(folder, database) as connection:
        for trigger in (f"{unguarded}_no_update", f"{unguarded}_no_delete") if unguarded else ():
            where = f" ON {unguarded}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}{where}")
        assert connection.execute(text(statement) if isinstance(statement, str) else statement).rowcount == 1
        connection.commit()
