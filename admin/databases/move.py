"""Moves a house from files to a PostgreSQL server: every row, compared on both sides, or nothing.

The house is not served meanwhile. A move that was stopped, even by ``kill -9``, is begun anew by the
next one; the files are put aside only when all four databases were compared, and are never changed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, func, insert, select

from admin.databases.embedded import EmbeddedDatabase
from admin.databases.port import HousedDatabase
from admin.databases.server import server_database
from admin.migrations import current, head, upgrade
from admin.ports import check_ports
from core.access import Database
from core.errors import Conflict, InvalidInput, NotFound
from core.schema.everything import METADATA
from core.settings import Settings

ROWS_AT_ONCE: Final = 500
ASIDE: Final = ".moved"
"""What the files are called afterwards, so that no program takes them for the house."""
_MARK: Final = ".moving"


@dataclass(frozen=True, slots=True)
class Moved:
    """One table after the move: how many rows, and the SHA-256 of all of them in the order of their keys."""

    database: Database
    table: str
    rows: int
    digest: str


def move(settings: Settings) -> list[Moved]:
    """Copy all four databases to the server of ``settings``, compare, and put the files aside.

    Raises:
        InvalidInput: ``no_server`` if the settings name none.
        NotFound: ``nothing_to_move``.
        Conflict: ``port_taken`` while the house is served; ``migrations_behind``; ``server_not_empty``;
            ``move_differs`` if a table arrived as something else. Nothing was moved.
        Unavailable: ``store_unavailable``.
    """
    if settings.database_kind != "postgresql":
        raise InvalidInput(
            "The settings keep the databases in files. Set database.kind and postgresql.url first.",
            code="no_server",
        )
    folder = settings.home / "stores"
    mark = folder / _MARK
    check_ports(settings)
    if not mark.exists() or mark.read_text("utf-8") != target_name(settings):
        _check_both_ends(settings)
        mark.write_text(target_name(settings), "utf-8")
    moved: list[Moved] = []
    for database in Database:
        source, target = _file(settings, database), server_database(settings, database)
        if source.is_there():
            target.clear()
            upgrade(target)
            moved += _copy(source, target)
    for database in Database:
        source = _file(settings, database)
        if source.is_there():
            # Folds the write-ahead log in; nobody else has the file open.
            source.connect().close()
            source.path.rename(source.path.with_name(source.path.name + ASIDE))
    mark.unlink()
    return moved


def fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    """Return the number of rows of a table, and the SHA-256 of all of them in the order of their keys."""
    digest, count = hashlib.sha256(), 0
    for rows in _batches(connection, table):
        for row in rows:
            digest.update(repr(tuple(row)).encode())
        count += len(rows)
    return count, digest.hexdigest()


def target_name(settings: Settings) -> str:
    """Return what tells one target from another: a half move is only ever begun anew where it was."""
    return f"{settings.postgresql_prefix} at {settings.postgresql_url}\n"


def _check_both_ends(settings: Settings) -> None:
    for database in Database:
        source = _file(settings, database)
        if not source.is_there():
            raise NotFound(f"There is no {source.path} to move.", code="nothing_to_move")
        if current(source) != head(database):
            raise Conflict(
                "The files are not at the newest revision. Run `chancery db upgrade` with database.kind = "
                "'sqlite' first.",
                code="migrations_behind",
            )
        if server_database(settings, database).is_there():
            raise Conflict(
                f"The {database} database of the server has tables already. Name another with "
                "postgresql.prefix, or have it emptied.",
                code="server_not_empty",
            )


def _copy(source: HousedDatabase, target: HousedDatabase) -> Iterator[Moved]:
    """Copy one database in one transaction, and compare what arrived before it is kept."""
    with source.connect() as from_file, target.connect() as to_server:
        for table in METADATA[source.name].sorted_tables:
            for rows in _batches(from_file, table):
                to_server.execute(insert(table), [row._asdict() for row in rows])
            sent, arrived = fingerprint(from_file, table), fingerprint(to_server, table)
            if sent != arrived:
                raise Conflict(
                    f"{table.name} of the {source.name} database arrived as something else: {sent[0]:,} rows "
                    f"were sent, {arrived[0]:,} are there. Nothing was moved; the files are as they were.",
                    code="move_differs",
                    table=table.name,
                )
            _continue_numbers(from_file, to_server, table)
            yield Moved(source.name, table.name, *sent)
        to_server.commit()


def _continue_numbers(from_file: Connection, to_server: Connection, table: Table) -> None:
    """Let numbers go on after the highest that was ever given, also to rows that are gone."""
    if "id" not in table.c or table.autoincrement_column is None:
        return
    given = from_file.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    if table.dialect_options["sqlite"]["autoincrement"]:
        kept = from_file.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
        given = max(given, kept.scalar() or 0)
    if given:
        to_server.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), given)))


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    # Told for this statement alone: said of the connection, it would hold for inserts as well.
    found = connection.execute(
        select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": ROWS_AT_ONCE}
    )
    yield from found.partitions()


def _file(settings: Settings, database: Database) -> EmbeddedDatabase:
    return EmbeddedDatabase(database, settings.home / "stores" / f"{database}.db")
