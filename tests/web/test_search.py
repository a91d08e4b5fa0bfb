"""Searching from the chat page: a typed request, one's own name, and a page that can be gone on from."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from audit.chat_search.reading import Found
from audit.search.excerpt import Segment
from tests.fakes.chat_services import FakeChatServices
from tests.web.conftest import FROM_OUR_PAGE, HOST, Browser
from web.ports import Hit

FOUND = Found(
    item="item-1",
    conversation="room-1",
    thread_root=None,
    created_cseq=7,
    at="2026-03-02T09:00:00.000Z",
    sender="ben",
    sender_name="Ben Baker",
    excerpt=(Segment("the ", hit=False), Segment("harbour", hit=True)),
)


def test_what_is_found_comes_with_its_words_marked_and_where_to_go_on(
    ann: Browser, services: FakeChatServices
) -> None:
    services.search.said = [FOUND]
    answer = ask(ann, query="harbour").get_json()
    assert answer["found"][0]["excerpt"] == [
        {"text": "the ", "hit": False, "person": None},
        {"text": "harbour", "hit": True, "person": None},
    ]
    assert answer["waiting"] == 3
    ask(ann, query="harbour", after=answer["next"])
    assert [after for _, _, after in services.search.asked] == [None, Hit(7, "item-1")]


def test_it_is_asked_in_the_name_of_whoever_is_signed_in(ann: Browser, services: FakeChatServices) -> None:
    ask(ann, query="harbour")
    (asker, _, _), *_ = services.search.asked
    assert asker == services.signin.accounts["ann"][1].id


def test_a_query_that_cannot_be_answered_says_where_and_why(ann: Browser) -> None:
    answer = ask(ann, query="harb*")
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "bad_query"
    assert answer.get_json()["expected"] == "a word"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": 7},
        {"query": "x" * 4_001},
        {"query": "x", "more": 1},
        {"query": "x", "after": [1]},
        {"query": "x", "after": [2**70, "i"]},
        [],
    ],
)
def test_a_malformed_request_is_refused_and_nothing_is_searched(
    ann: Browser, services: FakeChatServices, body: Any
) -> None:
    answer = send(ann, body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")
    assert services.search.asked == []


def test_nobody_searches_without_the_token_of_the_page(ann: Browser, services: FakeChatServices) -> None:
    answer = send(ann, {"query": "harbour"}, csrf="")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "bad_csrf")
    assert services.search.asked == []


def test_an_administrator_who_is_no_employee_finds_nothing(signed_in: Callable[[str], Browser]) -> None:
    assert ask(signed_in("ivo"), query="harbour").status_code == 403


def ask(browser: Browser, **body: Any) -> TestResponse:
    return send(browser, body)


def send(browser: Browser, body: Any, csrf: str | None = None) -> TestResponse:
    token = browser.csrf() if csrf is None else csrf
    headers = {**FROM_OUR_PAGE, "Accept": "application/json", "X-CSRF-Token": token}
    return browser.client.post("/api/search", base_url=f"https://{HOST}", headers=headers, json=body)


@pytest.fixture
def ann(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("ann")
