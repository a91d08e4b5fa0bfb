"""Every screen in every way to look at it: nothing cut off, faint, nameless or too small, and axe is silent.

With ``CHANCERY_TEST_SHOTS`` each writes a picture: that is how all of them are made by one command.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.browser import Window, Windows
from tests.e2e.screens.conftest import House
from tests.factories.pseudo import LONGER, RIGHT_TO_LEFT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

Step = Callable[[Window], None]


@dataclass(frozen=True)
class Mode:
    """One way to look at screens."""

    name: str
    size: tuple[int, int] = (1280, 800)
    scheme: Literal["light", "dark"] = "light"
    locale: str = "en-GB"
    options: dict[str, Any] = field(default_factory=dict)


MODES = [
    Mode("light"),
    Mode("dark", scheme="dark"),
    Mode("360", size=(360, 740), locale="de-DE"),
    Mode("320", size=(320, 640)),
    Mode("rtl", locale=RIGHT_TO_LEFT),
    Mode("rtl-360", size=(360, 740), locale=RIGHT_TO_LEFT),
    Mode("longer", size=(1024, 768), locale=LONGER),
    Mode("contrast", options={"contrast": "more"}),
    Mode("forced", scheme="dark", options={"forced_colors": "active"}),
]


@pytest.fixture(params=MODES, ids=lambda mode: mode.name)
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


def test_sign_in_help_and_errors(house: House, windows: Windows, mode: Mode) -> None:
    window = opened(windows, mode, None)
    for name, path in [("signin", "/signin"), ("help", "/help"), ("error", "/nowhere")]:
        look(window, mode, name, f"{house.chat_url}{path}")
    look(window, mode, "components", f"{house.chat_url}/help/components", ready="#live > section")


def test_pages_of_employees(house: House, windows: Windows, mode: Mode) -> None:
    window = opened(windows, mode, house.ana)
    for name in ("sessions", "preferences"):
        look(window, mode, name, f"{house.chat_url}/{name}")


def test_chat(house: House, windows: Windows, mode: Mode) -> None:
    window = opened(windows, mode, house.ana)
    page = window.page
    look(window, mode, "chat", f"{house.chat_url}/chat#{house.firm.room}", ready=".stopped")
    page.locator(".write textarea").fill("a draft with CL-123456")
    expect(page.locator(".tip")).to_be_visible()
    owes_nothing(window, mode, "chat-tip")
    page.locator(".write textarea").fill("")
    page.locator(".conversation .heading .button").last.click()
    expect(page.locator("aside.pane")).to_be_visible()
    owes_nothing(window, mode, "chat-details")
    page.keyboard.press("Escape")
    page.locator(".list").first.evaluate("list => { list.scrollTop = 0; }")
    page.locator(".replies").first.evaluate("button => button.click()")
    expect(page.locator("aside.pane .message").nth(1)).to_be_visible()
    owes_nothing(window, mode, "chat-thread")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog[open]")).to_be_visible()
    owes_nothing(window, mode, "chat-switcher")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    if mode.size[0] < 768:
        page.locator(".only-narrow").first.click()
        expect(page.locator(".sidebar")).to_be_visible()
        owes_nothing(window, mode, "chat-list")
    page.locator(".sidebar .heading button").click()
    expect(page.locator("dialog[open] .results li").first).to_be_visible()
    owes_nothing(window, mode, "chat-new")
    page.keyboard.press("Escape")
    page.locator(".group-title .icon-button").first.click()
    expect(page.locator("dialog[open] .results .channel").first).to_be_visible()
    owes_nothing(window, mode, "chat-channels")


def test_console(house: House, windows: Windows, mode: Mode) -> None:
    window = opened(windows, mode, house.ida)
    for path in ("console", "console/people", "console/policies", "console/policies/draft", "console/health"):
        look(window, mode, path.replace("/", "-"), f"{house.chat_url}/{path}")


def test_desk(house: House, windows: Windows, mode: Mode) -> None:
    stranger = opened(windows, mode, None)
    for name in ("signin", "enrol"):
        look(stranger, mode, f"desk-{name}", f"{house.desk_url}/{name}")
    window = opened(windows, mode, house.olga)
    look(window, mode, "desk-home", f"{house.desk_url}/")
    for name in (
        "queue",
        "matters",
        "holds",
        "retention",
        "policies",
        "officers",
        "trail",
        "sessions",
        "preferences",
    ):
        look(window, mode, f"desk-{name}", f"{house.desk_url}/{name}")
    for name, address in house.desk.items():
        look(window, mode, f"desk-{name}", address)


def opened(windows: Windows, mode: Mode, session: Any) -> Window:
    """Open a window in a mode; some screens answer with an error on purpose."""
    window = windows.open(
        mode.name,
        size=mode.size,
        scheme=mode.scheme,
        locale=mode.locale,
        storage_state=session,
        **mode.options,
    )
    window.expect("status of 404")
    return window


def look(window: Window, mode: Mode, name: str, address: str, ready: str = "h1") -> None:
    """Open a screen and hold it to what it owes."""
    window.goto(address)
    expect(window.page.locator(ready).first).to_be_visible()
    direction = "rtl" if mode.locale == RIGHT_TO_LEFT else "ltr"
    expect(window.page.locator("html")).to_have_attribute("dir", direction)
    expect(window.page.locator("html")).to_have_attribute("lang", re.split("-", mode.locale)[0])
    owes_nothing(window, mode, name)


def owes_nothing(window: Window, mode: Mode, name: str) -> None:
    """Assert what every screen owes, all at once, so that one run tells everything."""
    # Asked once and awaited: asking again and again would be code from a string, which the page forbids.
    window.page.evaluate("() => document.fonts.ready.then(() => true)")
    window.shot(f"{mode.name}/{name}", full=True)
    wrong = {
        "wider than the window": window.overflow() or None,
        "nameless": window.nameless() or None,
        "small": window.small_targets() or None,
        # Where the system decides the colours, there is nothing to measure.
        "faint": None if "forced_colors" in mode.options else window.faint() or None,
        "axe": violations(window.page, but=_without(window, mode)) or None,
    }
    found = {what: told for what, told in wrong.items() if told}
    assert not found, f"{name} in {mode.name}: {found}"


def _without(window: Window, mode: Mode) -> list[str]:
    """Return the rules of axe that cannot be told here."""
    rules = []
    if "forced_colors" in mode.options:
        rules.append("color-contrast")
    if window.page.locator(".frame").count() and not window.page.locator("main").is_visible():
        # Where there is room for one part only, main and its heading come back when that is left.
        rules += ["landmark-one-main", "page-has-heading-one"]
    return rules
