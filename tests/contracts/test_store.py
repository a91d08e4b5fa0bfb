"""What every store promises: one writer at a time, snapshots, nothing half done, and each role's grants.

Runs on the embedded database, and on a PostgreSQL server with ``--database=postgresql``.
"""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from admin.databases import HousedDatabase
from core.access import Database, grant_for
from core.crypto.rings import ProcessRole
from core.errors import Conflict, Denied
from core.schema import archive, chat, desk, keystore
from core.store import Among, Row, Statement, Store, Tx
from tests.factories.counted import counted
from tests.factories.stores import FORBIDDEN, REFUSALS, Chosen, behind, empty_store, opened_store

COUNT = Statement(select(func.count()).select_from(chat.meta))
PUT = Statement(insert(chat.meta).values(key=bindparam("key"), value=bindparam("value")))
GET = Statement(select(chat.meta.c.value).where(chat.meta.c.key == bindparam("key")))
MANY = Among(select(chat.meta), chat.meta.c.key)
SET = Statement(update(chat.meta).where(chat.meta.c.key == bindparam("which")).values(value=bindparam("to")))


def test_what_raises_is_undone_whole(store: Store) -> None:
    with pytest.raises(RuntimeError):
        store.write(_fail)
    assert store.read(lambda tx: tx.value(COUNT)) == 0


def test_rows_with_any_of_many_values_are_read_in_few_statements(store: Store) -> None:
    keys = [f"key {number}" for number in range(1_100)]
    store.write(lambda tx: tx.run_many(PUT, [{"key": key, "value": "1"} for key in keys]))

    def read(tx: Tx) -> tuple[list[str], list[Row], int]:
        counting, driver = counted(tx)
        found = [row.key for row in MANY.rows(counting, [*keys, "nowhere", keys[7]])]
        return found, MANY.rows(counting, ()), driver.asked

    found, none, asked = store.read(read)
    assert sorted(found) == sorted(keys)
    assert (none, asked) == ([], 3)


