"""The connection fails, the session ends: nothing that was written is lost or said twice."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.factories.suite import PASSWORD, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

# What Chromium says of a websocket whose server was killed or that refused it.
_LOST = "WebSocket connection to .* failed"


@pytest.mark.faults
def test_what_is_written_while_the_server_is_dead_arrives_once_and_in_order(
    firm: Firm, talk: list[ChatWindow]
) -> None:
    ana, ben = talk
    for window in talk:
        window.expect(_LOST)
    ana.sent("before")
    firm.suite.children()["realtime"].kill()
    for text in ("first while away", "second while away"):
        ana.say(text)
    expect(ana.message("first while away")).to_have_attribute("data-state", "sending")
    ana.shot("offline-queue")
    for window in talk:
        for text in ("first while away", "second while away"):
            expect(window.messages.filter(has_text=text)).to_have_count(1, timeout=60_000)
            expect(window.message(text)).to_have_attribute("data-state", "sent", timeout=60_000)
    told = [text for text in ben.messages.all_inner_texts() if "while away" in text]
    assert [("first" in text, "second" in text) for text in told] == [(True, False), (False, True)]


def test_without_a_network_one_is_told_and_what_was_missed_is_fetched(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    ben.expect(_LOST)
    ben.expect("net::ERR_INTERNET_DISCONNECTED")
    ben.drop()
    ben.sees("You’re offline.")
    ana.sent("while he was away")
    ben.say("kept on the device")
    ben.sees("1 message is kept on this device")
    ben.shot("offline-banner")
    ben.context.set_offline(False)
    ben.hears("while he was away")
    expect(ben.message("kept on the device")).to_have_attribute("data-state", "sent")
    ana.hears("kept on the device")


def test_a_revoked_session_ends_within_two_seconds_and_keeps_the_draft(firm: Firm, windows: Windows) -> None:
    room = firm.room("cleo", "ben", name="revoked")
    cleo = firm.open(windows, "cleo", room)
    cleo.expect(_LOST)
    cleo.write("half a sentence")
    began = time.monotonic()
    firm.services.signin.sign_out_everywhere(firm.suite.people["cleo"], "test")
    expect(cleo.page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    assert time.monotonic() - began < 2 + slack()
    cleo.shot("signed-out")
    dialog = cleo.page.get_by_role("dialog", name="You are signed out")
    dialog.get_by_label("Password of").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Password of").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    cleo.ready(room)
    expect(cleo.composer).to_have_value("half a sentence")
    cleo.composer.press("Enter")
    expect(cleo.message("half a sentence")).to_have_attribute("data-state", "sent")
    firm.forget("cleo")


def slack() -> float:
    """Return how long this machine takes for what takes 0.1 s on a quiet one, at least 1 s."""
    began = time.monotonic()
    assert wait_for(lambda: sum(range(3_000_000)))
    return max(1.0, (time.monotonic() - began) * 10)
