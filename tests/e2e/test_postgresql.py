"""The suite on a PostgreSQL server: a message goes all the way, and a server that goes away loses none."""

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from admin.databases import database_of
from admin.databases.server import create_databases, server_database
from audit.ledger.checkpoint import vkey
from audit.ledger.entries import Log
from core.access import GRANTS, Database
from core.crypto.rings import ProcessRole
from tests.e2e.drill import drill
from tests.e2e.spine import House, found, serve_house
from tests.factories.suite import ROOT, make_suite_on, wait_for
from tests.services.postgresql import Postgresql

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.timeout(240)]


def test_what_is_said_is_found_released_and_proved(house: House) -> None:
    house.ana.emit("send", house.message("lunch at the quiet harbour tomorrow"))
    stopped = house.quarantine()
    house.release(stopped["id"])
    house.ben.wait(lambda: [i for i in house.ben.items(house.room) if i["id"] == stopped["id"]], timeout=15)
    wait_for(lambda: found(house.search('"quiet harbour"')), 20, "the record in the index")
    assert wait_for(lambda: house.search("harbour").coverage.complete, 20, "complete coverage")
    for log in Log:
        view = house.desk.views[log]
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "audit.ledger.verify", str(house.suite.home / "ledger" / log)),
                *("--vkey", vkey(view._origin, view._verifier)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_role_connects_to_its_own_databases_only(house: House) -> None:
    for role in ProcessRole:
        for database in Database:
            dsn = server_database(house.suite.settings, database).dsn(role)
            if (role, database) in GRANTS:
                psycopg2.connect(dsn).close()
            else:
                with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
                    psycopg2.connect(dsn)


def test_the_doctor_finds_a_served_house_well_and_compares_the_clocks(house: House) -> None:
    status, lines = doctor(house)
    assert status == 0, lines
    assert lines["clock"] == ("ok", lines["clock"][1])
    assert {"ok"} == {state for name, (state, _) in lines.items() if name.endswith((" database", " keys"))}


@pytest.mark.faults
def test_the_doctor_names_the_databases_that_are_away_and_looks_at_the_rest(
    house: House, postgresql: Postgresql
) -> None:
    postgresql.control("stop", "-m", "immediate")
    try:
        status, lines = doctor(house)
        ready = wait_for(lambda: readiness(house.suite.settings.chat_url), 30, "pages not ready")
    finally:
        postgresql.control("start", "-l", str(postgresql.folder / "log"))
    assert status == 1
    assert {"red"} == {state for name, (state, _) in lines.items() if name.endswith(" database")}
    assert lines["chat keys"][0] == lines["disk"][0] == "ok"
    assert ready == {"ok": False, "reason": "database"}


@pytest.mark.faults
def test_killing_the_websocket_process_loses_and_doubles_nothing(house: House) -> None:
    house.talk_while("realtime", house.suite.children()["realtime"].kill)


@pytest.mark.faults
def test_a_server_that_crashes_and_comes_back_loses_and_doubles_nothing(
    house: House, postgresql: Postgresql
) -> None:
    def crash() -> None:
        tom = house.suite.connect("tom")
        postgresql.control("stop", "-m", "immediate")
        try:
            refused = tom.emit("send", house.message("into the void"))
        finally:
            postgresql.control("start", "-l", str(postgresql.folder / "log"))
        assert (refused["ok"], refused["retryable"]) == (False, True), refused

    house.talk_while("database", crash)
    assert set(house.suite.children()) == set(ProcessRole)


@pytest.mark.faults
@pytest.mark.timeout(420)
def test_a_house_whose_server_was_lost_goes_on_from_the_backup(
    house: House, postgresql: Postgresql, tmp_path: Path
) -> None:
    def lose() -> None:
        for database in Database:
            database_of(house.suite.settings, database).clear()
        shutil.rmtree(house.suite.home)
        create_databases(house.suite.settings, postgresql.admin_url, passwords=True)

    drill(house, tmp_path, lose)


def doctor(house: House) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the doctor's exit status, and by name how each thing is and what is said of it."""
    ran = subprocess.run(
        [sys.executable, "-m", "admin.cli", "doctor", "--json"],
        cwd=ROOT,
        env=house.suite.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = json.loads(ran.stdout)["lines"]
    return ran.returncode, {line["name"]: (line["state"], line["says"]) for line in lines}


def readiness(url: str) -> Any:
    """Return what a process says while it is not ready; None while it is."""
    try:
        urllib.request.urlopen(f"{url}/readyz", timeout=10).close()
    except urllib.error.HTTPError as error:
        with error:
            return json.loads(error.read())
    return None


@pytest.fixture(scope="module")
def house(postgresql: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = serve_house(make_suite_on(postgresql, tmp_path_factory.mktemp("house")))
    yield made
    made.close()
