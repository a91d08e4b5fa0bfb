"""Files in the chat: added, checked, shown, stopped, listed; as sender and reader see them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from core.types import new_id
from tests.e2e.browser import NARROW, Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.e2e.chat.test_search import find, found
from tests.factories.files import pdf, png

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

# An archive of nothing: its end record alone (APPNOTE.TXT, 4.3.16).
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
NOTES = FilePayload(name="minutes of monday.txt", mimeType="text/plain", buffer=b"We meet again on Friday.")
PICTURE = FilePayload(name="harbour.png", mimeType="image/png", buffer=png(1200, 800))


def test_a_text_file_goes_to_the_other_side_and_is_downloaded(talk: list[ChatWindow], tmp_path: Path) -> None:
    ana, ben = talk
    attach(ana, NOTES)
    expect(tray(ana).get_by_text("minutes of monday.txt")).to_be_visible()
    ana.shot("files-tray")
    ana.say("as promised")
    seen = ben.hears("as promised")
    expect(seen.get_by_text("We meet again on Friday.")).to_be_visible()
    with ben.page.expect_download() as loading:
        seen.get_by_role("link", name="Download minutes of monday.txt").click()
    loading.value.save_as(tmp_path / "saved")
    assert loading.value.suggested_filename == "minutes of monday.txt"
    assert (tmp_path / "saved").read_bytes() == NOTES["buffer"]
    ben.shot("files-text")


def test_pictures_are_shown_and_open_in_a_viewer(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, PICTURE, FilePayload(name="pier.png", mimeType="image/png", buffer=png(800, 900)))
    send(ana)
    open_ = ben.page.get_by_role("button", name="Open harbour.png")
    expect(open_.locator("img")).to_have_js_property("complete", value=True)
    ben.shot("files-pictures")
    open_.click()
    viewer = ben.page.get_by_role("dialog", name="harbour.png")
    expect(viewer.get_by_role("img", name="harbour.png")).to_be_visible()
    ben.shot("files-viewer")
    ben.page.keyboard.press("ArrowRight")
    expect(ben.page.get_by_role("dialog", name="pier.png")).to_be_visible()
    ben.page.keyboard.press("Escape")
    expect(ben.page.get_by_role("dialog")).to_have_count(0)
    expect(open_).to_be_focused()


def test_a_picture_that_waits_is_seen_by_its_sender_as_it_lies_on_the_device(
    firm: Firm, talk: list[ChatWindow]
) -> None:
    ana, ben = talk
    with firm.worker_away():
        attach(ana, PICTURE, NOTES)
        ana.say("from the pier")
        waiting = ana.became("checking")
        sight = waiting.locator(".file-card img")
        expect(sight).to_have_count(1)
        expect(sight).to_have_js_property("naturalWidth", 1200)
        expect(sight).to_have_attribute("src", re.compile("^blob:"))
        ana.shot("checking-picture")
        ben.sees_not("from the pier")
    sent = ana.became("sent")
    expect(sent.get_by_role("button", name="Open harbour.png")).to_be_visible()
    expect(ana.page.locator('img[src^="blob:"]')).to_have_count(0)


def test_a_tip_sees_the_name_of_a_file_and_what_is_quoted(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, FilePayload(name="card 4111 1111 1111 1111.txt", mimeType="text/plain", buffer=b"x"))
    expect(ana.page.locator("[data-verdict]")).to_be_visible()
    ana.shot("tip-file-name")
    ana.button("Remove card 4111 1111 1111 1111.txt").click()
    expect(ana.page.locator("[data-verdict]")).to_have_count(0)
    ben.sent("1111 1111 is how it ends")
    ana.menu(ana.hears("is how it ends"), "Quote")
    ana.composer.press_sequentially("and begins with 4111 1111")
    expect(ana.page.locator("[data-verdict]")).to_be_visible()
    ana.shot("tip-quote")
    ana.button("Do not quote it").click()
    expect(ana.page.locator("[data-verdict]")).to_have_count(0)


def test_a_pdf_is_shown_as_a_card_with_its_first_page(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, FilePayload(name="offer.pdf", mimeType="application/pdf", buffer=pdf("Our offer of March")))
    ana.say("the offer")
    card = ben.hears("the offer").get_by_role("link", name="Download offer.pdf")
    expect(card.locator("img")).to_be_visible()
    ben.shot("files-pdf")


def test_what_stands_in_a_file_stops_it_and_nobody_else_sees_it(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    card = FilePayload(name="cards.txt", mimeType="text/plain", buffer=b"pay 4111 1111 1111 1111")
    attach(ana, card)
    ana.say("see inside")
    stopped = ana.became("quarantined")
    expect(stopped).to_contain_text("payment card number")
    expect(stopped).to_contain_text("cards.txt")
    ana.shot("files-stopped")
    ana.sent("anything else?")
    ben.hears("anything else?")
    expect(ben.messages.filter(has_text="see inside")).to_have_count(0)


def test_a_reason_sends_a_file_that_asks_for_one(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    text = b"We guarantee a profit of 10 percent."
    attach(ana, FilePayload(name="brochure.txt", mimeType="text/plain", buffer=text))
    ana.say("our brochure")
    asked = ana.became("needs_reason")
    asked.get_by_label(re.compile("^Your reason")).fill("the client asked for it")
    asked.get_by_role("button", name="Send with this reason").click()
    expect(ben.hears("our brochure").get_by_text("brochure.txt")).to_be_visible()


def test_files_are_pasted_and_dropped(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.composer.focus()
    ana.page.evaluate(GIVE, ["paste", "textarea"])
    expect(tray(ana).get_by_role("listitem")).to_have_count(1)
    ana.page.evaluate(GIVE, ["drop", ".conversation"])
    expect(tray(ana).get_by_role("listitem")).to_have_count(2)
    ana.button("Remove given.txt").first.click()
    expect(tray(ana).get_by_role("listitem")).to_have_count(1)


def test_the_file_that_keeps_a_message_waiting_is_marked(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    attach(ana, NOTES, FilePayload(name="things.zip", mimeType="application/zip", buffer=EMPTY_ZIP))
    ana.say("both of them")
    card = ana.became("quarantined")
    marked = card.locator(".file-card").filter(has_text="could not be read")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("things.zip")
    ana.shot("files-unread")


def test_ctrl_u_opens_the_picker(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    # The driver begins to listen for choosers in its own time; a key is pressed without waiting for that.
    ana.page.on("filechooser", lambda _: None)
    ana.page.evaluate("document.title")
    with ana.page.expect_file_chooser() as choosing:
        ana.page.keyboard.press("Control+u")
    choosing.value.set_files([NOTES])
    expect(tray(ana).get_by_text("minutes of monday.txt")).to_be_visible()


def test_what_is_in_the_tray_is_there_after_a_reload(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    big = FilePayload(name="film.txt", mimeType="text/plain", buffer=("ü" * 9 + "\n").encode() * 80_000)
    attach(ana, big)
    ana.page.reload()
    expect(tray(ana).get_by_text("film.txt")).to_be_visible()
    ana.say("after a reload")
    expect(ben.hears("after a reload").get_by_text("film.txt")).to_be_visible()


def test_an_upload_goes_on_when_the_network_is_back(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.expect("ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|WebSocket")
    ana.drop()
    attach(ana, NOTES)
    expect(tray(ana).get_by_text("Waiting for the connection…")).to_be_visible()
    ana.context.set_offline(False)
    expect(tray(ana).locator('[data-state="done"]')).to_be_visible()
    ana.say("late but whole")
    ben.hears("late but whole")


def test_a_file_that_is_too_large_says_so_in_its_place(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    attach(ana, FilePayload(name="nothing.txt", mimeType="text/plain", buffer=b""), done=False)
    expect(tray(ana).get_by_text("This file is empty.")).to_be_visible()
    ana.shot("files-refused")


EMPTY = FilePayload(name="nothing.txt", mimeType="text/plain", buffer=b"")


def test_a_file_that_failed_is_missed_before_the_rest_is_sent(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, NOTES, EMPTY, done=False)
    failed = tray(ana).locator('[data-state="failed"]')
    expect(failed.get_by_role("button", name="Remove nothing.txt")).to_be_visible()
    # An empty file is refused again: nobody is offered to try.
    expect(failed.get_by_role("button", name="Retry")).to_have_count(0)
    expect(tray(ana).locator('[data-state="done"]')).to_have_count(1)
    ana.say("both of them")
    told = ana.page.get_by_role("alert").filter(has_text="1 file was not uploaded")
    expect(told).to_be_visible()
    expect(ana.composer).to_be_focused()
    expect(ana.composer).to_have_value("both of them")
    ana.shot("files-missing")
    ben.sees_not("both of them")
    told.get_by_role("button", name="Send without it").click()
    expect(ben.hears("both of them")).to_contain_text("minutes of monday.txt")
    expect(tray(ana)).to_have_count(0)
    expect(ana.composer).to_have_value("")


def test_words_go_when_the_only_file_failed_and_was_removed(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, EMPTY, done=False)
    expect(tray(ana).locator('[data-state="failed"]')).to_have_count(1)
    ana.say("never mind the file")
    told = ana.page.get_by_role("alert").filter(has_text="1 file was not uploaded")
    expect(told).to_be_visible()
    ana.button("Remove nothing.txt").click()
    expect(told).to_have_count(0)
    send(ana)
    ben.hears("never mind the file")


def test_a_file_that_failed_is_tried_again(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.expect("status of 429|status of 409")
    refused = {"ok": False, "code": "client_id_reused", "retryable": False, "message": "Add the file again."}
    ana.page.route("**/api/files", lambda route: route.fulfill(status=409, json=refused), times=1)
    attach(ana, NOTES, done=False)
    ana.say("with the minutes")
    told = ana.page.get_by_role("alert").filter(has_text="1 file was not uploaded")
    told.get_by_role("button", name="Retry").click()
    expect(told).to_have_count(0)
    expect(tray(ana).locator('[data-state="done"]')).to_have_count(1)
    send(ana)
    expect(ben.hears("with the minutes")).to_contain_text("minutes of monday.txt")


def test_the_files_of_a_conversation_are_listed(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, NOTES)
    ana.say("for the list")
    ben.hears("for the list")
    ben.button("More about this conversation").click()
    ben.page.get_by_role("menuitem", name="Files").click()
    pane = ben.pane("Files")
    expect(pane.get_by_text("minutes of monday.txt")).to_be_visible()
    ben.shot("files-list")


def test_a_forwarded_message_takes_its_files_along(
    firm: Firm, windows: Windows, talk: list[ChatWindow]
) -> None:
    ana, ben = talk
    there, name = elsewhere(firm)
    attach(ana, NOTES)
    ana.say("worth passing on")
    ben.hears("worth passing on")
    dialog = forwarding(ben, ben.message("worth passing on"))
    expect(dialog.get_by_role("list", name="Files")).to_contain_text("minutes of monday.txt")
    expect(dialog).to_contain_text("1 file goes along. All of it is checked again for the people there")
    choose(dialog, name)
    ben.shot("forward-files")
    dialog.get_by_role("button", name="Forward", exact=True).click()
    cleo = firm.open(windows, "cleo", there)
    seen = cleo.hears("worth passing on")
    expect(seen.get_by_text("forwarded")).to_be_visible()
    with cleo.page.expect_download() as loading:
        seen.get_by_role("link", name="Download minutes of monday.txt").click()
    assert Path(loading.value.path()).read_bytes() == NOTES["buffer"]
    ben.hears("worth passing on")
    cleo.shot("forwarded-files")


def test_a_message_of_nothing_but_a_picture_is_forwarded(
    firm: Firm, windows: Windows, talk: list[ChatWindow]
) -> None:
    ana, ben = talk
    there, name = elsewhere(firm)
    attach(ana, PICTURE)
    send(ana)
    # The outer one: the pictures of a message are a list themselves.
    picture = ben.page.get_by_role("button", name="Open harbour.png")
    expect(picture).to_be_visible()
    dialog = forwarding(ben, ben.messages.filter(has=picture).first)
    choose(dialog, name)
    ben.shot("forward-only-files")
    dialog.get_by_role("button", name="Forward", exact=True).click()
    cleo = firm.open(windows, "cleo", there)
    expect(cleo.page.get_by_role("button", name="Open harbour.png")).to_be_visible()
    cleo.shot("forwarded-only-files")


def test_what_stands_in_a_forwarded_file_asks_whoever_forwards_it(
    firm: Firm, windows: Windows, talk: list[ChatWindow]
) -> None:
    ana, ben = talk
    there, name = elsewhere(firm)
    offer = FilePayload(
        name="offer.txt", mimeType="text/plain", buffer=b"We guarantee a profit of 10 percent."
    )
    attach(ana, offer)
    ana.say("the brochure")
    asked = ana.became("needs_reason")
    asked.get_by_label("Your reason").fill("The client asked for it.")
    asked.get_by_role("button", name="Send with this reason").click()
    ben.hears("the brochure")
    dialog = forwarding(ben, ben.message("the brochure"))
    choose(dialog, name)
    dialog.get_by_role("button", name="Forward", exact=True).click()
    asked = ben.became("needs_reason")
    expect(asked.get_by_text("the brochure")).to_be_visible()
    expect(asked.get_by_text("offer.txt")).to_be_visible()
    expect(asked.get_by_role("button", name="Edit")).to_have_count(0)
    ben.shot("forward-asked")
    asked.get_by_label("Your reason").fill("Cleo needs it, too.")
    asked.get_by_role("button", name="Send with this reason").click()
    cleo = firm.open(windows, "cleo", there)
    expect(cleo.hears("the brochure").get_by_role("link", name="Download offer.txt")).to_be_visible()


def test_a_message_is_found_by_its_file_which_is_named(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    deep = FilePayload(
        name="report.txt", mimeType="text/plain", buffer=b"Nothing new. " * 60 + b"The kittiwake landed."
    )
    attach(ana, deep)
    ana.say("the report")
    ben.hears("the report")
    find(ben, "kittiwake")
    expect(found(ben)).to_contain_text("In the file report.txt")
    expect(found(ben).locator("mark")).to_have_text("kittiwake")
    ben.shot("search-file")


def test_messages_with_a_file_are_found_alone(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    word = f"grebe{new_id()[-6:]}"
    ana.say(f"{word} alone")
    attach(ana, NOTES)
    ana.say(f"{word} with a file")
    ben.hears(f"{word} with a file")
    find(ben, word, 2)
    ben.page.get_by_text("Filters", exact=True).click()
    ben.page.get_by_label("With a file").check()
    ben.page.keyboard.press("Enter")
    expect(found(ben)).to_have_count(1)
    expect(found(ben)).to_contain_text(f"{word} with a file")
    expect(ben.page.get_by_text("1 filter", exact=True)).to_be_visible()
    ben.shot("search-with-a-file")


def test_who_is_no_member_gets_no_file(firm: Firm, windows: Windows, talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, NOTES)
    ana.say("not for Tom")
    address = ben.hears("not for Tom").get_by_role("link", name=re.compile("^Download")).get_attribute("href")
    tom = firm.open(windows, "tom")
    told = tom.page.request.get(f"{firm.url}{address}")
    assert told.status == 404


def elsewhere(firm: Firm) -> tuple[str, str]:
    """Return a channel of Ben and Cleo, and its name."""
    name = f"harbour {new_id()[-6:]}"
    return firm.room("ben", "cleo", name=name), name


def choose(dialog: Locator, name: str) -> None:
    """Choose where a message goes."""
    dialog.get_by_label("To").fill(name)
    dialog.get_by_role("button", name=name).click()


def forwarding(window: ChatWindow, message: Locator) -> Locator:
    """Open the dialog that forwards a message."""
    window.menu(message, "Forward")
    return window.page.get_by_role("dialog", name="Forward")


def tray(window: ChatWindow) -> Locator:
    return window.page.get_by_role("list", name="Files of your message")


def attach(window: ChatWindow, *files: FilePayload, done: bool = True) -> None:
    with window.page.expect_file_chooser() as choosing:
        window.button("Add files").first.click()
    choosing.value.set_files(list(files))
    if done and not window.page.evaluate("!navigator.onLine"):
        expect(tray(window).locator('[data-state="done"]')).to_have_count(len(files))


def send(window: ChatWindow) -> None:
    window.button("Send").first.click()


GIVE = """([kind, where]) => {
  const data = new DataTransfer();
  data.items.add(new File(['given'], 'given.txt', { type: 'text/plain' }));
  const given = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(where).dispatchEvent(given);
}"""


def test_files_fit_on_a_telephone_and_in_the_dark(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="harbour")
    ana = firm.open(windows, "ana", room, size=NARROW, scheme="dark")
    attach(ana, PICTURE, NOTES)
    ana.shot("files-tray-narrow-dark")
    ana.say("both of them")
    seen = ana.message("both of them")
    expect(seen.get_by_role("button", name="Open harbour.png").locator("img")).to_have_js_property(
        "complete", value=True
    )
    ana.shot("files-narrow-dark")
    assert ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
