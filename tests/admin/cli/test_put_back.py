"""What the ledger's verification says of an older copy, every signature of which is good."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.cli.steps.evidence import verify_ledger
from tests.factories.desk import House, make_house, make_template


def test_an_older_copy_of_the_ledger_is_found_although_it_was_signed(house: House, tmp_path: Path) -> None:
    room = house.channel("deals", "ana", "ben")
    house.work()
    ledger, copy = house.settings.home / "ledger", tmp_path / "copy"
    shutil.copytree(ledger, copy)
    house.send(room, "ana", "said after the copy was made")
    house.work()
    assert verify_ledger(house.settings, {})["findings"] == []
    shutil.rmtree(ledger)
    shutil.copytree(copy, ledger)
    assert "an older copy was restored" in " ".join(verify_ledger(house.settings, {})["findings"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    make_template(tmp_path / "template")
    made = make_house(tmp_path / "template", tmp_path / "house")
    for name in ("ana", "ben"):
        made.add(name, "research")
    yield made
    made.close()
