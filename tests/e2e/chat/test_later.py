"""Saying something later, and what is shown of a link: both done by the worker after the moment of writing."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from core.messaging.scheduled import Later
from core.types import SystemClock, new_id, to_ms
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.e2e.chat.test_files import NOTES, attach, send, tray

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

PAGE = (
    b"<html><head><title>Rates stay &lt;where they are&gt;</title>"
    b'<meta name="description" content="The bank holds its rates.">'
    b'<meta property="og:site_name" content="Daily News"></head></html>'
)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
        """Say nothing on the console."""


@pytest.fixture
def site() -> Iterator[str]:
    """Serve a page on this machine; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/rates"
    server.shutdown()
    server.server_close()


def _choose(window: ChatWindow, item: str | re.Pattern[str]) -> None:
    window.button("Send later").click()
    window.page.get_by_role("menuitem", name=item).click()


def test_what_is_said_later_waits_unseen_and_can_be_changed_or_taken_back(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.write("good morning all")
    _choose(ana, re.compile("^Tomorrow at"))
    expect(ana.composer).to_have_value("")
    expect(ana.composer).to_be_focused()
    expect(ana.page.get_by_text("It is checked when it goes.")).to_be_visible()
    ana.write("and this at a time of my own")
    ana.button("Send later").click()
    ana.shot("later-menu")
    ana.page.get_by_role("menuitem", name="Another time…").click()
    dialog = ana.page.get_by_role("dialog", name="Send later")
    later = (SystemClock().now() + timedelta(days=3)).strftime("%Y-%m-%dT10:30")
    dialog.get_by_label("Date and time").fill(later)
    ana.shot("later-dialog")
    dialog.get_by_role("button", name="Send later").click()
    expect(dialog).to_have_count(0)
    _choose(ana, "Scheduled messages")
    pane = ana.pane("Scheduled messages")
    first = pane.get_by_role("listitem").filter(has_text="good morning all")
    expect(pane.get_by_role("listitem").filter(has_text="and this at a time")).to_be_visible()
    ana.shot("scheduled")
    first.get_by_role("button", name="Edit").click()
    expect(ana.composer).to_have_value("good morning all")
    expect(ana.page.get_by_text("To be sent tomorrow at")).to_be_visible()
    ana.shot("scheduled-edited")
    ana.say("good morning to all")
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("")
    _choose(ana, "Scheduled messages")
    again = pane.get_by_role("listitem").filter(has_text="good morning to all")
    expect(again).to_have_count(1)
    expect(again).to_contain_text("tomorrow at")
    pane.get_by_role("listitem").filter(has_text="good morning to all").get_by_role(
        "button", name="Edit"
    ).click()
    ana.button("Forget the time").click()
    ana.write("")
    _choose(ana, "Scheduled messages")
    other = pane.get_by_role("listitem").filter(has_text="and this at a time")
    other.get_by_role("button", name="Do not send").click()
    expect(pane.get_by_text("Nothing waits to be sent.")).to_be_visible()
    ben.sees_not("good morning all")


def test_files_and_a_quote_wait_with_their_message_and_are_there_again_when_it_is_edited(
    talk: list[ChatWindow],
) -> None:
    ana, ben = talk
    ben.say("when do we meet?")
    ana.menu(ana.hears("when do we meet?"), "Quote")
    attach(ana, NOTES)
    ana.write("on Friday, as it says here")
    _choose(ana, re.compile("^Tomorrow at"))
    expect(ana.composer).to_have_value("")
    expect(tray(ana)).to_have_count(0)
    _choose(ana, "Scheduled messages")
    pane = ana.page.get_by_role("complementary", name="Scheduled messages")
    entry = pane.get_by_role("listitem").filter(has_text="on Friday, as it says here")
    expect(entry).to_contain_text("minutes of monday.txt")
    expect(entry).to_contain_text("when do we meet?")
    ana.shot("scheduled-files")
    entry.get_by_role("button", name="Edit").click()
    expect(ana.composer).to_have_value("on Friday, as it says here")
    expect(tray(ana)).to_contain_text("minutes of monday.txt")
    ana.button("Forget the time").click()
    send(ana)
    seen = ben.hears("on Friday, as it says here")
    expect(seen.get_by_role("blockquote")).to_contain_text("when do we meet?")
    expect(seen.get_by_role("link", name="Download minutes of monday.txt")).to_be_visible()


def test_what_was_to_be_quoted_is_gone_and_one_is_told_before(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"later {new_id()[-5:]}")
    talk, people = firm.services.messaging, firm.suite.people
    firm.services.gate.refresh()
    said = talk.send(people["ben"], new_id(), room, "the price is nine")["id"]
    due = to_ms(SystemClock().now()) + 60_000
    talk.schedule(people["ana"], Later(new_id(), room, "too much", due, quotes=said))
    firm.services.gate.refresh()
    talk.delete(people["ben"], new_id(), room, said)
    ana = firm.open(windows, "ana", room)
    _choose(ana, "Scheduled messages")
    pane = ana.page.get_by_role("complementary", name="Scheduled messages")
    entry = pane.get_by_role("listitem").filter(has_text="too much")
    expect(entry).to_contain_text("What it quotes is gone. It goes without the quote.")
    entry.get_by_role("button", name="Do not send").click()
    expect(pane.get_by_role("listitem").filter(has_text="too much")).to_have_count(0)


def test_a_time_that_is_over_is_refused_and_nothing_is_lost(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.write("too late")
    _choose(ana, "Another time…")
    dialog = ana.page.get_by_role("dialog", name="Send later")
    field = dialog.get_by_label("Date and time")
    field.evaluate("(box) => box.removeAttribute('min')")
    field.fill("2020-01-01T09:00")
    dialog.get_by_role("button", name="Send later").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose a time in the future")
    dialog.get_by_role("button", name="Cancel").click()
    expect(ana.composer).to_have_value("too late")


def test_it_is_checked_when_it_goes_and_what_could_not_be_sent_says_why(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"later {new_id()[-5:]}")
    ana, ben = firm.both(windows, room)
    due = to_ms(SystemClock().now()) + 2_000
    for text in ("said by the worker", "the key is AKIAIOSFODNN7EXAMPLE"):
        firm.services.messaging.schedule(firm.suite.people["ana"], Later(new_id(), room, text, due))
    ben.hears("said by the worker")
    ben.sees_not("AKIA")
    expect(ana.became("blocked")).to_contain_text("AKIAIOSFODNN7EXAMPLE")
    ana.button("Scheduled").first.click()
    pane = ana.pane("Scheduled messages")
    entry = pane.get_by_role("listitem").filter(has_text="AKIA")
    expect(entry).to_contain_text("Not sent. When it was checked: Blocked.")
    ana.shot("scheduled-stopped")
    entry.get_by_role("button", name="Put away").click()
    expect(pane.get_by_text("Nothing waits to be sent.")).to_be_visible()


def test_a_link_shows_what_it_leads_to_as_text_until_one_hides_it(talk: list[ChatWindow], site: str) -> None:
    ana, ben = talk
    ana.sent(f"have a look: {site}")
    card = ben.message("have a look").get_by_role("group", name="Preview of a link")
    link = card.get_by_role("link", name="Rates stay <where they are>")
    expect(link).to_have_attribute("href", site)
    expect(card).to_contain_text("Daily News")
    expect(card).to_contain_text("The bank holds its rates.")
    expect(card.locator("img")).to_have_count(0)
    ben.shot("link-preview")
    card.get_by_role("button", name="Hide this preview").click()
    expect(card).to_have_count(0)
    expect(ana.message("have a look").get_by_role("group", name="Preview of a link")).to_be_visible()
