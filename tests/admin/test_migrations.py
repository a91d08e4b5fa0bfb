"""Migrations stand on their own, and lead to the very tables that the code describes."""

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from admin.databases.embedded import EmbeddedDatabase
from admin.migrations import current, head, upgrade
from core.access import Database
from core.schema.everything import METADATA
from tests.services.postgresql import PostgresqlMaker

MIGRATIONS = Path(__file__).parents[2] / "admin" / "migrations"


@pytest.mark.parametrize("database", Database)
def test_migrating_leads_to_the_tables_that_the_code_describes(tmp_path: Path, database: Database) -> None:
    migrated = EmbeddedDatabase(database, tmp_path / "migrated" / f"{database}.db")
    assert upgrade(migrated) == head(database) == current(migrated)
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA[database]) == []
    described = EmbeddedDatabase(database, tmp_path / f"{database}.db")
    described.make()
    with described.connect() as connection:
        METADATA[database].create_all(connection)
        connection.commit()
    assert _peculiar(migrated.path) == _peculiar(described.path)


@pytest.mark.services
@pytest.mark.parametrize("database", Database)
def test_migrating_a_server_leads_to_the_same_tables(
    postgresql_maker: PostgresqlMaker, database: Database
) -> None:
    migrated = postgresql_maker.template(database)
    assert current(migrated) == head(database)
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA[database]) == []


@pytest.mark.parametrize("database", Database)
def test_migrating_again_changes_nothing(tmp_path: Path, database: Database) -> None:
    there = EmbeddedDatabase(database, tmp_path / f"{database}.db")
    upgrade(there)
    before = there.path.read_bytes()
    assert upgrade(there) == head(database)
    assert there.path.read_bytes() == before


def test_an_absent_database_has_no_revision(tmp_path: Path) -> None:
    assert current(EmbeddedDatabase(Database.CHAT, tmp_path / "none.db")) is None


def test_no_migration_leans_on_tables_as_they_are_today() -> None:
    migrations = sorted(MIGRATIONS.rglob("0*.py"))
    assert {path.parent.name for path in migrations} == set(Database)
    for path in migrations:
        assert "core." not in path.read_text("utf-8"), path


def _peculiar(path: Path) -> set[str]:
    """Return what a comparison of columns does not show: partial indexes, autoincrement."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    found = set()
    for kind, name, sql in rows:
        plain = re.sub(r"[\s\"]+", " ", sql)
        if kind != "trigger" and " WHERE " in plain:
            found.add(plain)
        elif "AUTOINCREMENT" in plain:
            found.add(f"{name} AUTOINCREMENT")
    return found
