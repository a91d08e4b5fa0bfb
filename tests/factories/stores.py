"""Empty databases with their real tables, for tests."""

import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core.access import Database
from core.schema import archive, chat, desk, keystore
from core.sqlite import SqliteStore, create_file

METADATA: dict[Database, MetaData] = {
    Database.CHAT: chat.metadata,
    Database.ARCHIVE: archive.metadata,
    Database.KEYSTORE: keystore.metadata,
    Database.DESK: desk.metadata,
}


def empty_store(folder: Path, database: Database) -> SqliteStore:
    """Return a store with the tables of ``database``, open to everything."""
    path = folder / f"{database}.db"
    create_file(path)
    connection = sqlite3.connect(path)
    connection.execute("BEGIN")
    for statement in _ddl(database):
        connection.execute(statement)
    connection.commit()
    connection.close()
    return SqliteStore(database, path)


@cache
def _ddl(database: Database) -> list[str]:
    dialect = sqlite.dialect()
    statements: list[str] = []
    for table in METADATA[database].sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return statements + (archive.triggers() if database is Database.ARCHIVE else [])
