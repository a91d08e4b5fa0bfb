"""Giving what one writes its form: by a bar, by keys, and with the browser's own undo."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.axe import violations
from tests.e2e.browser import NARROW, WIDE, Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_a_bar_shows_the_forms_and_stays_as_it_was_left_on_this_device(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    bar = bar_of(ana)
    expect(bar).to_have_count(0)
    ana.button("Formatting").click()
    expect(bar).to_be_visible()
    expect(ana.composer).to_be_focused()
    ana.composer.press_sequentially("the ")
    bar.get_by_role("button", name="Bold").click()
    expect(bar.get_by_role("button", name="Italic")).to_have_attribute("aria-pressed", "false")
    ana.page.keyboard.type("final")
    expect(bar.get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    ana.shot("formatting")
    # The same once more: what follows is plain.
    bar.get_by_role("button", name="Bold").click()
    ana.page.keyboard.type(" draft")
    expect(ana.composer).to_have_value("the **final** draft")
    ana.page.keyboard.press("Enter")
    expect(ben.hears("the final draft").get_by_text("final", exact=True)).to_have_css("font-weight", "700")
    ana.page.reload()
    expect(bar).to_be_visible()
    ana.button("Formatting").click()
    expect(bar).to_have_count(0)
    ana.page.reload()
    expect(ana.composer).to_be_visible()
    expect(bar).to_have_count(0)


@pytest.mark.parametrize(
    ("key", "formed"),
    [
        ("Control+b", "say **word** now"),
        ("Control+i", "say *word* now"),
        ("Control+Shift+x", "say ~~word~~ now"),
        ("Control+e", "say `word` now"),
        ("Control+Shift+l", "say [word](https://) now"),
        ("Control+Shift+Digit8", "- say word now"),
        ("Control+Shift+Digit1", "1. say word now"),
        ("Control+Shift+Digit9", "> say word now"),
        ("Control+Shift+e", "```\nsay word now\n```"),
    ],
)
def test_each_key_gives_its_form_and_undo_and_redo_are_those_of_the_browser(
    talk: list[ChatWindow], key: str, formed: str
) -> None:
    ana, _ = talk
    ana.composer.press_sequentially("say word now")
    select(ana.composer, 4, 8)
    ana.page.keyboard.press(key)
    expect(ana.composer).to_have_value(formed)
    ana.page.keyboard.press("Control+z")
    expect(ana.composer).to_have_value("say word now")
    ana.page.keyboard.press("Control+Shift+z")
    expect(ana.composer).to_have_value(formed)
    ana.page.keyboard.press("Control+z")
    select(ana.composer, 4, 8)
    ana.page.keyboard.press(key)
    expect(ana.composer).to_have_value(formed)
    ana.page.keyboard.press(key)
    expect(ana.composer).to_have_value("say word now")
    # What the page knows is what stands in the box.
    ana.page.keyboard.press("End")
    ana.page.keyboard.press("Enter")
    ana.hears("say word now")


def test_the_bar_is_one_stop_for_the_tab_key_and_arrows_go_through_it(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.button("Formatting").click()
    bar = bar_of(ana)
    ana.composer.press_sequentially("one")
    select(ana.composer, 0, 3)
    ana.page.keyboard.press("Shift+Tab")
    ana.page.keyboard.press("Shift+Tab")
    expect(bar.get_by_role("button", name="Bold")).to_be_focused()
    ana.page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()
    ana.page.keyboard.press("ArrowLeft")
    ana.page.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="Block of code")).to_be_focused()
    ana.page.keyboard.press("Home")
    ana.page.keyboard.press("Tab")
    expect(bar.locator(":focus")).to_have_count(0)
    ana.page.keyboard.press("Shift+Tab")
    ana.page.keyboard.press("Enter")
    expect(ana.composer).to_have_value("**one**")
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.press("Shift+Tab")
    ana.page.keyboard.press("Shift+Tab")
    ana.page.keyboard.press("Escape")
    expect(ana.composer).to_be_focused()


def test_what_is_edited_and_replied_takes_forms_too(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    said = ana.sent("not quite right")
    ana.tool(said, "Edit")
    box = ana.box("Edit your message")
    select(box, 0, 3)
    ana.page.keyboard.press("Control+b")
    box.press("Enter")
    expect(ben.hears("not quite right").get_by_text("not", exact=True)).to_have_css("font-weight", "700")
    ben.tool(ben.hears("not quite right"), "Reply in thread")
    reply = ben.box("Reply", exact=True)
    reply.press_sequentially("why")
    select(reply, 0, 3)
    ben.page.keyboard.press("Control+i")
    expect(reply).to_have_value("*why*")


def test_what_is_completed_or_picked_is_undone_like_what_is_typed(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.composer.press_sequentially("well :tada")
    expect(ana.page.get_by_role("listbox", name="Emoji").get_by_role("option").first).to_be_visible()
    ana.page.keyboard.press("Enter")
    expect(ana.composer).to_have_value("well 🎉 ")
    ana.page.keyboard.press("Control+z")
    expect(ana.composer).to_have_value("well :tada")
    ana.page.keyboard.press("Control+Shift+z")
    ana.page.keyboard.type("done")
    ana.button("Put in an emoji").click()
    ana.box("Find an emoji").or_(ana.page.get_by_role("searchbox", name="Find an emoji")).fill("rocket")
    ana.page.keyboard.press("Enter")
    expect(ana.composer).to_have_value("well 🎉 done🚀")
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.press("Control+z")
    expect(ana.composer).to_have_value("well 🎉 done")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW, (320, 640)], ids=lambda size: str(size[0]))
def test_the_bar_fits_and_can_be_read(
    firm: Firm, windows: Windows, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    room = firm.room("ana", "ben", name=f"forms {size[0]} {scheme}")
    ana = firm.open(windows, "ana", room, size=size, scheme=scheme)
    ana.button("Formatting").click()
    ana.composer.press_sequentially("a **word** in a text that is long enough to be more than a line")
    select(ana.composer, 4, 8)
    expect(bar_of(ana).get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    assert ana.overflow() == 0
    assert ana.small_targets() == []
    assert violations(ana.page) == []
    ana.shot(f"formatting-{size[0]}-{scheme}")


def bar_of(window: ChatWindow) -> Locator:
    """Return the bar of forms."""
    return window.page.get_by_role("toolbar", name=re.compile("^Formatting$"))


def select(box: Locator, start: int, end: int) -> None:
    """Select a part of what stands in a box."""
    box.focus()
    box.evaluate("(box, [start, end]) => box.setSelectionRange(start, end)", [start, end])
