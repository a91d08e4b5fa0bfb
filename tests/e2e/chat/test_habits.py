"""What people do without thinking, because other chats let them: nothing is lost by it, and nothing surprises."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.types import new_id
from tests.e2e.browser import NARROW, Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.e2e.chat.test_search import find, found

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

PASTE = """(box, given) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(given.texts)) data.setData(type, text);
  if (given.picture) data.items.add(new File([new Uint8Array([137, 80, 78, 71])], 'image.png', { type: 'image/png' }));
  const pasted = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
  return !box.dispatchEvent(pasted);
}"""


def _may_copy(window: ChatWindow) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])


def _clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def _is_in_view(part: Locator) -> None:
    expect(part).to_be_in_viewport(ratio=0.99)


def test_cells_of_a_spreadsheet_become_a_table_and_no_picture(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.write("the figures:")
    texts = {
        "text/html": "<table><tr><td>Name</td><td>Q1</td></tr><tr><td>Orlin</td><td>5,3</td></tr></table>",
        "text/plain": "Name\tQ1\r\nOrlin\t5,3\r\n",
    }
    assert ana.composer.evaluate(PASTE, {"texts": texts, "picture": True})
    expect(ana.composer).to_have_value("the figures:\n| Name | Q1 |\n| --- | --- |\n| Orlin | 5,3 |\n")
    expect(ana.page.get_by_role("list", name="Files of your message")).to_have_count(0)
    ana.composer.press("Enter")
    expect(ben.hears("Orlin").get_by_role("cell", name="5,3")).to_be_visible()


def test_words_of_an_office_program_are_pasted_as_words_though_a_picture_is_beside_them(
    talk: list[ChatWindow],
) -> None:
    ana, _ = talk
    ana.write("it is ")
    texts = {"text/html": "<p>very <b>bold</b></p>", "text/plain": "very bold"}
    assert ana.composer.evaluate(PASTE, {"texts": texts, "picture": True})
    expect(ana.composer).to_have_value("it is very **bold**")
    plain = {"text/html": "<p>plain</p>", "text/plain": "plain"}
    assert not ana.composer.evaluate(PASTE, {"texts": plain, "picture": True})
    expect(ana.page.get_by_role("list", name="Files of your message")).to_have_count(0)
    assert ana.composer.evaluate(PASTE, {"texts": {"text/html": "<img src=x>"}, "picture": True})
    expect(ana.page.get_by_role("list", name="Files of your message")).to_contain_text("image.png")


def test_whoever_is_taken_out_of_a_channel_is_told_and_keeps_what_they_were_writing(
    talk: list[ChatWindow],
) -> None:
    ana, ben = talk
    ben.write("half a thought")
    title = ben.page.get_by_role("heading", level=1).inner_text()
    ana.button("Who can read this?").click()
    details = ana.pane("Who can read this?")
    expect(details.get_by_role("button", name="Remove Ana")).to_have_count(0)
    details.get_by_role("button", name="Remove Ben").click()
    asked = details.get_by_role("group", name="Remove Ben")
    ana.shot("removing")
    asked.get_by_role("button", name="Remove", exact=True).click()
    expect(ana.log).to_contain_text("removed Ben")
    expect(details.get_by_role("button", name="Remove Ben")).to_have_count(0)
    expect(ben.page.get_by_text(f"You are no longer in {title}")).to_be_visible()
    expect(ben.page.get_by_role("group", name="What you had begun to write")).to_contain_text(
        "half a thought"
    )
    ben.shot("removed")


def test_what_one_writes_is_given_back_when_the_channel_is_closed_meanwhile(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    _may_copy(ben)
    ben.write("a long answer, nearly done")
    ana.button("Who can read this?").click()
    details = ana.pane("Who can read this?")
    details.get_by_role("button", name="Close for everybody").click()
    details.get_by_role("button", name="Close for everybody").last.click()
    left = ben.page.get_by_role("group", name="What you had begun to write")
    expect(left).to_contain_text("a long answer, nearly done")
    ben.shot("closed-while-writing")
    left.get_by_role("button", name="Copy text").click()
    expect(ben.page.get_by_text("Text copied")).to_be_visible()
    assert _clipboard(ben.page) == "a long answer, nearly done"
    left.get_by_role("button", name="Discard").click()
    expect(left).to_have_count(0)


def test_a_message_changed_or_deleted_in_another_window_says_so_where_it_is_edited(
    firm: Firm, windows: Windows
) -> None:
    room = firm.room("ana", "ben", name=f"room {new_id()[-6:]}")
    here, there = firm.both(windows, room, ("ana", "ana"))
    here.sent("first words")
    there.tool(there.hears("first words"), "Edit")
    box = there.page.get_by_role("textbox", name="Edit your message")
    box.fill("a long rework")
    here.tool(here.message("first words"), "Edit")
    other = here.page.get_by_role("textbox", name="Edit your message")
    other.fill("second words")
    other.press("Enter")
    expect(there.log.get_by_role("alert")).to_contain_text("Others now see:")
    expect(there.log.get_by_role("alert")).to_contain_text("second words")
    there.shot("edited-elsewhere")
    here.menu(here.message("second words"), "Delete")
    here.log.get_by_role("button", name="Delete", exact=True).click()
    expect(there.log.get_by_role("alert")).to_contain_text("was deleted meanwhile")
    expect(box).to_have_value("a long rework")
    expect(there.button("Save")).to_have_count(0)
    there.shot("deleted-elsewhere")
    box.press("Escape")
    expect(there.log).to_contain_text("This message was deleted.")


def test_a_conversation_opens_at_its_end_whatever_is_in_it(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    for number in range(4):
        ana.say(f"card {number}: the key is AKIAQ3EGRZ7XK2WNDT5B")
        ana.became("blocked")
        _is_in_view(ana.messages.last.get_by_role("button", name="Put away"))
        ana.say(f"words {number}")
    for _ in range(3):
        ana.page.reload()
        expect(ana.log).to_have_attribute("aria-busy", "false")
        ana.page.wait_for_load_state("networkidle")
        _is_in_view(ana.message("words 3"))
        expect(ana.button("Jump to latest")).to_have_count(0)


def test_the_last_message_of_ones_own_is_seen_when_it_is_edited_from_the_box(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.sent("mine, long ago")
    for number in range(60):
        ben.say(f"answer {number}")
    ana.hears("answer 59")
    ana.composer.press("ArrowUp")
    box = ana.page.get_by_role("textbox", name="Edit your message")
    expect(box).to_be_focused()
    _is_in_view(box)


def test_a_withdrawn_message_can_be_written_anew(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.say("IBAN GB82WEST12345698765432, DE89370400440532013000, FR1420041010050500013M02606")
    waiting = ana.became("quarantined")
    waiting.get_by_role("button", name="Withdraw").click()
    ana.became("withdrawn").get_by_role("button", name="Edit").click()
    expect(ana.composer).to_have_value(re.compile("^IBAN GB82"))


def test_copying_says_that_it_was_done(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    _may_copy(ana)
    ana.menu(ana.sent("copy me"), "Copy link")
    expect(ana.page.get_by_text("Link copied")).to_be_visible()
    ana.shot("copied")
    assert ana.page.url.split("#")[0] in _clipboard(ana.page)


def test_back_on_a_telephone_closes_what_lies_over_the_conversation(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"room {new_id()[-6:]}")
    word = f"osprey{new_id()[-6:]}"
    firm.say(room, "ben", f"the {word} was here")
    ana = firm.open(windows, "ana", room, size=NARROW, has_touch=True)
    ana.button("Who can read this?").click()
    expect(ana.page.get_by_role("main", name="Who can read this?")).to_be_visible()
    ana.page.go_back()
    expect(ana.composer).to_be_visible()
    # By its own button too, and Back then leads to what was before.
    ana.button("Who can read this?").click()
    ana.page.get_by_role("main", name="Who can read this?").get_by_role(
        "button", name="Close", exact=True
    ).click()
    expect(ana.composer).to_be_visible()
    ana.button("All conversations").click()
    find(ana, word)
    found(ana).get_by_role("button").click()
    expect(ana.composer).to_be_visible()
    ana.page.go_back()
    expect(found(ana)).to_have_count(1)
    ana.page.go_back()
    expect(ana.page.get_by_role("navigation", name="Conversations")).to_be_visible()


def test_the_tools_of_the_newest_message_are_in_view_on_a_telephone(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"room {new_id()[-6:]}")
    for number in range(30):
        firm.say(room, "ben", f"line {number}")
    ana = firm.open(windows, "ana", room, size=NARROW, has_touch=True, is_mobile=True)
    # It opens where one had read to.
    ana.button("Jump to latest").click()
    newest = ana.hears("line 29")
    newest.get_by_role("button", name="More", exact=True).tap()
    _is_in_view(newest.get_by_role("button", name="React"))
    _is_in_view(newest.get_by_role("button", name="More actions"))


def test_people_are_chosen_and_begun_with_by_enter_alone(firm: Firm, windows: Windows) -> None:
    ida = firm.open(windows, "ida")
    ida.button("New conversation").first.click()
    to = ida.page.get_by_role("dialog").get_by_label("To")
    for name in ("Ben Okafor", "Cleo Lindqvist"):
        to.fill(name)
        expect(ida.page.get_by_role("list", name="Found people").get_by_role("button")).to_have_count(1)
        to.press("Enter")
    expect(ida.page.get_by_role("list", name="Chosen").get_by_role("listitem")).to_have_count(2)
    to.press("Enter")
    expect(ida.page.get_by_role("heading", name="Ben Okafor, Cleo Lindqvist")).to_be_visible()
    ida.button("3 people").click()
    expect(ida.pane("Who can read this?")).to_be_visible()


def test_what_one_wrote_in_a_conversation_that_one_left_is_given_back(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.write("half a thought")
    ana.button("Who can read this?").click()
    details = ana.pane("Who can read this?")
    details.get_by_role("button", name="Leave").click()
    details.get_by_role("button", name="Leave").last.click()
    left = ana.page.get_by_role("group", name="What you had begun to write")
    expect(left).to_contain_text("half a thought")
    left.get_by_role("button", name="Discard").click()
    expect(left).to_have_count(0)


def test_whoever_closes_what_covered_the_box_writes_on(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"room {new_id()[-6:]}")
    ana = firm.open(windows, "ana", room, size=(1000, 760))
    ana.button("Who can read this?").click()
    expect(ana.page.get_by_role("main", name="Who can read this?")).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(ana.composer).to_be_focused()
