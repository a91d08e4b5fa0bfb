"""The embedded store: one SQLite file in WAL mode, shared by several processes.

Every writer takes the file's gate (``flock`` on a file beside it) before ``BEGIN IMMEDIATE``:
SQLite's own busy handler lets a busy writer starve the others for seconds. ``synchronous=FULL``:
what was committed survives a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).

What a role may not do is refused by an authorizer when a statement is prepared
(https://www.sqlite.org/c3ref/set_authorizer.html), before it touches a page.
"""

import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from core import metrics
from core.access import Grant
from core.errors import Denied, Unavailable
from core.store import Tx

T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
WAL_PAGES = 4000
# https://www.sqlite.org/rescode.html; the low byte is the kind.
_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN})

_DIALECT = sqlite_dialect(paramstyle="named")


class SqliteStore:
    """A :class:`core.store.Store` on one file.

    ``grant`` limits the connections to what the process role may do; without one (migrations)
    everything is allowed. One connection writes; those that read are borrowed from a lock-free
    stack, so that no lock of an event loop's making is ever entered.
    """

    def __init__(
        self, name: str, path: Path, *, grant: Grant | None = None, secure_delete: bool = False
    ) -> None:
        self.name = name
        self._path = path
        self._grant = grant
        self._secure_delete = secure_delete
        self._synchronous = "FULL"
        self._writer: sqlite3.Connection | None = None
        self._writers_made = 0
        self._readers: deque[sqlite3.Connection] = deque()
        if not path.exists():
            raise Unavailable(
                f"The {name} database {path} does not exist. Run `chancery init` first.",
                code="store_missing",
                store=name,
            )

    def without_sync(self) -> Self:
        """Stop forcing each commit to disk, for a store that is being built and thrown away unless finished.

        A power cut can then damage the whole file. Whoever builds forces everything to disk at the end.
        """
        self._synchronous = "OFF"
        self.close()
        return self

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` in one exclusive transaction.

        Raises:
            Denied: ``foreign_store`` when the role may not write this database at all.
            Unavailable: ``store_unavailable`` where the disk is full or fails; nothing was written.
        """
        if self._grant is not None and not self._grant.writes:
            raise Denied(f"This process may not write the {self.name} database.", code="foreign_store")
        with self._telling(), writers_gate(self._path):
            connection = self._writing()
            try:
                return self._transact(connection, "BEGIN IMMEDIATE", work)
            except BaseException:
                connection.close()
                self._writer = None
                raise

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` on one snapshot. Raises Unavailable ``store_unavailable``."""
        with self._telling():
            try:
                connection = self._readers.pop()
            except IndexError:  # asked for, not looked for: another thread may take the last one between
                connection = self._connect(readonly=True)
            try:
                result = self._transact(connection, "BEGIN", work)
            except BaseException:
                connection.close()
                raise
        self._readers.append(connection)
        return result

    def foreign_version(self) -> tuple[int, int]:
        """Return ``PRAGMA data_version`` of the writing connection, and which connection that is.

        Others' commits change it, one's own do not; numbers of two connections cannot be compared
        (https://www.sqlite.org/pragma.html#pragma_data_version).
        """
        with self._telling(), writers_gate(self._path):
            found = self._writing().execute("PRAGMA data_version").fetchone()
            return self._writers_made, int(found[0])

    def tidy(self) -> None:
        """Fold the write-ahead log back into the file, where no reader prevents it."""
        connection = self._connect(readonly=False)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        while self._readers:
            self._readers.pop().close()

    def _writing(self) -> sqlite3.Connection:
        """Return the connection that writes; only inside the gate."""
        if self._writer is None:
            self._writer = self._connect(readonly=False)
            self._writers_made += 1
        return self._writer

    def _transact(self, connection: sqlite3.Connection, begin: str, work: Callable[[Tx], T]) -> T:
        tx = Tx(connection, _DIALECT)
        try:
            connection.execute(begin)
            result = work(tx)
            connection.execute("COMMIT")
        except BaseException as error:
            if isinstance(error, sqlite3.Error):
                metrics.DATABASE_ERRORS.add(self.name)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            tx.undo()
            raise
        return result

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise Unavailable for trouble of the disk: it is nobody's mistake, and passes."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _DISK:
                raise
            raise Unavailable(
                f"The {self.name} database cannot be used ({error}). Look at its disk, then try again.",
                code="store_unavailable",
                store=self.name,
                retry_after=1,
            ) from error

    def _connect(self, *, readonly: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{self._path}?mode={'ro' if readonly else 'rw'}",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        if self._secure_delete:
            connection.execute("PRAGMA secure_delete=ON")
        if self._grant is not None:
            connection.set_authorizer(self._grant.authorizer())
        return connection


@contextmanager
def writers_gate(path: Path) -> Iterator[None]:
    """Be the one writer of a database, of all threads and processes."""
    gate = os.open(f"{path}.gate", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def create_file(path: Path) -> None:
    """Create an empty database file of mode 0600 in WAL mode, if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
