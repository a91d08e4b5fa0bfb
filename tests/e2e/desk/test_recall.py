"""What an officer recalls at the desk is gone from open chats, and there again when it is restored."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.chat.page import ChatWindow
from tests.e2e.conftest import Serve
from tests.e2e.desk.page import ROLES, Firm, at_desk
from tests.factories.suite import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180, func_only=True)]

WORDS = "the heron stands in the reeds"


def test_a_recalled_message_is_a_tombstone_in_every_open_window_and_restored_it_is_read_again(
    firm: Firm, windows: Windows
) -> None:
    item = firm.say(WORDS)["id"]
    firm.say("what about it?", quotes=item)
    ana, ben = (in_chat(windows, firm, name) for name in ("ana", "ben"))
    ben.hears("what about it?")
    olga = at_desk(windows, firm)
    results = olga.find(olga.open_matter("A look at birds"), f'"{WORDS}"', matches=2)
    results.locator(f"a[href*='{item}']").first.click()
    olga.until(lambda: olga.button("Recall", exact=True).count())
    olga.shot("desk-recall")
    olga.box("Reason").fill("It names a client")
    olga.button("Recall", exact=True).click()
    expect(ben.log.get_by_text("Removed under company policy")).to_be_visible()
    expect(ana.log.get_by_text("Compliance removed your message")).to_be_visible()
    told = ana.page.get_by_role("alert").filter(has_text="Compliance removed your message in")
    expect(told).to_be_visible()
    expect(ben.page.get_by_role("alert").filter(has_text="Compliance removed")).to_have_count(0)
    ana.shot("chat-recalled-told")
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)
    for window in (ana, ben):
        expect(window.log.get_by_text(WORDS)).to_have_count(0)
        expect(window.log.get_by_role("link", name="Learn more")).to_have_attribute(
            "href", re.compile("/help#removed$")
        )
        window.shot(f"chat-recalled-{window.page.url[-4:]}-{'own' if window is ana else 'other'}")
    olga.until(lambda: olga.button("Restore", exact=True).count())
    olga.shot("desk-recalled")
    ben.page.reload()
    expect(ben.log.get_by_text("Removed under company policy")).to_be_visible()
    assert WORDS not in ben.page.content()
    olga.box("Reason").fill("It was another client")
    olga.button("Restore", exact=True).click()
    expect(ana.log.get_by_text(WORDS).first).to_be_visible()
    ben.hears(WORDS)
    olga.until(lambda: olga.page.get_by_text("Restored", exact=True).count())


def in_chat(windows: Windows, firm: Firm, username: str) -> ChatWindow:
    """Open the chat of somebody at the room of the firm."""
    window = windows.open_as(ChatWindow, username)
    window.sign_in(firm.suite.settings.chat_url, username, PASSWORD)
    window.page.wait_for_url("**/chat*")
    window.goto("about:blank")
    window.goto(f"{firm.suite.settings.chat_url}/chat#{firm.room}")
    window.ready(firm.room)
    return window


@pytest.fixture(scope="module")
def firm(serve: Serve) -> Iterator[Firm]:
    people = {"ana": ("research",), "ben": ("research",), "cleo": ("operations",)}
    made = Firm(serve(people, CHANCERY_DIRECTORY_ROLES=ROLES))
    yield made
    made.close()
