"""What one chooses on the page of preferences is how the chat is, at once and in every window."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Window, Windows
from tests.e2e.screens.conftest import House

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def choose(window: Window, house: House, *labels: str) -> None:
    """Choose by the words of the page, whichever language it speaks now, and save."""
    window.goto(f"{house.chat_url}/preferences")
    for label in labels:
        window.page.get_by_label(label, exact=True).check()
    window.page.locator("form button.main").click()
    expect(window.page.locator(".note.good")).to_be_visible()


def test_the_chat_speaks_and_looks_as_one_chose_and_other_windows_follow(
    house: House, windows: Windows
) -> None:
    chat = windows.open("chat", storage_state=house.ana)
    chat.goto(f"{house.chat_url}/chat#{house.firm.room}")
    expect(chat.box("Message Ben Okafor, Cleo Lindqvist")).to_be_visible()
    pages = windows.open("pages", storage_state=house.ana)
    try:
        choose(pages, house, "Dark", "Deutsch")
        expect(pages.heading("Einstellungen")).to_be_visible()
        expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
        assert chat.page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
        chat.page.reload()
        expect(chat.box("Nachricht an Ben Okafor, Cleo Lindqvist")).to_be_visible()
        chat.sees("Wartet auf Compliance")
        chat.sees("Regel SECRET-1 lässt dies nicht durch")
    finally:
        choose(pages, house, "Wie mein System", "Wie mein Browser")


def test_a_policy_tip_and_a_refusal_are_told_in_german(house: House, windows: Windows) -> None:
    ana = windows.open("ana", storage_state=house.ana, locale="de-DE")
    ana.goto(f"{house.chat_url}/chat#{house.firm.room}")
    box = ana.box("Nachricht an Ben Okafor, Cleo Lindqvist")
    box.fill("a draft with CL-123456")
    ana.sees("Vor dem Senden: Kundennummer")
    box.fill("")
    ana.button("Neue Unterhaltung").first.click()
    ana.button("Kanal anlegen").first.click()
    ana.page.get_by_label("Name", exact=True).fill("bad\u202ename")
    ana.page.locator("dialog[open] button.main").click()
    ana.sees("Ein Name ist eine Zeile Text ohne verborgene Zeichen.")
