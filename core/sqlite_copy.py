"""Copies of an embedded database that is in use: one snapshot, copied page by page beside its writers.

In WAL mode a read transaction keeps its snapshot while others commit, so a copy that is made inside one
never has to begin again (https://www.sqlite.org/backup.html). The log of what is written meanwhile
cannot be folded in until the copy is done: the file beside the database grows for that long.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from core.errors import IntegrityError

_PAGES_A_STEP: Final = 2_048


class SqliteSnapshot:
    """A database as it was at one moment, as long as this is open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._connection.execute("BEGIN")
        # The snapshot is taken by the first statement that reads.
        self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds in the snapshot."""
        return self._connection.execute(query).fetchall()

    def copy_to(self, target: Path) -> None:
        """Write the snapshot into the new file ``target``, synced and checked.

        Raises:
            IntegrityError: ``database_damaged``.
        """
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            said = self._copied(target)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # the disk is full, or the like
            said = str(error)
        if said != "ok":
            raise IntegrityError(
                f"{self._path} is damaged ({said}). Keep it, and restore the last backup.",
                code="database_damaged",
            )
        _sync(target)

    def close(self) -> None:
        """Give the snapshot back."""
        self._connection.close()

    def _copied(self, target: Path) -> str:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            self._connection.backup(copy, pages=_PAGES_A_STEP, sleep=0)
            # One file, whatever becomes of it: no log beside it that could be left behind.
            copy.execute("PRAGMA journal_mode=DELETE")
            return str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])


def put_copy(copy: Path, path: Path) -> None:
    """Make the database ``path`` from a file that :meth:`SqliteSnapshot.copy_to` wrote, synced."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target, copy.open("rb") as source:
        while part := source.read(1 << 20):
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
