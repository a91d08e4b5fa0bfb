"""What a database of a house is to the programs that set up, migrate and open it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from core.access import Database, Grant, grant_for
from core.crypto.rings import ProcessRole
from core.errors import Denied
from core.store import Store

PASSWORDS: Final = "postgresql"
"""The folder of the roles' passwords among the keys: a file for each role."""


class Snapshot(Protocol):
    """A database as it was at one moment, as long as this is open; others write meanwhile."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds in it."""
        ...

    def copy_to(self, target: Path) -> None:
        """Write it into the new file ``target``, synced. Raises IntegrityError, Unavailable."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class HousedDatabase(Protocol):
    """One of the four, as the programs that set up and migrate see it."""

    @property
    def name(self) -> Database:
        """Which of the four."""
        ...

    def open(self, role: ProcessRole) -> Store:
        """Open it with the grants of a process role; raises Denied ``foreign_store``, Unavailable."""
        ...

    def is_there(self) -> bool:
        """Tell whether a house may have written here."""
        ...

    def make(self) -> None:
        """Make an empty one where there is none."""
        ...

    def connect(self) -> Connection:
        """Return a connection that may change tables. Raises Unavailable."""
        ...

    def settle_grants(self) -> None:
        """Let each role do what it may, after tables have changed."""
        ...

    def clear(self) -> None:
        """Remove all that a house wrote here."""
        ...

    def kept_out(self) -> AbstractContextManager[None]:
        """Let no process write while this is open; they wait. Raises Unavailable."""
        ...

    def snapshot(self) -> Snapshot:
        """Return it as it is now. Raises Unavailable."""
        ...

    def load(self, copy: Path) -> None:
        """Fill it, empty as it is, from what a snapshot wrote. Raises Unavailable."""
        ...


def entitled(role: ProcessRole, database: Database) -> Grant:
    """Return what ``role`` may do to ``database``.

    Raises:
        Denied: ``foreign_store``.
    """
    grant = grant_for(role, database)
    if grant is None:
        raise Denied(
            f"The {role} process may not open the {database} database.",
            code="foreign_store",
            role=str(role),
            store=str(database),
        )
    return grant
