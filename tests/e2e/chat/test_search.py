"""One finds what was said in one's own conversations, and goes there."""

import re

import pytest
from playwright.sync_api import Locator, expect

from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.factories.suite import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_a_message_is_found_by_its_words_and_opened_where_it_stands(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="old harbour")
    word = f"osprey{new_id()[-6:]}"
    firm.say(room, "ana", f"the {word} lands at nine")
    for number in range(70):
        firm.say(room, "ben", f"later {number}")
    ana = firm.open(windows, "ana", room)
    find(ana, word)
    expect(found(ana)).to_have_count(1)
    expect(found(ana).locator("mark")).to_have_text(word)
    found(ana).get_by_role("button").click()
    expect(ana.message(f"the {word} lands at nine")).to_be_in_viewport()
    expect(ana.pane("Search messages")).to_be_visible()
    ana.shot("search-found")


def test_nobody_finds_what_others_say_among_themselves(firm: Firm, windows: Windows) -> None:
    word = f"heron{new_id()[-6:]}"
    firm.say(firm.room("ana", "ben", name="just us"), "ana", f"a {word}")
    ana, cleo = firm.open(windows, "ana"), firm.open(windows, "cleo")
    find(ana, word)
    expect(found(ana)).to_have_count(1)
    search(cleo, word)
    cleo.sees("No message of yours holds this. Look at the spelling, or leave out a word or a filter.")
    expect(found(cleo)).to_have_count(0)


def test_filters_narrow_and_a_query_that_cannot_be_answered_says_why(firm: Firm, windows: Windows) -> None:
    room, word = firm.room("ana", "ben", name="filters"), f"crane{new_id()[-6:]}"
    firm.say(room, "ana", f"{word} by ana")
    firm.say(room, "ben", f"{word} by ben")
    ana = firm.open(windows, "ana", room)
    find(ana, word, 2)
    ana.page.get_by_text("Filters", exact=True).click()
    ana.page.get_by_label("From", exact=True).fill("ben")
    ana.page.keyboard.press("Enter")
    expect(found(ana)).to_have_count(1)
    expect(found(ana)).to_contain_text("by ben")
    ana.page.get_by_label("Words").fill("cran*")
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("alert")).to_contain_text("Whole words are found here")
    assert ana.nameless() == []
    ana.shot("search-refused")


def test_what_was_found_is_there_again_when_one_comes_back(firm: Firm, windows: Windows) -> None:
    room, word = firm.room("ana", "ben", name="coming back"), f"teal{new_id()[-6:]}"
    firm.say(room, "ben", f"a {word}")
    ana = firm.open(windows, "ana", room, size=(360, 740))
    find(ana, word)
    assert ana.overflow() == 0
    assert ana.faint() == []
    assert ana.small_targets() == []
    ana.shot("search-360")
    ana.page.keyboard.press("Escape")
    expect(ana.pane("Search messages")).to_have_count(0)
    ana.page.keyboard.press("Control+Shift+F")
    expect(ana.page.get_by_label("Words")).to_have_value(word)
    expect(found(ana)).to_have_count(1)


def search(window: ChatWindow, words: str) -> None:
    if not window.pane("Search messages").count():
        window.page.keyboard.press("Control+Shift+F")
    window.page.get_by_label("Words").fill(words)
    window.page.keyboard.press("Enter")
    expect(
        window.page.get_by_role("status").filter(has_text=re.compile("message|newest", re.I))
    ).to_be_visible()


def find(window: ChatWindow, words: str, count: int = 1) -> None:
    """Search until what was said is searchable."""

    def shown() -> bool:
        search(window, words)
        return found(window).count() == count

    wait_for(shown, 30, f"{count} found by {words}")


def found(window: ChatWindow) -> Locator:
    return window.pane("Search messages").get_by_role("listitem")
