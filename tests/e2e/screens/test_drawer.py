"""On a telephone the links of desk and console wait behind one button; where there is room they stand there."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.browser import NARROW, WIDE, Window, Windows
from tests.e2e.screens.conftest import House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

SMALLEST = (320, 640)


def desk(house: House, windows: Windows, **options: object) -> Window:
    window = windows.open("olga", storage_state=house.olga, **options)  # type: ignore[arg-type]
    window.goto(f"{house.desk_url}/holds")
    return window


@pytest.mark.parametrize("size", [NARROW, SMALLEST], ids=["360", "320"])
def test_the_top_of_a_telephone_is_one_row_with_one_button(
    house: House, windows: Windows, size: tuple[int, int]
) -> None:
    window = desk(house, windows, size=size)
    expect(window.page.get_by_role("navigation", name="Desk")).to_be_hidden()
    bar = window.page.get_by_role("banner").bounding_box()
    assert bar is not None
    assert bar["height"] < 64
    assert window.overflow() == 0


def test_the_menu_opens_and_closes_by_keyboard_and_says_where_one_is(house: House, windows: Windows) -> None:
    window = desk(house, windows, size=NARROW)
    page, menu = window.page, window.button("Menu")
    menu.press("Enter")
    links = page.get_by_role("navigation", name="Desk")
    expect(links.get_by_role("link", name="Holds")).to_have_attribute("aria-current", "page")
    expect(links.get_by_role("link", name="Retention")).not_to_have_attribute("aria-current", "page")
    assert violations(page, within="#drawer") == []
    assert not window.small_targets() and not window.faint() and window.overflow() == 0
    window.shot("drawer/desk")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(links).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    links.get_by_role("link", name="Release queue").click()
    expect(page).to_have_url(re.compile("/queue$"))


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_the_menu_of_the_console_fits_the_smallest_window_in_the_dark(
    house: House, windows: Windows, locale: str
) -> None:
    window = windows.open("ida", size=SMALLEST, scheme="dark", locale=locale, storage_state=house.ida)
    window.goto(f"{house.chat_url}/console/people")
    window.button("Menu" if locale == "en-GB" else "Menü").click()
    expect(window.page.locator("#drawer").get_by_role("navigation")).to_have_count(2)
    assert violations(window.page, within="#drawer") == []
    assert not window.small_targets() and not window.faint() and window.overflow() == 0
    window.shot(f"drawer/console-{locale}")


def test_where_there_is_room_the_links_stand_in_the_bar(house: House, windows: Windows) -> None:
    window = desk(house, windows, size=WIDE)
    expect(window.page.get_by_role("navigation", name="Desk").get_by_role("link")).to_have_count(7)
    expect(window.button("Menu")).to_be_hidden()
