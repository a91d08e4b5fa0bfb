"""Finding one's way: to people, to messages, and to what was said long ago."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, WebSocketRoute, expect

from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow, GermanChatWindow

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_the_account_that_set_the_house_up_is_offered_to_nobody(firm: Firm, windows: Windows) -> None:
    ana = firm.open(windows, "ana")
    ana.button("New conversation").first.click()
    dialog = ana.page.get_by_role("dialog", name="New conversation")
    found = dialog.get_by_role("list", name="Found people")
    expect(found.get_by_role("button").filter(has_text="Ben")).to_be_visible()
    dialog.get_by_label("To", exact=True).fill("admin")
    expect(found).to_contain_text("Nobody called “admin” that you can reach.")
    ana.shot("nobody-called-admin")
    ana.page.keyboard.press("Escape")
    ana.page.keyboard.press("Control+k")
    asked = ana.page.get_by_role("dialog", name="Go to")
    asked.get_by_role("combobox").fill("admin")
    expect(asked.get_by_role("status")).to_have_text("Nothing of this name that you can reach.")


def test_a_name_is_completed_and_an_emoji_too(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.composer.press_sequentially("hello @be")
    offered = ana.page.get_by_role("listbox", name="People here").get_by_role("option", selected=True)
    expect(offered).to_contain_text("Ben Okafor")
    ana.shot("completion")
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("hello @ben ")
    ana.composer.press_sequentially(":rocke")
    expect(ana.page.get_by_role("listbox", name="Emoji").get_by_role("option").first).to_contain_text(
        "rocket"
    )
    ana.composer.press("Tab")
    ana.composer.press("Enter")
    expect(ben.hears("hello @Ben Okafor 🚀")).to_have_class(re.compile("mentions-me"))


def test_a_code_that_is_typed_before_the_list_of_emoji_is_there_becomes_its_sign(
    talk: list[ChatWindow],
) -> None:
    ana, ben = talk
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ana.page.route("**/vendor/emoji.json", hold)
    ana.composer.press_sequentially("to the :rocket: moon")
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("")
    expect(ana.composer).to_be_focused()
    expect(ana.message("to the :rocket: moon")).to_be_visible()
    ana.composer.press_sequentially("and back")
    ana.composer.press("Enter")
    ana.shot("code-waits")
    held[0].continue_()
    ben.hears("and back")
    expect(ben.messages.filter(has_text=re.compile("to the|and back"))).to_contain_text(
        ["to the 🚀 moon", "and back"]
    )
    expect(ana.message("to the 🚀 moon")).to_be_visible()
    expect(ana.message("to the :rocket: moon")).to_have_count(0)


def test_a_code_is_sent_as_it_is_where_the_list_of_emoji_does_not_come(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.page.route("**/vendor/emoji.json", lambda _: None)
    ana.composer.press_sequentially("to the :rocket: sun")
    ana.composer.press("Enter")
    ben.hears("to the :rocket: sun")


def test_a_link_to_where_one_is_not_says_so_and_opens_nothing_else(firm: Firm, windows: Windows) -> None:
    unread = firm.room("ana", "ben", name=f"next to it {new_id()[-5:]}")
    foreign = firm.room("ben", "cleo", name=f"not for ana {new_id()[-5:]}")
    ben = firm.open(windows, "ben", unread)
    ben.sent("still to be read")
    ana = firm.open(windows, "ana")
    ana.goto(f"{firm.url}/chat#{foreign}")
    ana.page.reload()
    ana.ready()
    expect(ana.page.get_by_role("heading", level=1)).to_have_text(
        "This link leads to a conversation that you are not in"
    )
    expect(ana.page.get_by_role("button", name="Browse channels").last).to_be_visible()
    expect(ana.log).to_have_count(0)
    ana.shot("link-to-nowhere")


def test_before_people_are_found_nobody_is_said_to_be_missing(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    held: list[Callable[[], None]] = []

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if '["people"' in str(frame):
                held.append(lambda: server.send(frame))
            else:
                server.send(frame)

        socket.on_message(pass_on)

    ana.page.route_web_socket(re.compile("socket.io"), between)
    ana.page.reload()
    expect(ana.log).to_have_attribute("aria-busy", "false")
    ana.button("New conversation").first.click()
    dialog = ana.page.get_by_role("dialog", name="New conversation")
    expect(dialog.get_by_role("status")).to_have_text("Loading…")
    expect(dialog.get_by_text("Nobody else to choose.")).to_have_count(0)
    for let_go in held:
        let_go()
    expect(dialog.get_by_role("button", name=re.compile("Ben Okafor"))).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_count(0)


def test_any_emoji_can_be_a_reaction(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.sent("we did it")
    ben.tool(ben.hears("we did it"), "React")
    ben.button("Another emoji").click()
    ben.page.get_by_label("Find an emoji").fill("party popper")
    expect(ben.button("party popper").first).to_be_visible()
    ben.shot("emoji-picker")
    ben.page.get_by_label("Find an emoji").press("Enter")
    expect(ana.message("we did it").get_by_role("button", name="party popper, Ben Okafor")).to_be_visible()


def test_emoji_go_by_german_names_for_whoever_reads_german(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"emoji {new_id()[-5:]}")
    ben = firm.open(windows, "ben", room)
    ana = firm.open(windows, "ana", room, GermanChatWindow, locale="de-DE")
    ben.tool(ben.sent("we did it"), "React")
    ben.button("Another emoji").click()
    ben.page.get_by_label("Find an emoji").fill("party popper")
    expect(ben.button("party popper").first).to_be_visible()
    ben.page.get_by_label("Find an emoji").press("Enter")
    expect(ana.message("we did it").get_by_role("button", name="Konfettibombe, Ben Okafor")).to_be_visible()
    ana.composer.press_sequentially(":laechel")
    emoji = ana.page.get_by_role("listbox", name="Emoji").get_by_role("option")
    expect(emoji.first).to_contain_text("Gesicht")
    ana.shot("emoji-german")
    ana.composer.fill("")
    ana.composer.press_sequentially(":rocket")
    expect(emoji.first).to_contain_text("Rakete")
    ana.composer.press_sequentially(":")
    expect(ana.composer).to_have_value("🚀 ")


def test_a_message_is_quoted_and_the_quote_leads_back(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.sent("the price is nine")
    ben.menu(ben.hears("the price is nine"), "Quote")
    expect(ben.composer).to_be_focused()
    ben.shot("quoting")
    ben.sent("too much")
    quoting = ana.hears("too much")
    expect(quoting.get_by_text("the price is nine")).to_be_visible()
    quoting.get_by_role("button", name="Go to message").click()
    expect(ana.messages.filter(has_text="the price is nine").first).to_be_focused()
    ana.shot("quote")


def test_a_message_is_forwarded_to_another_conversation(firm: Firm, windows: Windows) -> None:
    here, there = firm.room("ana", "ben", name="from here"), firm.room("ana", "cleo", name="to there")
    ana, cleo = firm.open(windows, "ana", here), firm.open(windows, "cleo", there)
    ana.menu(ana.sent("worth knowing"), "Forward")
    dialog = ana.page.get_by_role("dialog", name="Forward")
    dialog.get_by_label("To", exact=True).fill("to there")
    dialog.get_by_role("button", name="to there").click()
    dialog.get_by_label("Your own words on it (optional)").fill("please read")
    ana.shot("forward")
    dialog.get_by_role("button", name="Forward").click()
    told = cleo.hears("please read")
    expect(told).to_contain_text("worth knowing")
    expect(told.get_by_role("button", name="Go to message")).to_have_count(0)


def test_what_is_pinned_is_listed_for_everybody(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.menu(ana.sent("the number of the desk is 12"), "Pin for everybody here")
    expect(ben.message("the number of the desk").get_by_text("pinned", exact=True)).to_be_visible()
    ben.button("More about this conversation").click()
    ben.page.get_by_role("menuitem", name="Pinned messages").click()
    pane = ben.pane("Pinned messages")
    expect(pane.get_by_text("the number of the desk is 12")).to_be_visible()
    ben.shot("pins")
    pane.get_by_role("button", name="Unpin").click()
    expect(pane.get_by_text("Nothing is pinned here.")).to_be_visible()


def test_ones_threads_and_mentions_are_listed_and_lead_there(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"threads {new_id()[-5:]}")
    ana, ben = firm.both(windows, room)
    ana.say("@ben who takes this?")
    asked = ben.hears("who takes this?")
    ben.tool(asked, "Reply in thread")
    ben.box("Reply", exact=True).fill("I do")
    ben.box("Reply", exact=True).press("Enter")
    expect(ana.message("who takes this?").get_by_role("button", name="1 reply")).to_be_visible()
    ana.button("My threads").click()
    pane = ana.pane("My threads")
    expect(pane.get_by_text("who takes this?").first).to_be_visible()
    ana.shot("threads")
    pane.get_by_role("button", name=re.compile("1 reply")).first.click()
    expect(ana.pane("Thread").get_by_text("I do")).to_be_visible()
    ben.page.keyboard.press("Control+Shift+M")
    mentions = ben.pane("Mentions of you")
    expect(mentions.get_by_text("who takes this?").first).to_be_visible()
    ben.shot("mentions")


def test_a_conversation_is_arranged_for_oneself(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="arranged")
    ana = firm.open(windows, "ana", room)
    for name in ("Favourite", "Mute"):
        ana.button("More about this conversation").click()
        ana.page.get_by_role("menuitemcheckbox", name=name).click()
    entry = ana.page.get_by_role("region", name="Favourites").get_by_role(
        "button", name=re.compile("arranged")
    )
    expect(entry).to_contain_text("muted")
    ana.page.reload()
    ana.ready(room)
    expect(entry).to_contain_text("muted")
    ana.shot("favourites")
    for name in ("Favourite", "Mute"):
        ana.button("More about this conversation").click()
        ana.page.get_by_role("menuitemcheckbox", name=name).click()


def test_the_keys_are_told_in_a_dialog(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.page.keyboard.press("Control+/")
    expect(ana.page.get_by_role("dialog", name="Keys and forms")).to_contain_text("Go to a conversation")
    ana.shot("help-keys")


def test_one_jumps_to_a_date_and_back_to_the_latest(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"dates {new_id()[-5:]}")
    firm.say(room, "ana", "the very first words")
    for number in range(120):
        firm.say(room, "ben", f"line {number}")
    ana = firm.open(windows, "ana", room)
    ana.button("Jump to latest").click()
    ana.hears("line 119")
    ana.button("More about this conversation").click()
    ana.page.get_by_role("menuitem", name="Jump to a date").click()
    dialog = ana.page.get_by_role("dialog", name="Jump to a date")
    ana.shot("dates")
    dialog.get_by_role("button", name="The beginning").click()
    expect(dialog).to_have_count(0)
    ana.hears("the very first words")
    expect(ana.messages.filter(has_text="line 119")).to_have_count(0)
    ana.button("Jump to latest").click()
    ana.hears("line 119")


def test_a_copied_link_leads_to_its_message(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"links {new_id()[-5:]}")
    ana = firm.open(windows, "ana", room, permissions=["clipboard-read", "clipboard-write"])
    ana.menu(ana.sent("this is the place"), "Copy link")
    link = ana.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{firm.url}/chat#{room}/")
    ben = firm.open(windows, "ben", firm.room("ben", "cleo", name=f"elsewhere {new_id()[-5:]}"))
    ben.goto("about:blank")
    ben.goto(link)
    expect(ben.message("this is the place")).to_be_focused()


def test_f6_goes_through_the_parts_of_the_window_and_back(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    ana.composer.focus()
    inside = "(part) => part.contains(document.activeElement)"
    parts = [
        ana.page.get_by_role("navigation", name="Conversations"),
        ana.page.get_by_role("main"),
    ]
    seen = []
    for _ in range(4):
        ana.page.keyboard.press("F6")
        seen.append([part.evaluate(inside) for part in parts].index(True))
    assert set(seen) == {0, 1}
    before = ana.page.evaluate("document.activeElement.outerHTML")
    ana.page.keyboard.press("F6")
    ana.page.keyboard.press("Shift+F6")
    assert ana.page.evaluate("document.activeElement.outerHTML") == before


def test_what_was_read_is_marked_as_unread_from_a_message_on_in_every_window_of_ones_own(
    firm: Firm, windows: Windows
) -> None:
    room, other = firm.room("ana", "ben", name="to be read"), firm.room("ana", "ben", name="else where")
    for text in ("the first", "the second", "the third"):
        firm.say(room, "ben", text)
    ana, elsewhere = firm.open(windows, "ana", room), firm.open(windows, "ana", other)
    entry, seen = (entry_of(each, "to be read") for each in (ana, elsewhere))
    ana.button("Jump to latest").or_(ana.message("the third")).first.click()
    expect(seen).not_to_have_accessible_name(re.compile("unread"))
    ana.menu(ana.message("the second"), "Mark as unread from here on")
    expect(entry).to_have_accessible_name(re.compile("2 unread"))
    expect(seen).to_have_accessible_name(re.compile("2 unread"))
    expect(ana.page.get_by_role("heading", name="New", exact=True)).to_be_visible()
    ana.shot("marked-unread")
    # It stays so while one is there, also for what comes in; whoever comes back reads it.
    firm.say(room, "ben", "the fourth")
    expect(entry).to_have_accessible_name(re.compile("3 unread"))
    ana.enter("else where")
    ana.enter("to be read")
    expect(entry).not_to_have_accessible_name(re.compile("unread"))
    expect(seen).not_to_have_accessible_name(re.compile("unread"))


def test_a_conversation_is_marked_as_unread_by_its_menu_and_by_a_key(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="later on")
    firm.say(room, "ben", "have a look when you can")
    ana = firm.open(windows, "ana", room)
    entry = entry_of(ana, "later on")
    expect(entry).not_to_have_accessible_name(re.compile("unread"))
    ana.button("More about this conversation").click()
    ana.page.get_by_role("menuitem", name="Mark as unread").click()
    expect(entry).to_have_accessible_name(re.compile("1 unread"))
    ana.sent("I have")
    expect(entry).not_to_have_accessible_name(re.compile("unread"))
    ana.message("have a look").focus()
    ana.page.keyboard.press("u")
    expect(entry).to_have_accessible_name(re.compile("1 unread"))


def test_a_link_to_what_one_may_not_see_says_so_inside_the_open_chat(firm: Firm, windows: Windows) -> None:
    foreign = firm.room("ben", "cleo", name="not for ana")
    room = firm.room("ana", "ben", name="many links")
    ana = firm.open(windows, "ana", room)
    ana.sent(f"there: {firm.url}/chat#{foreign}/none and here: {firm.url}/chat#{room}/none")
    there, here = ana.message("there:").get_by_role("link").all()
    here.click()
    gone = ana.page.get_by_role("dialog", name="This message is not here")
    expect(gone).to_contain_text("it was said before you joined, or it is no longer kept")
    ana.shot("link-gone")
    gone.get_by_role("button", name="Go on reading").click()
    expect(ana.composer).to_be_visible()
    there.click()
    lost = ana.page.get_by_role("heading", name="This link leads to a conversation that you are not in")
    expect(lost).to_be_visible()
    ana.shot("link-lost")
    ana.enter("many links")
    ana.page.set_viewport_size({"width": 360, "height": 740})
    there.click()
    expect(lost).to_be_visible()
    ana.shot("link-lost-360")
    ana.button("All conversations").click()
    expect(entry_of(ana, "many links")).to_be_visible()


def test_a_link_to_a_message_leads_there_without_another_window(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="linked to")
    firm.room("ana", "ben", name="linked from")
    firm.say(room, "ben", "the place that is meant")
    ana = firm.open(windows, "ana", room)
    item = ana.hears("the place that is meant").get_attribute("data-key")
    ana.enter("linked from")
    ana.sent(f"see {firm.url}/chat#{room}/{item}")
    ana.message("see ").get_by_role("link").click()
    expect(ana.message("the place that is meant")).to_be_focused()
    assert len(ana.context.pages) == 1


def entry_of(window: ChatWindow, title: str) -> Locator:
    """Return the entry of a conversation in the list."""
    return window.page.get_by_role("navigation").get_by_role("button", name=re.compile(title))
