"""A copy of a database is of one moment, whole, and made while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import IntegrityError
from core.sqlite import create_file, writers_gate
from core.sqlite_copy import SqliteSnapshot, put_copy

COUNT = "SELECT count(*) FROM t"


def test_what_is_written_after_the_snapshot_is_not_in_the_copy(database: Path, tmp_path: Path) -> None:
    snapshot = SqliteSnapshot(database)
    with closing(sqlite3.connect(database)) as writer, writers_gate(database):
        writer.execute("INSERT INTO t SELECT randomblob(900) FROM t")
        writer.commit()
        assert writer.execute(COUNT).fetchone() == (4_000,)
    assert snapshot.rows(COUNT) == [(2_000,)]
    snapshot.copy_to(tmp_path / "copy.db")
    snapshot.close()
    put_copy(tmp_path / "copy.db", tmp_path / "stores" / "back.db")
    with closing(sqlite3.connect(tmp_path / "stores" / "back.db")) as back:
        assert back.execute(COUNT).fetchone() == (2_000,)
        assert back.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.db")} == {0o600}


def test_a_database_that_nobody_has_open_is_copied_as_well(database: Path, tmp_path: Path) -> None:
    assert not database.with_name("chat.db-wal").exists()
    snapshot = SqliteSnapshot(database)
    snapshot.copy_to(tmp_path / "copy.db")
    snapshot.close()
    assert not list(tmp_path.glob("copy.db-*")), "one file, with no log beside it"


def test_a_damaged_database_is_never_taken_for_a_backup(database: Path, tmp_path: Path) -> None:
    with database.open("r+b") as file:
        file.seek(40_960)
        file.write(b"\xff" * 4_096)
    snapshot = SqliteSnapshot(database)
    with pytest.raises(IntegrityError) as refused:
        snapshot.copy_to(tmp_path / "copy.db")
    snapshot.close()
    assert refused.value.code == "database_damaged"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "chat.db"
    create_file(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (content BLOB)")
        connection.executemany("INSERT INTO t VALUES (randomblob(?))", [(900,)] * 2_000)
        connection.commit()
    return path
