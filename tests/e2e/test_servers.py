"""The suite on its servers: PostgreSQL, a bus, Elasticsearch. A message goes all the way, and whatever dies loses none.

``kill -9`` comes at random points under load; each server stops, crawls and talks nonsense.
"""

import json
import random
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from admin.databases import database_of
from admin.databases.server import create_databases, server_database
from audit.ledger.checkpoint import vkey
from audit.ledger.entries import Log
from core.access import GRANTS, Database
from core.crypto.rings import ProcessRole
from tests.e2e.drill import drill
from tests.e2e.spine import House, serve_house
from tests.e2e.trial import trial
from tests.factories.suite import ROOT, make_suite_on, wait_for
from tests.services.forwarder import NONSENSE, Forwarder, forwarding
from tests.services.postgresql import Postgresql
from tests.services.redis import PASSWORD, BusServer

GATE_KILLS, MANY_KILLS = 10, 50
TROUBLE_S = 2.0

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.timeout(600)]


def test_what_is_said_is_found_released_and_proved(house: House) -> None:
    house.ana.emit("send", house.message("lunch at the quiet harbour tomorrow"))
    stopped = house.quarantine()
    house.release(stopped["id"])
    house.ben.wait(lambda: [i for i in house.ben.items(house.room) if i["id"] == stopped["id"]], timeout=15)
    wait_for(lambda: house.find('"quiet harbour"'), 30, "the record in the index")
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
    for name in ("policy signature", "partition keys", "unarchived messages", "ledger as seen"):
        assert lines[name][0] == "unchecked", "what hangs on them is no trouble of its own"
    assert ready == {"ok": False, "reason": "database"}


@pytest.mark.faults
def test_ten_kills_at_random_points_lose_and_double_nothing(firm: "Firm") -> None:
    firm.kill(GATE_KILLS)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_fifty_kills_at_random_points_lose_and_double_nothing(firm: "Firm") -> None:
    for _ in range(MANY_KILLS):
        firm.kill(1)


@pytest.mark.faults
@pytest.mark.parametrize("servers", [["database"], ["bus", "search"]], ids=" and ".join)
def test_a_server_that_stops_crawls_and_talks_nonsense_loses_and_doubles_nothing(
    firm: "Firm", servers: list[str], postgresql: Postgresql
) -> None:
    def trouble() -> None:
        forwarders = [firm.forwarders[server] for server in servers]
        for forwarder in forwarders:
            forwarder.open = False
            forwarder.cut()
        if "database" in servers:
            postgresql.control("stop", "-m", "immediate")
        time.sleep(TROUBLE_S)  # for so long it is away; nothing tells when it has been noticed
        if "database" in servers:
            postgresql.control("start", "-l", str(postgresql.folder / "log"))
        for forwarder in forwarders:
            forwarder.open, forwarder.delay = True, 0.3
        time.sleep(TROUBLE_S)
        for forwarder in forwarders:
            forwarder.delay, forwarder.nonsense = 0.0, NONSENSE
        time.sleep(TROUBLE_S)
        for forwarder in forwarders:
            forwarder.nonsense = b""
            forwarder.cut()

    trial(firm.house, "".join(servers), trouble)
    assert set(firm.house.suite.children()) == set(ProcessRole)


@pytest.mark.faults
@pytest.mark.slow
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


@dataclass
class Firm:
    """A served house on servers, each behind a forwarder that can be in trouble."""

    house: House
    forwarders: dict[str, Forwarder]

    def kill(self, count: int) -> None:
        """Kill so many processes at random points of one trial."""
        seed = random.randrange(2**32)
        chosen = random.Random(seed)

        def kills() -> None:
            for _ in range(count):
                role = chosen.choice(list(ProcessRole))
                victim = wait_for(_alive(self.house, role), 60, f"{role} running (seed {seed})")
                time.sleep(chosen.uniform(0, 1.5))
                # One that ended meanwhile, as one does whose database was just lost, was killed already.
                with suppress(psutil.NoSuchProcess):
                    victim.kill()

        trial(self.house, f"kills{seed}", kills)


def _alive(house: House, role: str) -> Callable[[], psutil.Process | None]:
    return lambda: house.suite.children().get(role)


@pytest.fixture(scope="module")
def house(firm: Firm) -> House:
    return firm.house


@pytest.fixture(scope="module")
def firm(
    postgresql: Postgresql,
    redis: BusServer,
    elasticsearch_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Firm]:
    home: Path = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        search_port = int(elasticsearch_url.rsplit(":", 1)[1].strip("/"))
        ports = {"database": postgresql.port, "bus": redis.port, "search": search_port}
        forwarders = {name: stack.enter_context(forwarding(port)) for name, port in ports.items()}
        suite = make_suite_on(
            postgresql,
            home,
            CHANCERY_POSTGRESQL_URL=postgresql.url.replace(
                str(postgresql.port), str(forwarders["database"].port)
            ),
            CHANCERY_BUS_URL=f"redis://127.0.0.1:{forwarders['bus'].port}/0",
            CHANCERY_BUS_PASSWORD=PASSWORD,
            CHANCERY_SEARCH_ENGINE="elasticsearch",
            CHANCERY_ELASTICSEARCH_URLS=f"http://127.0.0.1:{forwarders['search'].port}",
            CHANCERY_ELASTICSEARCH_PREFIX=home.name,
            CHANCERY_ELASTICSEARCH_TIMEOUT_SECONDS="2",
        )
        house = serve_house(suite)
        yield Firm(house, forwarders)
        house.close()
