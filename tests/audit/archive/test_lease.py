"""One archiver at a time, whatever the clocks say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.archive.lease import LENGTH, SKEW, Lease
from core.access import Database
from core.errors import Conflict
from tests.factories.stores import empty_store
from tests.fakes.clock import DrivenClock

HOUR = 3_600.0


def test_another_waits_until_the_lease_has_run_out(house: "House") -> None:
    first, second = house.lease(), house.lease()
    first.hold()
    with pytest.raises(Conflict, match="Another process holds"):
        second.hold()
    house.clock.advance(LENGTH.total_seconds() + 1)
    second.hold()
    with pytest.raises(Conflict):
        house.store.write(first.check)


def test_a_clock_that_is_set_back_keeps_nobody_out(house: "House") -> None:
    first, second = house.lease(), house.lease()
    first.hold()
    house.clock.advance(-HOUR)
    second.hold()
    house.store.write(second.check)


def test_a_clock_a_little_behind_takes_the_lease_from_nobody(house: "House") -> None:
    house.lease().hold()
    house.clock.advance(-SKEW.total_seconds())
    with pytest.raises(Conflict):
        house.lease().hold()


class House:
    """Leases on one store and one clock."""

    def __init__(self, folder: Path) -> None:
        self.store = empty_store(folder, Database.ARCHIVE)
        self.clock = DrivenClock(datetime(2026, 3, 2, 9, tzinfo=UTC))

    def lease(self) -> Lease:
        return Lease(self.store, self.clock, "archiver")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
