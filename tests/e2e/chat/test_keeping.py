"""What one wrote is still there after a reload, a crash, and in another tab; and nothing after signing out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.factories.suite import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

_LOST = "WebSocket connection to .* failed"
_OFFLINE = "net::ERR_INTERNET_DISCONNECTED"

KEPT = """async () => {
  const database = await new Promise((done) => {
    const asked = indexedDB.open('chancery');
    asked.onsuccess = () => done(asked.result);
  });
  if (!database.objectStoreNames.length) return [];
  const stores = database.transaction(['drafts', 'outbox']);
  const all = (name) => new Promise((done) => {
    const asked = stores.objectStore(name).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const found = [...await all('drafts'), ...(await all('outbox')).map((entry) => entry.text)];
  database.close();
  return found;
}"""


def kept(page: Page) -> list[str]:
    """Return every text that lies on this device."""
    found: list[str] = page.evaluate(KEPT)
    return found


def test_a_draft_survives_a_reload_and_shows_in_the_list_of_another_conversation(
    firm: Firm, windows: Windows
) -> None:
    room, other = firm.room("ana", "ben", name="draft here"), firm.room("ana", "ben", name="not there")
    ana = firm.open(windows, "ana", room)
    ana.composer.press_sequentially("half a thought")
    ana.page.reload()
    ana.ready(room)
    expect(ana.composer).to_have_value("half a thought")
    ana.page.goto(f"{firm.url}/chat#{other}")
    expect(
        ana.page.get_by_role("navigation").get_by_role("button", name=re.compile("draft here"))
    ).to_contain_text("draft")
    ana.shot("list-with-draft")


def test_what_waits_offline_survives_a_reload_and_arrives_once_and_in_order(
    talk: list[ChatWindow], firm: Firm
) -> None:
    ana, ben = talk
    for pattern in (_LOST, _OFFLINE):
        ana.expect(pattern)
    room = ana.page.url.split("#")[1]
    ana.drop()
    ana.sees("You’re offline.")
    for text in ("one of three", "two of three", "three of three"):
        ana.say(text)
    ana.sees("3 messages are kept on this device; they will be checked and sent in order.")
    ana.message("two of three").get_by_role("button", name="Edit").click()
    ana.box("Change your waiting message").fill("two of three, mended")
    ana.box("Change your waiting message").press("Enter")
    ana.shot("offline-three-waiting")
    ana.message("three of three").get_by_role("button", name="Discard").click()
    expect(ana.messages.filter(has_text="three of three")).to_have_count(0)
    # The page dies, as in a crash: nothing of it can run any more.
    ana.page.close()
    ana.context.set_offline(False)
    ana.page = ana.context.new_page()
    ana.goto(f"{firm.url}/chat#{room}")
    ana.ready(room)
    for window in (ana, ben):
        for text in ("one of three", "two of three, mended"):
            expect(window.messages.filter(has_text=text)).to_have_count(1)
            expect(window.message(text)).to_have_attribute("data-state", "sent")
    told = [text for text in ben.messages.all_inner_texts() if "of three" in text]
    assert ["one" in text for text in told] == [True, False]
    assert kept(ana.page) == []


def test_of_two_tabs_one_sends_and_both_show_it(talk: list[ChatWindow], firm: Firm) -> None:
    ana, ben = talk
    room = ana.page.url.split("#")[1]
    second = ana.context.new_page()
    second.goto(f"{firm.url}/chat#{room}")
    box = second.get_by_role("textbox", name=re.compile("^Message "))
    expect(box).to_be_visible()
    ana.composer.press_sequentially("typed in one tab")
    expect(box).to_have_value("typed in one tab")
    box.press("Enter")
    ben.hears("typed in one tab")
    for page in (ana.page, second):
        expect(page.get_by_role("log").get_by_text("typed in one tab")).to_have_count(1)
    expect(ana.composer).to_have_value("")


def test_nothing_stays_on_the_device_after_signing_out(firm: Firm, windows: Windows) -> None:
    room = firm.room("tom", "ida", name="for tom")
    tom = firm.open(windows, "tom", room)
    tom.composer.press_sequentially("nobody else’s business")
    tom.account("Sign out")
    dialog = tom.page.get_by_role("dialog", name="Sign out?")
    expect(dialog).to_contain_text("1 draft")
    tom.shot("signing-out-with-a-draft")
    dialog.get_by_role("button", name="Sign out and forget them").click()
    tom.sees("You are signed out.")
    assert kept(tom.page) == []
    firm.forget("tom")


def test_who_signs_in_next_finds_nothing_of_whoever_was_here(firm: Firm, windows: Windows) -> None:
    room = firm.room("cleo", "ida", name="for cleo")
    cleo = firm.open(windows, "cleo", room)
    cleo.expect(_LOST)
    cleo.composer.press_sequentially("mine alone")
    expect(cleo.composer).to_have_value("mine alone")
    firm.services.signin.sign_out_everywhere(firm.suite.people["cleo"], "test")
    expect(cleo.page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    assert kept(cleo.page) == ["mine alone"]
    firm.forget("cleo")
    cleo.sign_in(firm.url, "ida", PASSWORD)
    cleo.page.wait_for_url("**/chat*")
    cleo.ready()
    assert kept(cleo.page) == []


def test_enter_while_an_input_method_composes_sends_nothing(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.composer.focus()
    session = ana.context.new_cdp_session(ana.page)
    session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    ana.composer.press("Enter")
    expect(ana.messages.filter(has_text="にほん")).to_have_count(0)
    ana.composer.fill("日本")
    ana.composer.press("Enter")
    ben.hears("日本")


def test_after_ten_minutes_asleep_everything_is_there_without_a_reload(
    talk: list[ChatWindow], firm: Firm
) -> None:
    ana, ben = talk
    ben.expect(_LOST)
    ben.expect(_OFFLINE)
    session = ben.context.new_cdp_session(ben.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    for number in range(3):
        ana.sent(f"while he slept {number}")
    session.send("Page.setWebLifecycleState", {"state": "active"})
    for number in range(3):
        ben.hears(f"while he slept {number}")
