"""The chat in every state it has, as :mod:`tests.e2e.screens.test_pages` looks at pages.

What stands here goes by class and place, not by words: it is done in four languages, two of which nobody
speaks.
"""

import re

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from core.types import new_id
from tests.e2e.browser import Window, Windows
from tests.e2e.screens.conftest import House, opened
from tests.e2e.screens.looking import Onlooker
from tests.factories.suite import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

DIALOG, PANE = "dialog[open]", ".pane"


def test_what_was_said_and_what_was_stopped(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = entered(house, windows, onlooker, house.firm.room)
    page = window.page
    expect(page.locator(".stopped").last).to_be_visible()
    onlooker.see(window, "chat-stopped")
    page.locator(".stopped details.whole summary").last.click()
    onlooker.see(window, "chat-why", within=".stopped")
    page.locator(".write textarea").fill("a draft with CL-123456")
    expect(page.locator(".tip")).to_be_visible()
    onlooker.see(window, "chat-tip")
    page.locator(".tip .button").nth(2).click()
    expect(page.locator(".tip > .soft")).to_be_visible()
    onlooker.see(window, "chat-tip-reported", within=".composer")
    page.locator(".write textarea").fill("I can guarantee a return of 9 percent")
    expect(page.locator('.tip[data-verdict="justify"]')).to_be_visible()
    page.locator(".tip .tip-acts .button").nth(1).click()
    onlooker.see(window, "chat-tip-reason", within=".composer")
    page.keyboard.press("Escape")
    page.locator(".write textarea").fill("")
    replies = page.locator(".replies").first
    to_top(page, replies)
    onlooker.see(window, "chat")
    # A true click: nothing lies over it.
    replies.click()
    expect(page.locator(".pane .message").nth(1)).to_be_visible()
    onlooker.see(window, "chat-thread")


def test_messages_of_every_kind_and_what_one_does_with_them(
    house: House, windows: Windows, onlooker: Onlooker
) -> None:
    window = entered(house, windows, onlooker, house.full)
    page = window.page
    expect(page.locator(".files .picture img")).to_have_js_property("complete", value=True)
    onlooker.see(window, "chat-files")
    page.locator(".picture").click()
    expect(page.locator(".viewer img")).to_be_visible()
    onlooker.see(window, "chat-viewer", within=DIALOG)
    page.keyboard.press("Escape")
    to_top(page, page.locator(".message .table"))
    onlooker.see(window, "chat-kinds")
    own = page.locator(".message:has(.table)")
    tool(own, 0)
    onlooker.see(window, "chat-react", within=".list")
    own.locator(".picker .icon-button").click()
    expect(own.locator(".emoji-grid button").nth(20)).to_be_visible()
    onlooker.see(window, "chat-emoji", within=".list")
    page.keyboard.press("Escape")
    tool(own, 3)
    onlooker.see(window, "chat-menu", within=".list")
    page.locator(".menu [role=menuitem].danger").click()
    onlooker.see(window, "chat-delete", within=".list")
    own.locator(".ask .button.quiet").click()
    tool(own, 2)
    expect(page.locator(".edit textarea")).to_be_focused()
    onlooker.see(window, "chat-edit", within=".list")
    page.keyboard.press("Escape")
    from_menu(page, own, 1)
    expect(page.locator(f"{DIALOG} .results li").first).to_be_visible()
    onlooker.see(window, "chat-forward", within=DIALOG)
    page.locator(f"{DIALOG} .results button").first.click()
    onlooker.see(window, "chat-forward-to", within=DIALOG)
    close(page)
    from_menu(page, own, 0)
    expect(page.locator(".quoting")).to_be_visible()
    onlooker.see(window, "chat-quoting", within=".composer")
    page.locator(".quoting .icon-button").click()
    page.locator("button.mark").first.click()
    expect(page.locator(f"{DIALOG} .entry-card").nth(1)).to_be_visible()
    onlooker.see(window, "chat-versions", within=DIALOG)
    close(page)
    page.locator(".author .name").first.click()
    expect(page.locator(f"{DIALOG} .facts")).to_be_visible()
    onlooker.see(window, "chat-profile", within=DIALOG)


def test_panes(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = entered(house, windows, onlooker, house.full)
    page = window.page
    page.locator(".conversation .heading > .button").click()
    expect(page.locator(".details .settings")).to_be_visible()
    page.locator(".details details summary").click()
    expect(page.locator(".history li").first).to_be_visible()
    onlooker.see(window, "chat-details")
    for number, name in ((2, "pins"), (3, "files-list")):
        page.locator(".conversation .heading .menu-frame > button").click()
        page.locator(".conversation .heading [role^=menuitem]").nth(number).click()
        expect(page.locator(".pane li").first).to_be_visible()
        onlooker.see(window, f"chat-{name}")
    for number, name in ((1, "threads"), (2, "mentions"), (3, "scheduled")):
        page.locator(".places .entry").nth(number).click()
        expect(page.locator(".pane .entry-card").first).to_be_visible()
        onlooker.see(window, f"chat-{name}")
    page.locator(".places .entry").first.click()
    onlooker.see(window, "chat-search-empty")
    searched(page, "harbour OR berth", ".found li")
    page.locator(".filters > summary").click()
    onlooker.see(window, "chat-search")
    searched(page, "unheardof", ".found-list [role=status]")
    onlooker.see(window, "chat-search-nothing")
    searched(page, "(", ".found-list [role=alert]")
    onlooker.see(window, "chat-search-refused")


def test_dialogs(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = entered(house, windows, onlooker, house.full)
    page = window.page

    def look(name: str, ready: str) -> None:
        expect(page.locator(f"{DIALOG} {ready}").first).to_be_visible()
        onlooker.see(window, f"chat-{name}", within=DIALOG)

    page.keyboard.press("Control+k")
    look("switcher", ".option")
    close(page)
    page.keyboard.press("Control+/")
    look("keys", "table")
    close(page)
    page.locator(".group-title .icon-button").first.click()
    look("channels", ".channel")
    close(page)
    page.locator(".sidebar .heading button").click()
    look("new", ".results button")
    page.locator(f"{DIALOG} .people-picker input").fill("Tom")
    look("new-barred", ".results .barred")
    page.locator(f"{DIALOG} .results button").first.click()
    page.locator(f"{DIALOG} .button.main").click()
    look("new-refused", "[role=alert]")
    page.locator(f"{DIALOG} .tabs button").nth(1).click()
    look("new-channel", "fieldset")
    close(page)
    page.locator(".conversation .heading .menu-frame > button").click()
    onlooker.see(window, "chat-conversation-menu", within=".conversation")
    page.locator(".conversation .heading [role^=menuitem]").nth(4).click()
    look("dates", "input")
    close(page)
    page.locator(".write textarea").fill("said in time")
    page.locator(".write > .menu-frame > button").last.click()
    onlooker.see(window, "chat-later-menu", within=".composer")
    page.locator(".write [role=menuitem]").nth(-2).click()
    look("later", "input")
    close(page)
    page.locator(".account .menu-frame > button").click()
    onlooker.see(window, "chat-account", within=".account")
    page.locator(".account [role=menuitem]").last.click()
    look("leaving", ".danger")
    close(page)
    page.locator(".write textarea").fill("")


def test_writing(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = entered(house, windows, onlooker, house.full)
    page = window.page
    box = page.locator(".write textarea")
    box.press_sequentially("for @")
    expect(page.locator(".completion .option").first).to_be_visible()
    onlooker.see(window, "chat-completion", within=".composer")
    box.fill("")
    box.press_sequentially("done :shi")
    expect(page.locator(".completion .sign").first).to_be_visible()
    onlooker.see(window, "chat-completion-emoji", within=".composer")
    box.fill("")
    page.locator(".write > .menu-frame > button").first.click()
    expect(page.locator(".emoji-grid button").nth(20)).to_be_visible()
    onlooker.see(window, "chat-emoji-writing", within=".composer")
    page.keyboard.press("Escape")
    page.locator(".write > [aria-pressed]").click()
    expect(page.locator(".formatting button")).to_have_count(9)
    onlooker.see(window, "chat-formatting", within=".composer")
    page.locator(".write > [aria-pressed]").click()
    with page.expect_file_chooser() as choosing:
        page.locator(".attach button").first.click()
    large = FilePayload(
        name="a rather long name of a file that tells what is in it.txt", mimeType="text/plain", buffer=b"x"
    )
    choosing.value.set_files([large, FilePayload(name="nothing.txt", mimeType="text/plain", buffer=b"")])
    expect(page.locator('.tray [data-state="done"]')).to_have_count(1)
    expect(page.locator('.tray [data-state="failed"]')).to_have_count(1)
    onlooker.see(window, "chat-tray", within=".composer")
    page.evaluate(_DRAG_OVER)
    expect(page.locator(".drop-here")).to_be_visible()
    onlooker.see(window, "chat-drop", within=".composer")
    page.locator(".conversation").dispatch_event("dragleave")
    for remove in page.locator(".tray .icon-button").all()[::-1]:
        remove.click()
    box.fill("x" * 9_000 + " word" * 2_201)
    expect(page.locator(".over")).to_be_visible()
    onlooker.see(window, "chat-too-long", within=".composer")
    box.fill("")


def test_without_a_connection_and_without_a_session(
    house: House, windows: Windows, onlooker: Onlooker
) -> None:
    window = opened(windows, onlooker, None)
    window.expect("WebSocket connection to .* failed|net::ERR_")
    page = window.page
    window.goto(f"{house.chat_url}/signin")
    page.locator("[name=username]").fill("ben")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form .button.main").click()
    page.wait_for_url("**/chat*")
    window.goto(f"{house.chat_url}/chat#{house.full}")
    expect(page.locator(".message").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    window.context.set_offline(True)
    expect(page.locator(".banner.warn")).to_be_visible()
    page.locator(".write textarea").fill(f"kept on the device {new_id()[-4:]}")
    page.keyboard.press("Enter")
    expect(page.locator(".message.unsent")).to_be_visible()
    onlooker.see(window, "chat-offline")
    page.locator(".message.unsent .waiting .button").last.click()
    window.context.set_offline(False)
    expect(page.locator(".banner.good")).to_be_visible()
    chat = house.firm.suite.chat()
    ben = house.firm.suite.people["ben"]
    chat.signin.sign_out_everywhere(ben, ben)
    chat.store.close()
    expect(page.locator(f"{DIALOG} input[type=password]")).to_be_visible()
    onlooker.see(window, "chat-signed-out", within=DIALOG)


def test_the_first_day(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = opened(windows, onlooker, house.nia)
    page = window.page
    window.goto(f"{house.chat_url}/chat")
    expect(page.locator(".introduction")).to_be_visible()
    onlooker.see(window, "chat-first-day")
    for number, name in ((1, "threads"), (2, "mentions")):
        page.locator(".places .entry").nth(number).click()
        expect(page.locator(".pane .hint").first).to_be_visible()
        onlooker.see(window, f"chat-{name}-empty")


def test_the_list_alone(house: House, windows: Windows, onlooker: Onlooker) -> None:
    window = entered(house, windows, onlooker, house.full)
    page = window.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator(".only-narrow").first.click()
    expect(page.get_by_role("main").locator(".sidebar")).to_be_visible()
    onlooker.see(window, "chat-list")


def entered(house: House, windows: Windows, onlooker: Onlooker, room: str) -> Window:
    """Open Ana's chat at a conversation."""
    window = opened(windows, onlooker, house.ana)
    window.goto(f"{house.chat_url}/chat#{room}")
    expect(window.page.locator(".list")).to_have_attribute("aria-busy", "false")
    expect(window.page).to_have_url(re.compile(f"#{room}$"))
    # What is drawn later is there too.
    window.page.wait_for_load_state("networkidle")
    return window


def close(page: Page) -> None:
    """Close the dialog that is open."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def tool(message: Locator, number: int) -> None:
    """Use a tool of a message: react, reply, edit, more."""
    message.hover()
    message.locator(".tools .icon-button").nth(number).click()


def from_menu(page: Page, message: Locator, number: int) -> None:
    """Use what stands in the menu of a message: quote, forward, …"""
    tool(message, 3)
    page.locator(".menu [role=menuitem]").nth(number).click()


def searched(page: Page, words: str, ready: str) -> None:
    """Search and wait for what ``ready`` names."""
    page.locator(".search-box input").fill(words)
    page.locator(".search-row .button").click()
    expect(page.locator(ready).first).to_be_visible()


def to_top(page: Page, wanted: Locator) -> None:
    """Go up in the list until something stands there."""
    page.locator(".list").first.evaluate("list => { list.scrollTop = 0; }")
    expect(wanted.first).to_be_visible()


_DRAG_OVER = """() => {
  const data = new DataTransfer();
  data.items.add(new File(['given'], 'given.txt', { type: 'text/plain' }));
  document.querySelector('.conversation').dispatchEvent(
    new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
