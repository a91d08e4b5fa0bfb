"""The embedded store, besides what every store promises: files of one's own that a role cannot weaken."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, text

from core.access import Database, grant_for
from core.crypto.rings import ProcessRole
from core.errors import Unavailable
from core.schema import chat
from core.sqlite import SqliteStore
from core.store import Statement
from tests.factories.stores import EmbeddedMaker

PUT = Statement(insert(chat.meta).values(key=bindparam("key"), value=bindparam("value")))


def test_own_commits_do_not_show_in_the_version(store: SqliteStore) -> None:
    before = store.foreign_version()
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    assert store.foreign_version() == before


def test_an_absent_database_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="Run `chancery init` first") as refused:
        SqliteStore("chat", tmp_path / "none.db")
    assert refused.value.code == "store_missing"


def test_databases_are_readable_by_their_owner_only(store: SqliteStore, tmp_path: Path) -> None:
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("chat.db*")} == {0}


def test_no_role_attaches_files_or_weakens_durability(store: SqliteStore, tmp_path: Path) -> None:
    granted = SqliteStore("chat", tmp_path / "chat.db", grant=grant_for(ProcessRole.REALTIME, Database.CHAT))
    for sql in ("ATTACH 'x' AS y", "PRAGMA synchronous=OFF"):
        with pytest.raises(sqlite3.DatabaseError, match="prohibited|not authorized"):
            granted.write(lambda tx, s=sql: tx.run(Statement(text(s))))  # type: ignore[misc]
    granted.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    maker = EmbeddedMaker()
    maker.fill(tmp_path, Database.CHAT)
    opened = maker.open(tmp_path, Database.CHAT, None)
    yield opened
    opened.close()


def test_a_disk_that_is_full_is_told_and_may_be_tried_again(tmp_path: Path) -> None:
    maker = EmbeddedMaker()
    maker.fill(tmp_path, Database.CHAT)
    store = maker.open(tmp_path, Database.CHAT, None)
    few = Statement(text("PRAGMA max_page_count = 1"))
    with pytest.raises(Unavailable, match="Look at its disk") as refused:
        store.write(lambda tx: (tx.rows(few), tx.run(PUT, key="a", value="x" * 1_000_000)))
    assert (refused.value.code, refused.value.retryable) == ("store_unavailable", True)
    store.write(lambda tx: tx.run(PUT, key="a", value="x" * 1_000_000))
    store.close()
