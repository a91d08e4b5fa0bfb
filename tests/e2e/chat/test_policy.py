"""What the policy does, as sender and recipient see it."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from audit.archive.search_service import Purpose
from core.schema import chat
from core.store import Statement
from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.factories.suite import PASSWORD, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

CARD = "4111 1111 1111 1111"


def test_a_card_number_is_covered_for_the_other_side(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.say(f"my card is {CARD}")
    ana.became("redacted")
    expect(ben.hears("my card is").get_by_text("▮▮▮ [payment card]")).to_be_visible()
    assert "4111" not in ben.page.content()
    ben.shot("redacted")


def test_a_tip_comes_while_one_writes_and_takes_the_number_out(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.composer.press_sequentially(f"card {CARD} please")
    tip = ana.page.get_by_role("status").filter(has_text="Part of this will be covered")
    expect(tip).to_be_visible()
    expect(ana.composer).to_be_focused()
    tip.get_by_role("button", name="Remove it for me").click()
    expect(ana.composer).to_have_value("card please")
    expect(tip).to_be_hidden()
    expect(ben.messages.filter(has_text="card")).to_have_count(0)


def test_a_reason_is_given_with_the_tip_and_the_message_goes_at_once(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    text = f"I can guarantee a return of 9 percent {new_id()[-4:]}"
    ana.composer.press_sequentially(text)
    tip = ana.page.get_by_role("status").filter(has_text="You will be asked for a reason")
    expect(ana.composer).to_be_focused()
    ana.shot("tip")
    tip.get_by_role("button", name="Send with a reason").click()
    field = tip.get_by_label(re.compile("^Your reason"))
    expect(field).to_be_focused()
    field.press("Escape")
    expect(ana.composer).to_be_focused()
    tip.get_by_role("button", name="Send with a reason").click()
    field.fill("I quote the client")
    ana.shot("tip-reason")
    field.press("Enter")
    ben.hears(text)
    expect(ana.composer).to_have_value("")
    expect(ana.composer).to_be_focused()
    expect(ana.messages.filter(has_text="needs a reason")).to_have_count(0)


def test_a_tip_can_be_answered_reported_and_read_about(firm: Firm, talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.composer.press_sequentially("CL-123456 rang")
    tip = ana.page.get_by_role("status").filter(has_text="You will be asked to look twice")
    expect(tip.get_by_role("link", name="Learn more")).to_have_attribute("href", re.compile("/help"))
    tip.get_by_role("button", name="Report as wrong").click()
    expect(ana.composer).to_be_focused()
    expect(tip).to_contain_text("Compliance is told that you think this is wrong")
    tip.get_by_role("button", name="Send anyway").click()
    ben.hears("CL-123456 rang")
    count = select(func.count()).select_from(chat.reported)
    wait_for(lambda: firm.services.store.read(lambda tx: tx.value(Statement(count))), 30, "the report")


def test_plain_words_raise_no_tip(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    with ana.page.expect_websocket() as opened:
        ana.page.reload()
    expect(ana.log).to_have_attribute("aria-busy", "false")
    with opened.value.expect_event("framesent", lambda frame: '"draft"' in str(frame)):
        ana.composer.press_sequentially("lunch at noon?")
    ana.sent("lunch at noon, then")
    expect(ana.page.locator("[data-verdict]")).to_have_count(0)


def test_a_card_number_split_over_two_messages_is_stopped(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ana.sent("card 4111 1111")
    ana.sent("1111 1111", "blocked")
    ben.hears("card 4111 1111")
    expect(ben.messages.filter(has_text=re.compile("^1111|Blocked"))).to_have_count(0)
    ana.shot("split-blocked")


def test_a_barrier_is_explained_and_nobody_behind_it_hears_of_it(firm: Firm, windows: Windows) -> None:
    ana, tom = firm.open(windows, "ana"), firm.open(windows, "tom")
    ana.start("Tom")
    said = ana.page.get_by_role("dialog").get_by_role("alert")
    expect(said).to_contain_text("Trading and Research are separated (rule RT-1)")
    expect(said).to_contain_text("ask Control Room")
    ana.shot("barrier")
    expect(tom.page.get_by_role("navigation").get_by_text("Ana Ribeiro")).to_have_count(0)


def test_a_refusal_goes_when_one_looks_for_somebody_else(firm: Firm, windows: Windows) -> None:
    ana = firm.open(windows, "ana")
    ana.page.keyboard.press("Control+k")
    asked = ana.page.get_by_role("dialog", name="Go to")
    asked.get_by_role("combobox").fill("Tom")
    tom = asked.get_by_role("option").filter(has_text="Tom Fischer")
    tom.click()
    expect(asked.get_by_role("alert")).to_contain_text("Trading and Research are separated (rule RT-1)")
    asked.get_by_role("combobox").fill("Ben")
    expect(asked.get_by_role("alert")).to_have_count(0)


def test_a_reason_is_asked_for_and_recorded_with_the_message(firm: Firm, talk: list[ChatWindow]) -> None:
    ana, ben = talk
    text, reason = "I can guarantee a return of 12 percent", f"quoting the client {new_id()[:6]}"
    asked = ana.sent(text, "needs_reason")
    ben.sees_not(text)
    asked.get_by_label(re.compile("^Your reason")).fill(reason)
    asked.get_by_role("button", name="Send with this reason").click()
    ben.hears(text)
    desk = firm.suite.desk()
    officer = desk.officers.enrol(firm.suite.code, PASSWORD)
    purpose = Purpose(officer.id, desk.matters.open(officer.id, "Promises").id, "routine")

    def reasons() -> list[str]:
        rows = desk.search.search(purpose, '"guarantee a return"').rows
        return [
            v.reason for row in rows for v in desk.search.versions(purpose, row.item) if v.reason == reason
        ]

    assert wait_for(reasons, 30, "the reason in the archive") == [reason]
    for store in (desk.archive, desk.keystore, desk.store):
        store.close()


def test_a_warning_is_confirmed_before_anything_is_sent(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    asked = ana.sent("CL-123456 called", "needs_confirmation")
    ben.sees_not("CL-123456 called")
    asked.get_by_role("button", name="Send anyway").click()
    ben.hears("CL-123456 called")
    expect(ana.messages.filter(has_text="Not sent yet")).to_have_count(0)


def test_a_quarantined_message_waits_unseen_and_can_be_withdrawn(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    waiting = ana.sent("Project Kestrel signs on Friday", "quarantined")
    expect(waiting).to_contain_text("If nobody decides, it lapses tomorrow")
    ana.shot("quarantined")
    waiting.get_by_role("button", name="Withdraw").click()
    expect(ana.became("withdrawn")).to_contain_text("You took this back")
    ana.sent("something harmless")
    ben.hears("something harmless")
    ben.sees_not("Project Kestrel signs on Friday")


def test_a_secret_is_blocked_and_can_be_edited_into_something_harmless(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    stopped = ana.sent("the key is AKIAIOSFODNN7EXAMPLE", "blocked")
    stopped.get_by_role("button", name="Edit").click()
    expect(ana.composer).to_have_value("the key is AKIAIOSFODNN7EXAMPLE")
    ana.sent("the key is in the safe")
    ben.hears("the key is in the safe")
    ben.sees_not("AKIA")


def test_an_edit_that_adds_a_card_is_refused_while_the_other_still_sees_the_old_text(
    talk: list[ChatWindow],
) -> None:
    ana, ben = talk
    ana.tool(ana.sent("pay by invoice"), "Edit")
    ana.box("Edit your message").fill(f"pay with {CARD}")
    ana.box("Edit your message").press("Enter")
    expect(ana.page.get_by_role("alert").filter(has_text="Your edit wasn't saved")).to_be_visible()
    ana.shot("edit-refused")
    expect(ben.hears("pay by invoice")).to_have_attribute("data-state", "sent")
    assert "4111" not in ben.page.content()
