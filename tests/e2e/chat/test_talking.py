"""Two people talk, each in a browser."""

import re

import pytest
from playwright.sync_api import expect

from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow, GermanChatWindow
from tests.factories.long_talk import fill

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

MARKUP = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "**<b>bold</b>** `<i>` {{7*7}} ${1}",
]


def test_what_one_says_the_other_reads_with_its_form(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.say("did you see the **Q3 draft**?")
    expect(ana.became("sent")).to_contain_text("did you see the Q3 draft?")
    expect(ben.hears("did you see").get_by_text("Q3 draft")).to_have_css("font-weight", "700")
    ben.sent("reading it now")
    ana.hears("reading it now")
    ana.shot("talk")


def test_who_writes_is_seen_to_write_until_it_is_sent(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.composer.press_sequentially("soon")
    ben.sees("Ana Ribeiro is writing…")
    ana.composer.press("Enter")
    ben.hears("soon")
    ben.sees_not("Ana Ribeiro is writing…")


def test_what_comes_elsewhere_is_counted_and_a_mention_stands_out(firm: Firm, windows: Windows) -> None:
    quiet, busy = firm.room("ben", "cleo", name="quiet market"), firm.room("ana", "ben", name="busy market")
    ben = firm.open(windows, "ben", quiet)
    ana = firm.open(windows, "ana", busy)
    ana.sent("prices are in")
    ana.say("@ben please look")
    ana.hears("@Ben Okafor please look")
    entry = ben.page.get_by_role("navigation").get_by_role("button", name=re.compile("busy market"))
    expect(entry).to_have_accessible_name(re.compile("@1 mentions.*2 unread"))
    expect(ben.page).to_have_title(re.compile(r"^\(\d+\) "))
    ben.enter("busy market")
    expect(ben.page.get_by_role("heading", name="New", exact=True)).to_be_visible()
    expect(entry).not_to_have_accessible_name(re.compile("unread"))


def test_a_reaction_and_a_reply_in_a_thread_reach_the_other(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.sent("lunch at one?")
    asked = ben.hears("lunch at one?")
    ben.tool(asked, "React")
    asked.get_by_role("button", name="thumbs up", exact=True).click()
    expect(ana.message("lunch at one?").get_by_role("button", name="thumbs up, Ben Okafor")).to_be_visible()
    ben.tool(asked, "Reply in thread")
    ben.box("Reply", exact=True).fill("make it two")
    ben.box("Reply", exact=True).press("Enter")
    ana.message("lunch at one?").get_by_role("button", name="1 reply").click()
    expect(ana.pane("Thread").get_by_text("make it two")).to_be_visible()


def test_what_opens_at_a_message_closes_with_escape_and_a_click_elsewhere(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    said = ana.sent("tea or coffee?")
    reactions = said.get_by_role("group", name="Reactions", exact=True)
    question = said.get_by_role("group", name="Delete this message?")
    ana.tool(said, "React")
    expect(reactions).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(reactions).to_have_count(0)
    expect(said.get_by_role("button", name="React", exact=True)).to_be_focused()
    ana.tool(said, "React")
    expect(reactions).to_be_visible()
    ana.composer.click()
    expect(reactions).to_have_count(0)
    ana.menu(said, "Delete")
    expect(question).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    ana.menu(said, "Delete")
    ana.composer.click()
    expect(question).to_have_count(0)
    expect(said).to_contain_text("tea or coffee?")


def test_an_edit_replaces_and_a_deletion_leaves_a_note_for_both(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.tool(ana.sent("see you at nine"), "Edit")
    ana.box("Edit your message").fill("see you at ten")
    ana.box("Edit your message").press("Enter")
    expect(ben.message("see you at ten").get_by_text("edited", exact=True)).to_be_visible()
    ben.sees_not("see you at nine")
    ana.menu(ana.message("see you at ten"), "Delete")
    ana.button("Delete", exact=True).last.click()
    ben.hears("This message was deleted.")
    ben.sees_not("see you at ten")


def test_markup_stays_text_in_messages_names_and_topics(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=MARKUP[0])
    ana, ben = firm.both(windows, room)
    for text in MARKUP:
        ana.say(text)
    for window in (ana, ben):
        for text in ("<img src=x", "<script>alert(1)</script>", "click", "<b>bold</b>"):
            window.hears(text)
        expect(window.page.get_by_role("heading", name=MARKUP[0], level=1)).to_be_visible()
        assert (
            window.page.locator("#app").locator("img, script, iframe, b, a[href^='javascript']").count() == 0
        )
    ana.button("Who can read this?").click()
    ana.page.get_by_label("Topic", exact=True).fill(MARKUP[1])
    ana.button("Save topic").click()
    ben.sees(MARKUP[1])


def test_a_channel_is_found_joined_left_and_closed(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", name="open desk")
    ana, ben = firm.open(windows, "ana", room), firm.open(windows, "ben")
    ana.sent("before he came")
    ben.button("Browse channels").first.click()
    ben.button("Join open desk").click()
    ben.sees("You joined here.")
    ben.sees_not("before he came")
    ana.hears("joined")
    ben.button("Who can read this?").click()
    ben.button("Leave", exact=True).click()
    ben.button("Leave", exact=True).click()
    ana.hears("left")
    ana.button("Who can read this?").click()
    ana.button("Close for everybody").click()
    ana.button("Close for everybody").click()
    ana.sees("This channel is closed.")


def test_a_name_that_a_channel_has_is_refused_with_what_one_can_do(firm: Firm, windows: Windows) -> None:
    ours = f"berth {new_id()[-5:]}"
    firm.room("ana", "ben", name=ours)
    cleo, german = (
        firm.open(windows, "cleo"),
        firm.open(windows, "ben", kind=GermanChatWindow, locale="de-DE"),
    )
    cleo.start(channel=ours.replace(" ", "-").upper())
    refused = cleo.page.get_by_role("dialog").get_by_role("alert")
    expect(refused).to_contain_text("There is a channel of this name already. Look for it among the channels")
    cleo.shot("name-taken")
    cleo.page.get_by_label("Name", exact=True).fill(f"{ours} two")
    expect(refused).to_have_count(0)
    cleo.button("Make channel").click()
    expect(cleo.page.get_by_role("heading", name=f"{ours} two", level=1)).to_be_visible()
    cleo.button("Who can read this?").click()
    cleo.page.get_by_label("Name", exact=True).fill(ours)
    cleo.button("Save name").click()
    expect(cleo.page.get_by_role("alert")).to_contain_text("There is a channel of this name already.")
    expect(cleo.page.get_by_role("heading", name=f"{ours} two", level=1)).to_be_visible()
    german.button("Neue Unterhaltung").first.click()
    german.button("Kanal anlegen").first.click()
    german.page.get_by_label("Name", exact=True).fill(ours)
    german.button("Kanal anlegen").last.click()
    expect(german.page.get_by_role("alert")).to_contain_text("Es gibt schon einen Kanal mit diesem Namen.")


def test_what_one_reads_stays_while_more_of_the_same_day_comes_in_above(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name="long day")
    people = [firm.suite.people[each] for each in ("ana", "ben")]
    fill(firm.services, room, people, [f"line {number} of many" for number in range(400)])
    firm.services.messaging.mark(firm.suite.people["ana"], room, 400)
    ana = firm.open(windows, "ana", room)
    ana.hears("line 399 of")
    for first in (350, 300, 250):
        ana.log.evaluate("box => { box.scrollTop = 0; }")
        expect(ana.message(f"line {first} of")).to_be_in_viewport()
        expect(ana.message(f"line {first - 1} of")).to_be_attached()
        expect(ana.message(f"line {first} of")).to_be_in_viewport()


def test_the_page_itself_never_scrolls_however_many_conversations_there_are(
    firm: Firm, windows: Windows
) -> None:
    for number in range(12):
        firm.say(firm.room("ben", "ana", name=f"crowd {number}"), "ben", "hello")
    ana = firm.open(windows, "ana", size=(1280, 320))
    expect(ana.page.get_by_role("button", name=re.compile("crowd 11"))).to_be_attached()
    assert ana.page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
