"""Every page in every way to look at it: nothing cut off, faint, nameless or too small, and axe is silent.

With ``CHANCERY_TEST_SHOTS`` each writes a picture: that is how all of them are made by one command.
"""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Window, Windows
from tests.e2e.screens.conftest import House, opened
from tests.e2e.screens.looking import Onlooker

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_sign_in_help_and_errors(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = opened(windows, onlooker, None)
    for name, path in [("signin", "/signin"), ("help", "/help"), ("error", "/nowhere")]:
        onlooker.visit(window, name, f"{house.chat_url}{path}")
    refused(onlooker, window, "signin-refused", f"{house.chat_url}/signin")
    onlooker.visit(window, "components", f"{house.chat_url}/help/components", ready="#live > section")


def test_the_page_of_components_has_every_dialog_and_pane(house: House, windows: Windows) -> None:
    window = windows.open("components")
    page = window.page
    window.goto(f"{house.chat_url}/help/components")
    expect(page.locator(".panes > .pane")).to_have_count(8)
    window.shot("components/filled", full=True)
    page.locator("[data-empty]").click()
    expect(page.locator(".panes .hint").first).to_be_visible()
    expect(page.locator(".panes .entry-card")).to_have_count(0)
    buttons = page.locator("[data-dialog]")
    expect(buttons.first).to_be_visible()
    for button in buttons.all():
        button.click()
        dialog = page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        expect(dialog.locator(".skeleton")).to_have_count(0)
        window.shot(f"components/{button.get_attribute('data-dialog')}")
        # The last one, which says that a session has ended, stays.
        page.keyboard.press("Escape")


def test_pages_of_employees(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = opened(windows, onlooker, house.ana)
    for name in ("sessions", "password", "preferences"):
        onlooker.visit(window, name, f"{house.chat_url}/{name}")
    onlooker.visit(window, "error-denied", f"{house.chat_url}/console")


def test_console(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = opened(windows, onlooker, house.ida)
    for path in ("console", "console/people", "console/policies", "console/policies/draft", "console/health"):
        onlooker.visit(window, path.replace("/", "-"), f"{house.chat_url}/{path}")
    window.goto(f"{house.chat_url}/console/policies/draft")
    window.page.locator("textarea").first.fill("name: Ours\nretention: {direct: nothing}\n")
    window.page.locator("main form .button").first.click()
    expect(window.page.locator("main .problems, main [role=alert]").first).to_be_visible()
    onlooker.see(window, "console-policies-draft-problems")


def test_desk(house: House, windows: Windows, onlooker: Onlooker) -> None:
    stranger = opened(windows, onlooker, None)
    for name in ("signin", "enrol"):
        onlooker.visit(stranger, f"desk-{name}", f"{house.desk_url}/{name}")
    refused(onlooker, stranger, "desk-signin-refused", f"{house.desk_url}/signin")
    window = opened(windows, onlooker, house.olga)
    onlooker.visit(window, "desk-home", f"{house.desk_url}/")
    pages = (
        "queue",
        "matters",
        "holds",
        "retention",
        "policies",
        "officers",
        "trail",
        "sessions",
        "preferences",
    )
    for name in (*pages, "nowhere"):
        onlooker.visit(window, f"desk-{name}", f"{house.desk_url}/{name}")
    for name, address in house.desk.items():
        onlooker.visit(window, f"desk-{name}", address)


def refused(onlooker: Onlooker, window: Window, name: str, address: str) -> None:
    """Look at the answer to a wrong password."""
    window.goto(address)
    window.page.locator("[name=username]").fill("nobody")
    window.page.locator("[name=password]").fill("wrong")
    window.page.locator("form .button.main").click()
    expect(window.page.get_by_role("alert")).to_be_visible()
    onlooker.see(window, name)
