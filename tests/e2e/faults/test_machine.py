"""A disk that is full, and a clock that jumps, while people talk."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.crypto.rings import ProcessRole
from core.types import new_id
from tests.e2e.faults.trial import trial
from tests.e2e.spine import House, serve_house
from tests.factories.suite import make_suite, wait_for
from tests.services.clock import SetClock, make_clock
from tests.services.disk import filled_up, small_disk

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.faults, pytest.mark.timeout(400)]

SIZE_MB = 256
TROUBLE_S = 3.0


def test_a_full_disk_loses_and_doubles_nothing(machine: "Machine") -> None:
    refused: list[str] = []

    def fill_up() -> None:
        tom = machine.house.suite.connect("tom")
        with filled_up(machine.disk):
            request = {"client_id": new_id(), "kind": "public", "people": [], "name": "No room for this"}
            refused.append(tom.emit("open", request)["code"])
            time.sleep(TROUBLE_S)  # for so long people try

    trial(machine.house, "disk", fill_up)
    assert refused == ["store_unavailable"]
    wait_for(lambda: set(machine.house.suite.children()) == set(ProcessRole), 30, "every role running")


def test_a_clock_that_jumps_loses_and_doubles_nothing(machine: "Machine") -> None:
    def jump() -> None:
        for offset in (3_000, -600, 0):
            machine.clock.set(offset)
            time.sleep(TROUBLE_S)  # for so long they live in another hour

    trial(machine.house, "clock", jump)


@dataclass
class Machine:
    """A served house on a small disk of its own, whose clock can be set."""

    house: House
    disk: Path
    clock: SetClock


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    clock = make_clock(folder)
    with small_disk(folder / "disk", SIZE_MB) as disk:
        house = serve_house(make_suite(disk / "house", policy="demo", **clock.environ))
        yield Machine(house, disk, clock)
        house.close()
