"""At which revision a database has to stand, and whether it does; without the tools that migrate."""

from pathlib import Path
from typing import Final

from sqlalchemy import column, select, table

from core.access import Database
from core.errors import Conflict
from core.store import Statement, Store

_MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"
_AT = Statement(select(column("version_num")).select_from(table("alembic_version")))


def head(database: Database) -> str:
    """Return the newest revision of a database's line: its migrations are numbered."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / database).glob("[0-9]*.py"))


def revision_of(store: Store) -> str | None:
    """Return the revision of an open database, as a process role that serves people may ask."""
    at: str | None = store.read(lambda tx: tx.value(_AT))
    return at


def check_newest(database: Database, at: str | None) -> None:
    """Return if ``at`` is the revision that this program works with.

    Raises:
        Conflict: ``migrations_behind``, ``newer_database``.
    """
    check_not_newer(database, at)
    if at != head(database):
        raise Conflict(
            f"The {database} database is not at the newest revision. Run `chancery db upgrade`.",
            code="migrations_behind",
        )


def check_not_newer(database: Database, at: str | None) -> None:
    """Return unless a newer program than this one wrote the database.

    Raises:
        Conflict: ``newer_database``.
    """
    if at is not None and at > head(database):
        raise Conflict(
            f"The {database} database is at revision {at}; this program knows only {head(database)}. Install "
            "the version that was run before, or a newer one: a database is never taken back.",
            code="newer_database",
        )
