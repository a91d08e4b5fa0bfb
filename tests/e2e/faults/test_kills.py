"""``kill -9`` at random points under load, and servers that stop, crawl or talk nonsense."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from core.crypto.rings import ProcessRole
from tests.e2e.faults.trial import trial
from tests.e2e.spine import House, serve_house
from tests.factories.suite import make_suite_on, wait_for
from tests.services.forwarder import NONSENSE, Forwarder, forwarding
from tests.services.postgresql import Postgresql
from tests.services.redis import PASSWORD, BusServer

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.faults, pytest.mark.timeout(600)]

GATE_KILLS, MANY_KILLS = 10, 50
TROUBLE_S = 2.0


def test_ten_kills_at_random_points_lose_and_double_nothing(firm: "Firm") -> None:
    firm.kill(GATE_KILLS)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_fifty_kills_at_random_points_lose_and_double_nothing(firm: "Firm") -> None:
    for _ in range(MANY_KILLS):
        firm.kill(1)


@pytest.mark.parametrize("server", ["database", "bus", "search"])
def test_a_server_that_stops_crawls_and_talks_nonsense_loses_and_doubles_nothing(
    firm: "Firm", server: str
) -> None:
    def trouble() -> None:
        forwarder = firm.forwarders[server]
        forwarder.open = False
        forwarder.cut()
        time.sleep(TROUBLE_S)  # for so long it is away; nothing tells when it has been noticed
        forwarder.open, forwarder.delay = True, 0.3
        time.sleep(TROUBLE_S)
        forwarder.delay, forwarder.nonsense = 0.0, NONSENSE
        time.sleep(TROUBLE_S)
        forwarder.nonsense = b""
        forwarder.cut()

    trial(firm.house, server, trouble)
    assert set(firm.house.suite.children()) == set(ProcessRole)


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
                victim.kill()

        trial(self.house, f"kills{seed}", kills)


def _alive(house: House, role: str) -> Callable[[], psutil.Process | None]:
    return lambda: house.suite.children().get(role)


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
