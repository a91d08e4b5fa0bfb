"""Knowing where one stands: who reads, who somebody is, what was said before, why something was stopped."""

import re

import pytest
from playwright.sync_api import expect

from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_who_is_new_is_told_who_reads_and_says_so_once(firm: Firm, windows: Windows) -> None:
    room = firm.room("cleo", "ben", name=f"first {new_id()[-5:]}")
    cleo = firm.open(windows, "cleo", room)
    told = cleo.page.get_by_role("region", name="Who can read what you write")
    expect(told).to_contain_text("Compliance officers, inside a matter and with a reason")
    cleo.shot("introduction")
    told.get_by_role("button", name="Understood").click()
    expect(told).to_have_count(0)
    cleo.page.reload()
    cleo.ready(room)
    expect(told).to_have_count(0)


@pytest.mark.parametrize(
    "size", [(320, 640), (640, 360), (1280, 480)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_one_can_write_before_the_first_note_is_answered_however_small_the_window(
    firm: Firm, windows: Windows, size: tuple[int, int]
) -> None:
    room = firm.room("ida", "tom", name=f"small {new_id()[-5:]}")
    ida = firm.open(windows, "ida", room, size=size)
    told = ida.page.get_by_role("region", name="Who can read what you write")
    expect(told.get_by_role("button", name="Understood")).to_be_in_viewport(ratio=1)
    expect(ida.composer).to_be_in_viewport(ratio=1)
    expect(ida.log).to_be_in_viewport()
    told.get_by_text("Who can read what you write here").click()
    expect(told.get_by_text("Compliance officers, inside a matter")).to_be_visible()
    ida.shot(f"introduction-{size[0]}x{size[1]}")


def test_a_telephone_has_the_room_to_tell_it_at_once(firm: Firm, windows: Windows) -> None:
    room = firm.room("ida", "tom", name=f"tall {new_id()[-5:]}")
    ida = firm.open(windows, "ida", room, size=(360, 740))
    told = ida.page.get_by_role("region", name="Who can read what you write")
    expect(told.get_by_text("It is kept for")).to_be_visible()
    expect(ida.composer).to_be_in_viewport(ratio=1)
    ida.shot("introduction-telephone")


def test_a_name_leads_to_who_that_is(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ben.sent("hello there")
    ana.hears("hello there").get_by_role("button", name="Ben Okafor").click()
    card = ana.page.get_by_role("dialog", name="Ben Okafor")
    expect(card).to_contain_text("Here now")
    expect(card.get_by_role("button", name="Message Ben Okafor")).to_be_visible()
    ana.shot("profile")


def test_why_a_message_was_stopped_is_told_and_can_be_reported_once(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    stopped = ana.sent("the key is AKIAIOSFODNN7EXAMPLE", "blocked")
    stopped.get_by_text("Why was this stopped?").click()
    stopped.get_by_role("button", name="Ask for review").click()
    expect(stopped.get_by_text("Reported. Compliance sees it beside your message.")).to_be_visible()
    expect(stopped.get_by_role("button", name="Ask for review")).to_have_count(0)
    ana.shot("reported")


def test_what_a_message_said_before_is_shown_where_the_policy_shows_it(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.tool(ana.sent("we meet at nine"), "Edit")
    ana.box("Edit your message").fill("we meet at ten")
    ana.box("Edit your message").press("Enter")
    ben.hears("we meet at ten").get_by_role("button", name="edited").click()
    told = ben.page.get_by_role("dialog", name="What this message said")
    expect(told.get_by_role("listitem")).to_contain_text(["we meet at nine", "we meet at ten"])
    ben.shot("versions")
    ben.page.keyboard.press("Escape")
    expect(told).to_have_count(0)


def test_a_barred_person_is_shown_with_the_reason_before_anything_is_tried(
    firm: Firm, windows: Windows
) -> None:
    ana = firm.open(windows, "ana")
    ana.button("New conversation").first.click()
    dialog = ana.page.get_by_role("dialog", name="New conversation")
    dialog.get_by_label("To", exact=True).fill("Tom")
    found = dialog.get_by_role("list", name="Found people").get_by_role("listitem").filter(has_text="Tom")
    expect(found).to_contain_text("Trading and Research are separated")
    ana.shot("barred")
    expect(dialog.get_by_role("button", name="Start", exact=True)).to_be_disabled()


def test_the_card_of_an_account_that_is_no_persons_offers_no_talk(firm: Firm, windows: Windows) -> None:
    robot = f"robot{new_id()[-6:]}"
    firm.suite.add(robot, "research", "service-accounts", name="Data Feed")
    room = firm.room(robot, "ana", "ben")
    firm.say(room, robot, "what the feed says")
    ana = firm.open(windows, "ana", room)
    ana.message("what the feed says").get_by_role("button", name="Data Feed", exact=True).click()
    card = ana.page.get_by_role("dialog", name="Data Feed")
    expect(card).to_contain_text("This account takes no part in conversations.")
    expect(card.get_by_role("button", name=re.compile("^Message "))).to_have_count(0)
    ana.shot("card-of-no-person")


def test_ones_own_name_leads_to_ones_profile_preferences_sign_ins_and_out(
    firm: Firm, windows: Windows
) -> None:
    tom = firm.open(windows, "tom")
    tom.account("My profile")
    card = tom.page.get_by_role("dialog", name="Tom Fischer")
    expect(card).to_contain_text("tom")
    tom.shot("own-profile")
    tom.page.keyboard.press("Escape")
    opener = tom.button(re.compile("^Tom Fischer"))
    opener.click()
    expect(tom.page.get_by_role("menuitem", name="My profile")).to_be_focused()
    tom.shot("account-menu")
    tom.page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    for name, heading in (
        ("Preferences", "Preferences"),
        ("Where you are signed in", "Where you are signed in"),
    ):
        tom.account(name)
        expect(tom.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        tom.page.go_back()
