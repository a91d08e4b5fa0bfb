"""Retention at the desk: what is due is destroyed, what is on hold is not, and the page says which."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.retention.expire import REPORT_AGAIN_SECONDS
from core.identity.permissions import Role
from tests.factories.desk import House, make_house
from tests.web.desk.conftest import Browser
from web.app import create_desk

SIX_YEARS = 6 * 366 * 86_400


def test_a_hold_keeps_what_is_due_until_it_is_released(old_house: House) -> None:
    room = old_house.channel("old talk", "ana", "ben")
    old_house.send(room, "ana", "the tin soldier")
    old_house.work()
    browser = at(old_house)
    assert "Month is running" in browser.get("/retention").text
    matter = browser.open_matter("Preservation")
    held = {"matter": matter.rpartition("/")[2], "person": "ana", "reason": "a letter"}
    hold = str(browser.post("/holds", held).headers["Location"])

    old_house.clock.advance(SIX_YEARS)
    retire(old_house)
    browser = at(old_house)
    page = browser.get("/retention").text
    assert "Due, but on hold" in page
    assert 'Held by">hold 1<' in page
    assert "the tin soldier" in browser.search(matter, '"tin soldier"').text.replace("<mark>", "").replace(
        "</mark>", ""
    )

    assert browser.post(f"{hold}/release", {"reason": "settled"}).status_code == 303
    assert ">Due<" in browser.get("/retention").text
    old_house.clock.advance(REPORT_AGAIN_SECONDS + 1)
    retire(old_house)
    browser = at(old_house)
    assert "Being destroyed" in browser.get("/retention").text
    page = browser.search(matter, "tin").text
    assert "soldier" not in page
    assert "destroyed under retention" in page


def retire(house: House) -> None:
    """Let the worker propose what is due, and the desk decide."""
    house.chat.gate.refresh()
    house.worker.expiry.post_due()
    house.services.disposal.run()


def at(house: House) -> Browser:
    browser = Browser(create_desk(house.pages).test_client())
    assert browser.sign_in("olga").status_code == 303
    return browser


@pytest.fixture
def old_house(template: Path, tmp_path: Path) -> Iterator[House]:
    made = make_house(template, tmp_path / "house")
    for name in ("ana", "ben"):
        made.add(name, "research")
    made.officer("olga", Role.COMPLIANCE_OFFICER, name="Olga Sand")
    yield made
    made.close()
