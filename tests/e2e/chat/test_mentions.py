"""Whoever is mentioned goes by name wherever people read it; what was typed is what is kept."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.test_search import find

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

# Where a text is cut short the name is isolated in it.
NAMED = re.compile("\u2068@Ben Okafor\u2069 lighthouse")
LONG = "for the record, " * 25


def test_a_mention_is_read_as_the_name_and_leads_to_who_that_is(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="names of people")
    ana, ben = firm.both(windows, room)
    ana.say("please ask @cleo, or @ben. Not `@ben`")
    heard = ben.hears("or @Ben Okafor. Not @ben")
    expect(heard).to_contain_text("ask @cleo, or")
    expect(heard.get_by_role("button", name="@cleo")).to_have_count(0)
    selected = ana.hears("@Ben Okafor").evaluate(
        "message => { getSelection().selectAllChildren(message.querySelector('.body')); return `${getSelection()}`; }"
    )
    assert selected.strip() == "please ask @cleo, or @Ben Okafor. Not @ben"
    ana.shot("mention")
    ana.message("@Ben Okafor").get_by_role("button", name="@Ben Okafor").click()
    card = ana.page.get_by_role("dialog")
    expect(card.get_by_role("heading", name="Ben Okafor")).to_be_visible()
    expect(card).to_contain_text("ben")
    ana.page.keyboard.press("Escape")
    ana.tool(ana.message("@Ben Okafor"), "Edit")
    expect(ana.box("Edit your message")).to_have_value("please ask @cleo, or @ben. Not `@ben`")


def test_whom_a_message_mentions_takes_nobody_away_from_forwarding_it(firm: Firm, windows: Windows) -> None:
    ana = firm.open(windows, "ana", firm.room("ana", "ben", name="names passed on"))
    ana.say("please ask @ben first")
    ana.menu(ana.hears("@Ben Okafor first"), "Forward")
    dialog = ana.page.get_by_role("dialog", name="Forward")
    words = dialog.get_by_label("Your own words on it")
    words.fill("he knows")
    dialog.get_by_text("@Ben Okafor").click()
    expect(words).to_have_value("he knows")


def test_quotes_threads_pins_mentions_and_search_show_the_name(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="names everywhere")
    ana, ben = firm.both(windows, room)
    ana.say(f"@ben lighthouse {LONG}")
    asked = ben.hears("@Ben Okafor lighthouse")
    ben.menu(asked, "Quote")
    expect(ben.page.locator(".quoting")).to_contain_text(NAMED)
    ben.sent("seen, and quoted")
    expect(ana.hears("seen, and quoted").locator("blockquote")).to_contain_text(NAMED)
    ben.menu(asked, "Pin for everybody here")
    ben.tool(asked, "Reply in thread")
    ben.box("Reply", exact=True).fill("as @ben said")
    ben.box("Reply", exact=True).press("Enter")
    expect(ben.pane("Thread")).to_contain_text("as @Ben Okafor said")
    ana.button("My threads").click()
    expect(ana.pane("My threads")).to_contain_text(re.compile("as \\W*@Ben Okafor\\W* said"))
    ben.page.keyboard.press("Control+Shift+M")
    expect(ben.pane("Mentions of you")).to_contain_text("@Ben Okafor lighthouse")
    ben.button("More about this conversation").click()
    ben.page.get_by_role("menuitem", name="Pinned messages").click()
    expect(ben.pane("Pinned messages")).to_contain_text("@Ben Okafor lighthouse")
    find(ana, "lighthouse")
    expect(ana.pane("Search messages")).to_contain_text("@Ben Okafor lighthouse")
    ana.shot("mention-search")
