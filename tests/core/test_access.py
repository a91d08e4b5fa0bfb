"""Each process role opens its own databases and rings, and no other; the database itself says so."""

import itertools
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from admin.wiring.ground import Ground, store_path
from core.access import Database, grant_for
from core.crypto.rings import HOLDERS, ProcessRole, RingName
from core.errors import Denied
from core.schema import archive, chat, desk, keystore
from core.settings import Settings
from core.sqlite import SqliteStore
from core.store import Statement
from core.types import SystemClock
from tests.factories.stores import empty_store

MAY_OPEN = {
    ProcessRole.REALTIME: {Database.CHAT},
    ProcessRole.PAGES: {Database.CHAT},
    ProcessRole.WORKER: set(Database),
    ProcessRole.DESK: {Database.ARCHIVE, Database.KEYSTORE, Database.DESK},
}


@pytest.mark.parametrize(("role", "database"), list(itertools.product(MAY_OPEN, Database)))
def test_a_role_opens_its_databases_and_no_other(
    tmp_path: Path, role: ProcessRole, database: Database
) -> None:
    settings = Settings(home=tmp_path)
    empty_store(store_path(settings, database).parent, database).close()
    ground = Ground(settings, role, SystemClock())
    if database in MAY_OPEN[role]:
        ground.store(database).close()
    else:
        with pytest.raises(Denied) as refused:
            ground.store(database)
        assert refused.value.code == "foreign_store"


def test_no_role_holds_both_what_is_said_and_what_opens_the_archive() -> None:
    for role, rings in HOLDERS.items():
        assert not {RingName.CHAT, RingName.DISCOVERY} <= rings, role


def test_the_worker_cannot_read_what_it_sealed(tmp_path: Path) -> None:
    store = opened(tmp_path, Database.ARCHIVE, ProcessRole.WORKER)
    for statement in (
        Statement(select(archive.records.c.sealed)),
        Statement(select(archive.vocabulary)),
    ):
        with pytest.raises(sqlite3.DatabaseError, match="prohibited|not authorized"):
            store.read(lambda tx, s=statement: tx.rows(s))  # type: ignore[misc]
    store.read(
        lambda tx: tx.rows(Statement(select(archive.records.c.rid, archive.records.c.ciphertext_hash)))
    )
    store.close()


def test_the_worker_cannot_read_or_remove_keys(tmp_path: Path) -> None:
    store = opened(tmp_path, Database.KEYSTORE, ProcessRole.WORKER)
    with pytest.raises(sqlite3.DatabaseError, match="prohibited|not authorized"):
        store.read(lambda tx: tx.rows(Statement(select(keystore.data_keys))))
    with pytest.raises(sqlite3.DatabaseError, match="prohibited|not authorized"):
        store.write(lambda tx: tx.run(Statement(delete(keystore.data_keys))))
    store.close()


def test_the_desk_cannot_write_the_archive(tmp_path: Path) -> None:
    store = opened(tmp_path, Database.ARCHIVE, ProcessRole.DESK)
    with pytest.raises(Denied) as refused:
        store.write(lambda tx: tx.run(Statement(delete(archive.records))))
    assert refused.value.code == "foreign_store"
    store.close()


def test_the_worker_can_neither_make_an_officer_nor_open_a_matter(tmp_path: Path) -> None:
    store = opened(tmp_path, Database.DESK, ProcessRole.WORKER)
    for statement in (
        Statement(select(desk.officers)),
        Statement(update(desk.officers).values(roles="compliance_officer")),
        Statement(delete(desk.matters)),
    ):
        with pytest.raises(sqlite3.DatabaseError, match="prohibited|not authorized"):
            store.write(lambda tx, s=statement: tx.run(s))  # type: ignore[misc]
    store.close()


def test_no_role_changes_tables_attaches_files_or_weakens_durability(tmp_path: Path) -> None:
    store = opened(tmp_path, Database.CHAT, ProcessRole.REALTIME)
    for sql in ("DROP TABLE items", "ATTACH 'x' AS y", "PRAGMA synchronous=OFF", "CREATE TABLE t (a)"):
        with pytest.raises(sqlite3.DatabaseError, match="prohibited|not authorized"):
            store.write(lambda tx, s=sql: tx.run(Statement(text(s))))  # type: ignore[misc]
    store.close()


def test_evidence_is_never_changed_not_even_by_the_owner_of_the_file(tmp_path: Path) -> None:
    store = empty_store(tmp_path, Database.ARCHIVE)
    log = archive.ledger_entries
    row = {column.name: b"x" if "hash" in column.name else 1 for column in log.c}
    store.write(lambda tx: tx.run(Statement(insert(log).values(**row))))
    for statement in (Statement(update(log).values(row)), Statement(delete(log))):
        with pytest.raises(sqlite3.IntegrityError, match="the archive is insert only"):
            store.write(lambda tx, s=statement: tx.run(s))  # type: ignore[misc]
    store.close()


def test_a_statement_and_its_call_that_disagree_are_refused(tmp_path: Path) -> None:
    store = empty_store(tmp_path, Database.CHAT)
    with pytest.raises(TypeError, match="statement takes"):
        store.write(lambda tx: tx.run(Statement(insert(chat.jobs)), surprise=1))
    store.close()


def opened(folder: Path, database: Database, role: ProcessRole) -> SqliteStore:
    empty_store(folder, database).close()
    return SqliteStore(database, folder / f"{database}.db", grant=grant_for(role, database))
