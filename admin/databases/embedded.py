"""Databases in files beside the house: SQLite."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from admin.databases.port import entitled
from core.access import Database
from core.crypto.rings import ProcessRole
from core.sqlite import SqliteStore, create_file, writers_gate
from core.sqlite_copy import SqliteSnapshot, put_copy


@dataclass(frozen=True, slots=True)
class EmbeddedDatabase:
    """A database in a file."""

    name: Database
    path: Path

    def open(self, role: ProcessRole) -> SqliteStore:
        """Open it; an authorizer keeps to the grants. Raises Denied, Unavailable ``store_missing``."""
        return SqliteStore(
            self.name,
            self.path,
            grant=entitled(role, self.name),
            secure_delete=self.name is Database.KEYSTORE,
        )

    def is_there(self) -> bool:
        """Tell whether the file exists."""
        return self.path.exists()

    def make(self) -> None:
        """Make the file."""
        create_file(self.path)

    def connect(self) -> Connection:
        """Return a connection of SQLAlchemy."""
        return create_engine(f"sqlite:///{self.path}", poolclass=NullPool).connect()

    def settle_grants(self) -> None:
        """Nothing: the authorizer reads the table of grants itself."""

    def clear(self) -> None:
        """Remove the files."""
        for left in self.path.parent.glob(f"{self.path.name}*"):
            left.unlink()

    def kept_out(self) -> AbstractContextManager[None]:
        """Be the one writer."""
        return writers_gate(self.path)

    def snapshot(self) -> SqliteSnapshot:
        """Open a snapshot."""
        return SqliteSnapshot(self.path)

    def load(self, copy: Path) -> None:
        """Put the copy where the file belongs."""
        put_copy(copy, self.path)
