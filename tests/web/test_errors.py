"""Whatever goes wrong has one form, and never shows how it is built."""

from collections.abc import Callable

from flask import Flask
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from core.errors import Limited
from tests.web.conftest import Browser
from web.security import public


def test_a_program_gets_code_sentence_and_request_id(browser: Browser) -> None:
    response = browser.get("/nowhere", Accept="application/json")
    body = response.get_json()
    assert response.status_code == 404
    assert body["code"] == "no_page"
    assert body["message"] == "There is no such page."
    assert body["request_id"] == response.headers["X-Request-Id"]


def test_a_person_gets_a_page_with_the_same(browser: Browser) -> None:
    response = browser.get("/nowhere")
    assert response.content_type.startswith("text/html")
    assert "There is no such page." in response.text
    assert response.headers["X-Request-Id"] in response.text


def test_an_unknown_failure_shows_no_trace_and_is_logged_without_its_text(
    app: Flask, browser: Browser
) -> None:
    app.add_url_rule("/broken", "broken", public(fail))
    with capture_logs(processors=(merge_contextvars,)) as logs:
        response = browser.get("/broken", Accept="application/json")
    assert response.status_code == 500
    assert response.get_json()["code"] == "internal"
    assert logs[0]["request"] == response.headers["X-Request-Id"]
    assert "4111" not in response.text + str(logs)


def test_an_error_that_says_when_to_retry_says_so_in_a_header(app: Flask, browser: Browser) -> None:
    app.add_url_rule("/busy", "busy", public(wait))
    response = browser.get("/busy", Accept="application/json")
    assert response.headers["Retry-After"] == "3"
    assert response.get_json()["retryable"] is True


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(browser: Browser) -> None:
    response = browser.get("/console/people")
    assert response.status_code == 303
    assert response.headers["Location"] == "/signin?next=/console/people"
    assert browser.get("/console/people", Accept="application/json").status_code == 401


def test_a_wrong_method_is_a_typed_error(signed_in: Callable[[str], Browser]) -> None:
    response = signed_in("ann").post("/sessions")
    assert response.status_code == 405
    assert "wrong_method" in response.text


def test_an_error_page_leads_on_for_whoever_is_signed_in_and_names_nobody_else(
    signed_in: Callable[[str], Browser], browser: Browser
) -> None:
    ann = signed_in("ann")
    lost, refused = ann.get("/nowhere"), ann.get("/console")
    assert (lost.status_code, refused.status_code) == (404, 403)
    for page in (lost, refused):
        assert 'href="/chat"' in page.text
        assert "Sign out" in page.text
    assert "IT administrator" in refused.text
    assert "Sign out" not in browser.get("/nowhere").text


def test_an_error_page_of_our_own_fault_asks_no_database_who_is_there(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    app.add_url_rule("/broken", "broken", public(fail))
    page = signed_in("ann").get("/broken")
    assert page.status_code == 500
    assert "Sign out" not in page.text


def fail() -> str:
    raise ValueError("4111 1111 1111 1111")


def wait() -> str:
    raise Limited("Wait a moment.", retry_after=2.2)
