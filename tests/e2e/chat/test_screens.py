"""What every screen owes: keyboard, width, contrast in both themes, names, targets (WCAG 2.2 AA)."""

import re
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Window, Windows
from tests.e2e.chat.conftest import Firm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

SMALLEST = (320, 640)


def owes_nothing(window: Window) -> None:
    """Assert what every screen owes."""
    assert window.overflow() == 0
    assert window.nameless() == []
    assert window.faint() == []
    assert window.small_targets() == []


def test_one_signs_in_starts_talks_and_reacts_by_keyboard_alone(firm: Firm, windows: Windows) -> None:
    firm.room("ana", "ben", name="keys one")
    other = firm.room("ana", "ben", name="keys two")
    ana = firm.open(windows, "ana")
    ana.page.keyboard.press("Control+k")
    expect(ana.page.get_by_role("combobox")).to_be_focused()
    ana.page.keyboard.type("keys two")
    expect(ana.page.get_by_role("option", selected=True)).to_contain_text("keys two")
    ana.page.keyboard.press("Enter")
    expect(ana.page).to_have_url(re.compile(f"#{other}$"))
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.type("typed")
    ana.page.keyboard.press("Enter")
    expect(ana.message("typed")).to_have_attribute("data-state", "sent")
    ana.page.keyboard.press("ArrowUp")
    expect(ana.box("Edit your message")).to_be_focused()
    ana.page.keyboard.type(" and mended")
    ana.page.keyboard.press("Enter")
    ana.hears("typed and mended")
    ana.log.focus()
    ana.page.keyboard.press("k")
    expect(ana.message("typed and mended")).to_be_focused()
    # The tools of a message are drawn once it has the focus.
    expect(ana.message("typed and mended").get_by_role("button", name="React")).to_be_visible()
    for name in ("Ana Ribeiro", "edited", "React"):
        ana.page.keyboard.press("Tab")
        expect(ana.message("typed and mended").get_by_role("button", name=name)).to_be_focused()
    ana.page.keyboard.press("Enter")
    ana.message("typed and mended").get_by_role("button", name="heart").focus()
    ana.page.keyboard.press("Enter")
    expect(ana.message("typed and mended").get_by_role("button", name="heart, Ana Ribeiro")).to_be_visible()
    opener = ana.button("New conversation").first
    opener.focus()
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("dialog")).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(ana.page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_of_a_message_is_readable_at_320_pixels_and_at_1280(
    firm: Firm, windows: Windows, scheme: Literal["light", "dark"]
) -> None:
    room = firm.room("ana", "ben", name=f"states {scheme}")
    ana = firm.open(windows, "ana", room, scheme=scheme, size=SMALLEST)
    owes_nothing(ana)
    ana.say(f"plain and `code` and https://example.com/{'a-long-address/' * 6}")
    ana.became("sent")
    ana.say("my card is 4111 1111 1111 1111")
    ana.became("redacted")
    ana.sent("I can guarantee a return of 12 percent", "needs_reason")
    ana.sent("CL-123456 called", "needs_confirmation")
    ana.sent("Project Kestrel signs on Friday", "quarantined")
    ana.sent("AKIAIOSFODNN7EXAMPLE", "blocked")
    ana.write("a draft with CL-123456")
    ana.sees("You will be asked to look twice")
    owes_nothing(ana)
    ana.shot(f"states-320-{scheme}")
    ana.page.set_viewport_size({"width": 1280, "height": 1400})
    owes_nothing(ana)
    ana.shot(f"states-1280-{scheme}")
