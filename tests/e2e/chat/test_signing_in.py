"""Signing in and out, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.factories.suite import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_a_wrong_password_is_answered_without_saying_which_part_was_wrong(
    firm: Firm, windows: Windows
) -> None:
    window = windows.open("ana")
    said = []
    for username in ("ana", "nobody"):
        window.sign_in(firm.url, username, "wrong")
        said.append(window.page.get_by_role("alert").inner_text())
        expect(window.box("User name")).to_have_value(username)
    assert said[0] == said[1]
    window.shot("signin-wrong")


def test_who_signs_out_sees_no_chat_on_the_way_back(firm: Firm, windows: Windows) -> None:
    tom = windows.open_as(ChatWindow, "tom")
    tom.sign_in(firm.url, "tom", PASSWORD)
    tom.account("Sign out")
    tom.sees("You are signed out.")
    tom.goto(f"{firm.url}/chat")
    expect(tom.button("Sign in", exact=True)).to_be_visible()