def test_a_savepoint_undoes_its_own_part_only(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.run(PUT, key="kept", value="1")
        with pytest.raises(REFUSALS), tx.savepoint():
            tx.run(PUT, key="gone", value="1")
            tx.run(PUT, key="kept", value="2")
        tx.run(PUT, key="later", value="1")

    store.write(work)
    assert _values(store, "kept", "gone", "later") == ["1", None, "1"]


def test_what_is_put_without_an_answer_is_there_for_the_next_look_and_undone_with_its_part(
    store: Store,
) -> None:
    def work(tx: Tx) -> None:
        tx.put(PUT, key="kept", value="1")
        with pytest.raises(Conflict), tx.savepoint():
            tx.put(PUT, key="gone", value="1")
            raise Conflict("No.", code="no")
        with pytest.raises(Conflict), tx.savepoint():
            tx.put(PUT, key="gone too", value="1")
            assert tx.value(GET, key="gone too") == "1"
            raise Conflict("No.", code="no")
        assert tx.value(GET, key="kept") == "1"
        tx.run_many(PUT, [{"key": "one", "value": "1"}, {"key": "two", "value": "100 %"}])

    store.write(work)
    assert _values(store, "kept", "gone", "gone too", "one", "two") == ["1", None, None, "1", "100 %"]


def test_what_is_put_and_cannot_be_refuses_the_whole_transaction(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put(PUT, key="a", value="1")
        tx.put(PUT, key="a", value="2")

    with pytest.raises(REFUSALS):
        store.write(work)
    assert store.read(lambda tx: tx.value(COUNT)) == 0
    store.write(lambda tx: tx.put(PUT, key="a", value="3"))
    assert _values(store, "a") == ["3"]


def test_a_reader_sees_one_moment_while_others_commit(store: Store) -> None:
    store.write(lambda tx: tx.run(PUT, key="a", value="1"))

    def look(tx: Tx) -> tuple[str, str]:
        before = tx.value(GET, key="a")
        store.write(lambda other: other.run(SET, which="a", to="2"))
        return before, tx.value(GET, key="a")

    assert store.read(look) == ("1", "1")
    assert _values(store, "a") == ["2"]


def test_a_reader_changes_nothing(store: Store) -> None:
    with pytest.raises(REFUSALS):
        store.read(lambda tx: tx.run(PUT, key="a", value="1"))
    assert store.read(lambda tx: tx.value(COUNT)) == 0


def test_writers_of_several_processes_and_threads_lose_nothing(store: Store, tmp_path: Path) -> None:
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    place = Chosen.maker.place(tmp_path, Database.CHAT)
    process = multiprocessing.get_context("spawn").Process(target=_add, args=(place, 20))
    threads = [threading.Thread(target=_add_to, args=(store, 20)) for _ in range(2)]
    process.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.join()
    assert _values(store, "n") == ["60"]


def test_numbers_of_rows_grow_in_the_order_of_commits(store: Store) -> None:
    rows, ids = chat.outbox, Statement(select(chat.outbox.c.id).order_by(chat.outbox.c.id))
    row = {"kind": "k", "conversation_id": "c", "month": "m", "retention_class": "r", "payload": b"\x00\xff"}
    put = Statement(insert(rows).values(**row, at_ms=1))
    store.write(lambda tx: tx.put(put))
    (first,) = store.read(lambda tx: tx.rows(ids))
    store.write(lambda tx: tx.run(Statement(delete(rows))))
    store.write(lambda tx: tx.put(put))
    (second,) = store.read(lambda tx: tx.rows(ids))
    assert second.id > first.id
    assert store.read(lambda tx: tx.value(Statement(select(rows.c.payload)))) == b"\x00\xff"


def test_the_commit_of_another_process_shows_in_the_version(store: Store, tmp_path: Path) -> None:
    store.write(lambda tx: tx.run(PUT, key="n", value="0"))
    before = store.foreign_version()
    assert store.foreign_version() == before
    other = opened_store(tmp_path, Database.CHAT)
    other.write(lambda tx: tx.run(SET, which="n", to="2"))
    other.close()
    assert store.foreign_version() != before


def test_a_commit_shows_in_the_version_also_where_the_writing_connection_was_replaced(
    store: Store, tmp_path: Path
) -> None:
    before = store.foreign_version()
    with pytest.raises(RuntimeError):
        store.write(_fail)
    other = opened_store(tmp_path, Database.CHAT)
    other.write(lambda tx: tx.run(PUT, key="n", value="2"))
    other.close()
    assert store.foreign_version() != before


def test_a_percent_sign_is_one_with_and_without_values(store: Store) -> None:
    written: ColumnElement[str] = literal_column("'5 % or %s'").label("text")
    assert store.read(lambda tx: tx.value(Statement(select(written)))) == "5 % or %s"
    with_value = Statement(select(written).where(bindparam("one", type_=Integer) == 1))
    assert store.read(lambda tx: tx.value(with_value, one=1)) == "5 % or %s"


def test_a_statement_and_its_call_that_disagree_are_refused(store: Store) -> None:
    with pytest.raises(TypeError, match="statement takes"):
        store.write(lambda tx: tx.run(Statement(insert(chat.jobs)), surprise=1))


# -- grants ------------------------------------------------------------------------------------------


def test_the_worker_cannot_read_what_it_sealed(tmp_path: Path) -> None:
    with opened(tmp_path, Database.ARCHIVE, ProcessRole.WORKER) as store:
        for statement in (
            Statement(select(archive.records.c.sealed)),
            Statement(select(archive.vocabulary)),
        ):
            with pytest.raises(REFUSALS, match=FORBIDDEN):
                store.read(lambda tx, s=statement: tx.rows(s))  # type: ignore[misc]
        store.read(
            lambda tx: tx.rows(Statement(select(archive.records.c.rid, archive.records.c.ciphertext_hash)))
        )


def test_the_worker_cannot_read_or_remove_keys(tmp_path: Path) -> None:
    with opened(tmp_path, Database.KEYSTORE, ProcessRole.WORKER) as store:
        with pytest.raises(REFUSALS, match=FORBIDDEN):
            store.read(lambda tx: tx.rows(Statement(select(keystore.data_keys))))
        with pytest.raises(REFUSALS, match=FORBIDDEN):
            store.write(lambda tx: tx.run(Statement(delete(keystore.data_keys))))


def test_the_desk_cannot_write_the_archive(tmp_path: Path) -> None:
    with (
        opened(tmp_path, Database.ARCHIVE, ProcessRole.DESK) as store,
        pytest.raises(Denied) as refused,
    ):
        store.write(lambda tx: tx.run(Statement(delete(archive.records))))
    assert refused.value.code == "foreign_store"


def test_the_worker_can_neither_make_an_officer_nor_open_a_matter(tmp_path: Path) -> None:
    with opened(tmp_path, Database.DESK, ProcessRole.WORKER) as store:
        for statement in (
            Statement(select(desk.officers)),
            Statement(update(desk.officers).values(person_id="somebody else")),
            Statement(delete(desk.matters)),
        ):
            with pytest.raises(REFUSALS, match=FORBIDDEN):
                store.write(lambda tx, s=statement: tx.run(s))  # type: ignore[misc]


@pytest.mark.parametrize("role", [ProcessRole.WORKER, ProcessRole.DESK])
@pytest.mark.parametrize(
    "table", [archive.records, archive.vocabulary, archive.ledger_entries, archive.partitions], ids=str
)
def test_no_role_changes_evidence(tmp_path: Path, role: ProcessRole, table: Table) -> None:
    with opened(tmp_path, Database.ARCHIVE, role) as store:
        for column in table.c:
            change = Statement(update(table).values({column.name: literal_column("NULL")}))
            with pytest.raises((*REFUSALS, Denied), match=f"{FORBIDDEN}|may not"):
                store.write(lambda tx, s=change: tx.run(s))  # type: ignore[misc]


def test_no_role_changes_tables(tmp_path: Path) -> None:
    with opened(tmp_path, Database.CHAT, ProcessRole.REALTIME) as store:
        for sql in (
            "DROP TABLE items",
            "CREATE TABLE t (a INTEGER)",
            "ALTER TABLE items ADD COLUMN a INTEGER",
        ):
            with pytest.raises(REFUSALS, match=f"{FORBIDDEN}|must be owner"):
                store.write(lambda tx, s=sql: tx.run(Statement(text(s))))  # type: ignore[misc]


def test_evidence_is_never_changed_not_even_by_the_owner_of_the_database(tmp_path: Path) -> None:
    empty_store(tmp_path, Database.ARCHIVE).close()
    log = archive.ledger_entries
    with behind(tmp_path, Database.ARCHIVE) as connection:
        connection.execute(insert(log).values(log="archive", seq=1, entry=b"x", leaf=b"x"))
        connection.commit()
        for statement in (update(log).values(seq=2), delete(log)):
            with pytest.raises(DBAPIError, match="the archive is insert only"):
                connection.execute(statement)
            connection.rollback()


def _fail(tx: Tx) -> None:
    tx.run(PUT, key="a", value="1")
    raise RuntimeError


def _values(store: Store, *keys: str) -> list[str | None]:
    return store.read(lambda tx: [tx.value(GET, key=key) for key in keys])


def _add(place: HousedDatabase, times: int) -> None:
    store = place.open(ProcessRole.PAGES)
    _add_to(store, times)
    store.close()


def _add_to(store: Store, times: int) -> None:
    for _ in range(times):
        store.write(lambda tx: tx.run(SET, which="n", to=str(int(tx.value(GET, key="n")) + 1)))


@contextmanager
def opened(folder: Path, database: Database, role: ProcessRole) -> Iterator[Store]:
    empty_store(folder, database).close()
    store = opened_store(folder, database, grant_for(role, database))
    yield store
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = empty_store(tmp_path, Database.CHAT)
    yield opened
    opened.close()
