"""The embedded store: one writer at a time, snapshots, and nothing half done."""

import multiprocessing
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, func, insert, select, update

from core.access import Database
from core.errors import Unavailable
from core.schema import chat
from core.sqlite import SqliteStore
from core.store import Statement, Tx
from tests.factories.stores import empty_store

COUNT = Statement(select(func.count()).select_from(chat.meta))
PUT = Statement(insert(chat.meta).values(key=bindparam("key"), value=bindparam("value")))
GET = Statement(select(chat.meta.c.value).where(chat.meta.c.key == bindparam("key")))
SET = Statement(update(chat.meta).where(chat.meta.c.key == bindparam("which")).values(value=bindparam("to")))


def test_what_raises_is_undone_whole(store: SqliteStore) -> None:
    with pytest.raises(RuntimeError):
        store.write(_fail)
    assert store.read(lambda tx: tx.value(COUNT)) == 0


def test_a_savepoint_undoes_its_own_part_only(store: SqliteStore) -> None:
    def work(tx: Tx) -> None:
        tx.run(PUT, key="kept", value="1")
        with pytest.raises(sqlite3.IntegrityError), tx.savepoint():
            tx.run(PUT, key="gone", value="1")
            tx.run(PUT, key="kept", value="2")
        tx.run(PUT, key="later", value="1")

    store.write(work)
    assert store.read(lambda tx: [tx.value(GET, key=key) for key in ("kept", "gone", "later")]) == [
        "1",
        None,
        "1",
    ]


def test_a_reader_sees_one_moment_while_others_commit(store: SqliteStore) -> None:
    store.write(lambda tx: tx.run(PUT, key="a", value="1"))

    def look(tx: Tx) -> tuple[str, str]:
        before = tx.value(GET, key="a")
        store.write(lambda other: other.run(SET, which="a", to="2"))
        return before, tx.value(GET, key="a")

    assert store.read(look) == ("1", "1")
    assert store.read(lambda tx: tx.value(GET, key="a")) == "2"


def test_writers_of_several_processes_and_threads_lose_nothing(store: SqliteStore, tmp_path: Path) -> None:
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_add, args=(tmp_path, 20))]
    threads = [threading.Thread(target=_add_to, args=(store, 20)) for _ in range(2)]
    for process in others:
        process.start()
    for thread in threads:
        thread.start()
    for process in others:
        process.join()
    for thread in threads:
        thread.join()
    assert store.read(lambda tx: tx.value(GET, key="n")) == "60"


def test_the_commit_of_another_process_shows_in_the_version(store: SqliteStore, tmp_path: Path) -> None:
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    before = store.foreign_version()
    store.write(lambda tx: tx.run(SET, which="n", to="1"))
    assert store.foreign_version() == before
    other = SqliteStore("chat", tmp_path / "chat.db")
    other.write(lambda tx: tx.run(SET, which="n", to="2"))
    other.close()
    assert store.foreign_version() != before


def test_a_commit_shows_in_the_version_also_where_the_writing_connection_was_replaced(
    store: SqliteStore, tmp_path: Path
) -> None:
    before = store.foreign_version()
    with pytest.raises(RuntimeError):
        store.write(_fail)
    other = SqliteStore("chat", tmp_path / "chat.db")
    other.write(lambda tx: tx.run(PUT, key="n", value="2"))
    other.close()
    assert store.foreign_version() != before


def test_an_absent_database_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="Run `chancery init` first") as refused:
        SqliteStore("chat", tmp_path / "none.db")
    assert refused.value.code == "store_missing"


def test_databases_are_readable_by_their_owner_only(store: SqliteStore, tmp_path: Path) -> None:
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("chat.db*")} == {0}


def _fail(tx: Tx) -> None:
    tx.run(PUT, key="a", value="1")
    raise RuntimeError


def _add(folder: Path, times: int) -> None:
    store = SqliteStore("chat", folder / "chat.db")
    _add_to(store, times)
    store.close()


def _add_to(store: SqliteStore, times: int) -> None:
    for _ in range(times):
        store.write(lambda tx: tx.run(SET, which="n", to=str(int(tx.value(GET, key="n")) + 1)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = empty_store(tmp_path, Database.CHAT)
    yield opened
    opened.close()
