"""Copies of a database on a PostgreSQL server, by the server's own tools.

``pg_dump`` reads the snapshot that a transaction of ours exported, so that copies of several databases
can be of one moment (https://www.postgresql.org/docs/15/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION).
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from psycopg2.extensions import make_dsn, parse_dsn

from core.errors import Unavailable
from core.postgres.server import connect
from core.postgres.store import WRITERS_TURN

_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")
_SAID_CHARS: Final = 300


class ServerSnapshot:
    """A database as it was at one moment, as long as this is open."""

    def __init__(self, dsn: str, database: str, programs: Path | None) -> None:
        self._dsn = dsn
        self._database = database
        self._programs = programs
        self._connection = connect(dsn, database)
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        # However long the copy takes, it is not idle: a program of ours reads the snapshot meanwhile.
        self._cursor.execute("SET idle_in_transaction_session_timeout = 0")
        self._cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._cursor.execute("SELECT pg_export_snapshot()")
        self._name = str(self._cursor.fetchone()[0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds in the snapshot."""
        self._cursor.execute(query)
        return list(self._cursor.fetchall())

    def copy_to(self, target: Path) -> None:
        """Write the snapshot into the new file ``target``, synced.

        Raises:
            Unavailable: ``tool_missing``, ``tool_too_old``, ``tool_failed``.
        """
        program = _program("pg_dump", self._programs, self._connection.server_version // 10_000)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _run(
            self._dsn,
            program,
            *("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={self._name}"),
            f"--file={target}",
        )
        with target.open("rb") as file:
            os.fsync(file.fileno())

    def close(self) -> None:
        """Give the snapshot back."""
        self._connection.close()


@contextmanager
def writers_turn(dsn: str, database: str) -> Iterator[None]:
    """Be the one writer of a database; every other waits for its turn.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    with closing(connect(dsn, database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (WRITERS_TURN,))
            yield


def put_dump(dsn: str, database: str, dump: Path, programs: Path | None) -> None:
    """Fill an empty database from a file that :meth:`ServerSnapshot.copy_to` wrote, as a whole.

    Raises:
        Unavailable: ``store_unavailable``, ``tool_missing``, ``tool_too_old``, ``tool_failed``.
    """
    with closing(connect(dsn, database)) as connection:
        version = connection.server_version // 10_000
        _run(
            dsn,
            _program("pg_restore", programs, version),
            *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
            # A schema that was made again after it was cleared stands in the dump as well.
            *("--clean", "--if-exists"),
            str(dump),
        )
        with connection, connection.cursor() as cursor:
            cursor.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _program(name: str, programs: Path | None, server: int) -> str:
    """Return where a tool of the server is, once it is known to understand that server."""
    found = shutil.which(name, path=str(programs) if programs else None)
    if found is None:
        raise Unavailable(
            f"{name} is not there. Install the client programs of PostgreSQL {server}, or name their folder "
            "with postgresql.programs.",
            code="tool_missing",
            tool=name,
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - the server's own tool
    version = _VERSION.search(said)
    if version is None or int(version[1]) < server:
        raise Unavailable(
            f"{found} ({said.strip()}) is older than the server ({server}), which it cannot read. Name the "
            "folder of newer programs with postgresql.programs.",
            code="tool_too_old",
            tool=name,
        )
    return found


def _run(dsn: str, program: str, *arguments: str) -> None:
    given = parse_dsn(dsn)
    # Arguments of a program can be seen by everybody on the machine, its environment cannot.
    environ = {**os.environ, "PGPASSWORD": given.pop("password", "")}
    command = [program, f"--dbname={make_dsn(**given)}", "--no-password", *arguments]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - the server's own tool
    if ran.returncode != 0:
        raise Unavailable(
            f"{program} ended with status {ran.returncode}: {ran.stderr.strip()[:_SAID_CHARS]}",
            code="tool_failed",
            tool=Path(program).name,
        )
