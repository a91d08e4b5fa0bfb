"""Moving a house from files to a PostgreSQL server."""

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from admin.databases import database_of
from admin.databases.move import ASIDE, fingerprint, move, target_name
from admin.databases.server import create_databases
from core.access import Database
from core.errors import Conflict, InvalidInput, NotFound
from core.schema import chat
from core.settings import Settings
from core.store import Statement
from tests.factories.desk import START, House, make_house, make_template
from tests.services.debian import free_ports
from tests.services.postgresql import Postgresql

pytestmark = [pytest.mark.services, pytest.mark.timeout(180)]


def test_a_house_goes_on_at_the_server_where_it_was(house: House, settings: Settings) -> None:
    ana, room = house.people["ana"], house.channel("moving", "ana", "ben")
    house.send(room, "ana", "said in the file")
    house.work()
    waiting = house.send(room, "ana", "not archived yet")
    before = house.chat.store.read(lambda tx: tx.rows(Statement(select(chat.outbox))))
    house.close()
    moved = {(one.database, one.table): one.rows for one in move(settings)}
    assert moved[Database.CHAT, "outbox"] == len(before)
    assert moved[Database.ARCHIVE, "records"] >= 1
    assert not list((settings.home / "stores").glob("*.db"))

    there = make_house(Path(), settings.home, START + timedelta(minutes=5), settings=settings)
    there.people.update(house.people)
    sent = there.send(room, "ana", "said at the server")
    after = there.chat.store.read(lambda tx: tx.rows(Statement(select(chat.outbox))))
    assert [row.id for row in after][:-1] == [row.id for row in before]
    assert after[-1].id > max(row.id for row in before)
    assert sent["cseq"] == waiting["cseq"] + 1
    there.work()
    shown = there.chat.messaging.history(ana, room, None)["items"]
    assert [item["view"]["text"] for item in shown if item["type"] == "message"] == [
        "said in the file",
        "not archived yet",
        "said at the server",
    ]
    there.close()


def test_a_move_that_was_killed_is_begun_anew(house: House, settings: Settings) -> None:
    house.close()
    (settings.home / "stores" / ".moving").write_text(target_name(settings))
    with database_of(settings, Database.CHAT).connect() as connection:
        connection.exec_driver_sql("CREATE TABLE half_of_it (a INTEGER)")
        connection.commit()
    move(settings)
    assert (settings.home / "stores" / f"chat.db{ASIDE}").exists()
    assert not (settings.home / "stores" / ".moving").exists()


def test_one_changed_value_is_noticed(house: House) -> None:
    with database_of(house.settings, Database.CHAT).connect() as connection:
        connection.execute(insert(chat.meta).values(key="k", value="1"))
        before = fingerprint(connection, chat.meta)
        connection.execute(update(chat.meta).where(chat.meta.c.key == "k").values(value="2"))
        assert fingerprint(connection, chat.meta) != before
        assert fingerprint(connection, chat.meta)[0] == before[0]
    house.close()


def test_nothing_is_moved_where_it_cannot_go_well(house: House, settings: Settings) -> None:
    house.close()
    with pytest.raises(InvalidInput) as refused:
        move(house.settings)
    assert refused.value.code == "no_server"
    with pytest.raises(NotFound) as missing:
        move(replace(settings, home=settings.home / "nowhere"))
    assert missing.value.code == "nothing_to_move"
    port = int(settings.chat_url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(Conflict) as served:
        move(settings)
    assert served.value.code == "port_taken"
    assert (settings.home / "stores" / "chat.db").exists()


def test_a_server_that_holds_a_house_is_not_overwritten(house: House, settings: Settings) -> None:
    house.close()
    with database_of(settings, Database.DESK).connect() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_elses (a INTEGER)")
        connection.commit()
    with pytest.raises(Conflict) as refused:
        move(settings)
    assert refused.value.code == "server_not_empty"
    with database_of(settings, Database.DESK).connect() as connection:
        connection.exec_driver_sql("SELECT * FROM somebody_elses")


@pytest.fixture
def settings(house: House, postgresql: Postgresql) -> Settings:
    """Settings of the same house, on the server."""
    ports = free_ports(3)
    there = replace(
        house.settings,
        database_kind="postgresql",
        postgresql_url=postgresql.url,
        postgresql_prefix=postgresql.prefix(),
        chat_url=f"http://127.0.0.1:{ports[0]}",
        realtime_url=f"http://127.0.0.1:{ports[1]}",
        desk_url=f"http://localhost:{ports[2]}",
    )
    create_databases(there, postgresql.admin_url, passwords=True)
    return there


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("template")
    make_template(home)
    return home


@pytest.fixture
def house(template: Path, tmp_path: Path) -> House:
    made = make_house(template, tmp_path / "house")
    for name in ("ana", "ben"):
        made.add(name, "research")
    return made
