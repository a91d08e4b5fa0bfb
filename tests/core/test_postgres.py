"""The store on a server, besides what every store promises: what becomes of a connection that dies."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import bindparam, insert, select, text

from core.access import Database
from core.errors import Unavailable
from core.postgres import PostgresStore
from core.schema import chat
from core.store import Statement, Tx
from tests.services.debian import free_ports
from tests.services.postgresql import Postgresql, PostgresqlMaker

pytestmark = pytest.mark.services

PUT = Statement(insert(chat.meta).values(key=bindparam("key"), value=bindparam("value")))
KEYS = Statement(select(chat.meta.c.key).order_by(chat.meta.c.key))
OF_KEY = Statement(
    select(chat.meta.c.value).where(chat.meta.c.key == bindparam("key"), chat.meta.c.value != "100%")
)
PREPARED = Statement(text("SELECT count(*) FROM pg_prepared_statements"))
PID = Statement(text("SELECT pg_backend_pid()"))


def test_a_server_that_is_not_there_is_named_and_may_be_asked_again() -> None:
    store = PostgresStore("chat", f"host=127.0.0.1 port={free_ports(1)[0]} dbname=x user=y")
    with pytest.raises(Unavailable, match="chat database does not answer") as refused:
        store.read(lambda tx: tx.value(KEYS))
    assert (refused.value.code, refused.value.retryable) == ("store_unavailable", True)


def test_a_connection_that_died_unused_is_replaced_unnoticed(store: PostgresStore, ended: "Ended") -> None:
    store.write(lambda tx: tx.put(PUT, key="a", value="1"))
    ended(store.write(lambda tx: tx.value(PID)), store.read(lambda tx: tx.value(PID)))
    store.write(lambda tx: tx.run(PUT, key="b", value="1"))
    assert [row.key for row in store.read(lambda tx: tx.rows(KEYS))] == ["a", "b"]


def test_a_commit_whose_fate_is_unknown_is_told_and_never_run_again(
    store: PostgresStore, ended: "Ended"
) -> None:
    runs: list[str] = []

    def work(tx: Tx) -> None:
        runs.append("run")
        tx.put(PUT, key="a", value="1")

    ended(store.write(lambda tx: tx.value(PID)))
    with pytest.raises(Unavailable) as told:
        store.write(work)
    assert (told.value.code, told.value.retryable, runs) == ("store_unavailable", True, ["run"])
    store.write(work)
    assert [row.key for row in store.read(lambda tx: tx.rows(KEYS))] == ["a"]


def test_a_transaction_whose_connection_died_before_its_commit_is_run_again_whole(
    store: PostgresStore, ended: "Ended"
) -> None:
    undone: list[str] = []
    runs: list[int] = []

    def work(tx: Tx) -> None:
        tx.on_undo(lambda: undone.append("undone"))
        tx.put(PUT, key="a", value="1")
        runs.append(tx.value(PID))
        if len(runs) == 1:
            ended(runs[0])
        tx.run(PUT, key="b", value="1")

    store.write(lambda tx: tx.value(PID))
    store.write(work)
    assert (len(runs), undone) == (2, ["undone"])
    assert [row.key for row in store.read(lambda tx: tx.rows(KEYS))] == ["a", "b"]


def test_a_server_that_has_become_a_standby_is_left_and_may_be_asked_again(
    store: PostgresStore, postgresql_maker: PostgresqlMaker, postgresql: Postgresql, tmp_path: Path
) -> None:
    store.write(lambda tx: tx.put(PUT, key="a", value="1"))
    name = postgresql_maker.place(tmp_path, Database.CHAT).database
    with closing(psycopg2.connect(postgresql.admin_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        store.close()
        for _ in range(2):
            with pytest.raises(Unavailable) as told:
                store.write(lambda tx: tx.put(PUT, key="b", value="1"))
            assert (told.value.code, told.value.retryable) == ("store_unavailable", True)
        cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    store.write(lambda tx: tx.put(PUT, key="b", value="1"))
    assert [row.key for row in store.read(lambda tx: tx.rows(KEYS))] == ["a", "b"]


def test_a_wrong_statement_is_no_trouble_with_the_server(store: PostgresStore) -> None:
    with pytest.raises(psycopg2.ProgrammingError):
        store.read(lambda tx: tx.rows(Statement(text("SELECT nothing FROM nowhere"))))
    assert store.read(lambda tx: tx.rows(KEYS)) == []


def test_what_comes_again_is_planned_once(store: PostgresStore) -> None:
    for _ in range(4):
        store.read(lambda tx: tx.rows(OF_KEY, key="100%"))
    assert store.read(lambda tx: tx.value(PREPARED)) == 1


def test_what_was_prepared_where_all_was_undone_serves_again(store: PostgresStore) -> None:
    def work(tx: Tx, key: str, other: str) -> None:
        tx.put(PUT, key=key, value="1")
        tx.put(PUT, key=other, value="2")

    store.write(lambda tx: work(tx, "a", "b"))
    for pair in (("c", "c"), ("d", "d")):
        with pytest.raises(psycopg2.IntegrityError):
            store.write(lambda tx, pair=pair: work(tx, *pair))  # type: ignore[misc]
    store.write(lambda tx: work(tx, "e", "f"))
    assert [row.key for row in store.read(lambda tx: tx.rows(KEYS))] == ["a", "b", "e", "f"]


def test_nothing_green_waits_for_the_server_in_a_patched_process() -> None:
    code = (
        "from web.realtime import green; green.patch(); import core.postgres; "
        "from psycopg2.extensions import get_wait_callback; print(get_wait_callback())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "None\n"


class Ended:
    """Ends connections as an administrator of the server does."""

    def __init__(self, server: Postgresql) -> None:
        self._server = server

    def __call__(self, *backends: int) -> None:
        with closing(psycopg2.connect(self._server.admin_url)) as connection, connection.cursor() as cursor:
            for backend in backends:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
                assert cursor.fetchone() == (True,)


@pytest.fixture
def ended(postgresql: Postgresql) -> Ended:
    return Ended(postgresql)


@pytest.fixture
def store(postgresql_maker: PostgresqlMaker, tmp_path: Path) -> Iterator[PostgresStore]:
    postgresql_maker.fill(tmp_path, Database.CHAT)
    opened = postgresql_maker.open(tmp_path, Database.CHAT, None)
    yield opened
    opened.close()
