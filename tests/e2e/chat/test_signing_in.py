"""Signing in and out, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.conftest import Serve
from tests.factories.suite import PASSWORD, Suite

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


def test_who_signs_in_sees_the_chat(suite: Suite, windows: Windows) -> None:
    ana = windows.open("ana")
    ana.sign_in(suite.settings.chat_url, "ana", PASSWORD)
    expect(ana.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    ana.shot("chat-first")


def test_a_wrong_password_is_answered_without_saying_which_part_was_wrong(
    suite: Suite, windows: Windows
) -> None:
    window = windows.open("ana")
    said = []
    for username in ("ana", "nobody"):
        window.sign_in(suite.settings.chat_url, username, "wrong")
        said.append(window.page.get_by_role("alert").inner_text())
    assert said[0] == said[1]
    window.shot("signin-wrong")


@pytest.fixture(scope="module")
def suite(serve: Serve) -> Suite:
    return serve({"ana": ("research",)})
