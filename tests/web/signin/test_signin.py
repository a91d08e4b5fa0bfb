"""Signing in and out as a person meets it."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.fakes.chat_services import PASSWORD, FakeChatServices
from tests.web.conftest import Browser
from web.security import CHAT_COOKIE
from web.signin.agents import browser_of


def test_the_right_password_opens_the_chat(browser: Browser) -> None:
    assert browser.sign_in("ann").headers["Location"] == "/"
    assert browser.get("/").headers["Location"] == "/chat"
    assert browser.get("/chat").status_code == 200


def test_an_administrator_without_chat_comes_to_the_console(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("ivo")
    assert browser.get("/").headers["Location"] == "/console"
    assert browser.get("/chat").status_code == 403


def test_one_comes_back_to_where_one_was_asked_to_sign_in(browser: Browser) -> None:
    assert browser.sign_in("ivo", back_to="/console/people").headers["Location"] == "/console/people"


def test_one_never_comes_back_to_another_site(browser: Browser) -> None:
    assert browser.sign_in("ann", back_to="//evil.example").headers["Location"] == "/"


def test_a_wrong_password_is_told_in_words_and_keeps_the_name(browser: Browser) -> None:
    response = browser.sign_in("ann", "wrong")
    assert response.status_code == 401
    assert "do not belong together" in response.text
    assert 'value="ann"' in response.text
    assert 'value="wrong"' not in response.text


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(browser: Browser) -> None:
    known, unknown = browser.sign_in("ann", "wrong"), browser.sign_in("zoe", "wrong")
    assert known.status_code == unknown.status_code
    assert "do not belong together" in unknown.text


def test_who_has_to_wait_is_told_how_long(browser: Browser) -> None:
    for _ in range(3):
        browser.sign_in("ann", "wrong")
    response = browser.sign_in("ann")
    assert response.status_code == 429
    assert "Wait 15 s" in response.text
    assert response.headers["Retry-After"] == "15"


def test_passwords_may_be_pasted_and_filled_in(browser: Browser) -> None:
    page = browser.get("/signin").text
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="username"' in page


def test_signing_out_ends_the_session_on_the_server(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    browser = signed_in("ann")
    response = browser.post("/signout", csrf=browser.csrf())
    assert response.headers["Location"] == "/signin?ended=1"
    assert f"{CHAT_COOKIE}=;" in response.headers["Set-Cookie"]
    assert not services.signin.open_sessions


def test_one_sees_and_ends_ones_other_sessions(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    here, there = signed_in("ann"), signed_in("ann")
    other = list(services.signin.open_sessions.values())[1].session.id
    assert other in here.get("/sessions").text
    assert here.post(f"/sessions/{other}/end", csrf=here.csrf()).headers["Location"] == "/sessions"
    assert there.get("/chat").headers["Location"] == "/signin?next=/chat"
    assert here.get("/chat").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    ivo, ann = signed_in("ivo"), signed_in("ann")
    of_ann = list(services.signin.open_sessions.values())[1].session.id
    assert ivo.post(f"/sessions/{of_ann}/end", csrf=ivo.csrf()).status_code == 404
    assert ann.get("/chat").status_code == 200


def test_signing_out_everywhere_ends_all_of_them(signed_in: Callable[[str], Browser]) -> None:
    here, there = signed_in("ann"), signed_in("ann")
    assert here.post("/sessions/end-all", csrf=here.csrf()).headers["Location"] == "/signin?ended=1"
    for browser in (here, there):
        assert browser.get("/chat").status_code == 303


def test_another_password_ends_all_other_sessions_and_opens_from_then_on(
    signed_in: Callable[[str], Browser], browser: Browser
) -> None:
    here, there = signed_in("ann"), signed_in("ann")
    assert "/password" in here.get("/sessions").text
    new = "quite another horse"
    changed = change(here, PASSWORD, new)
    assert changed.headers["Location"] == "/sessions?changed=1"
    assert "password is changed" in here.get("/sessions?changed=1").text
    assert there.get("/chat").headers["Location"] == "/signin?next=/chat"
    assert browser.sign_in("ann").status_code == 401
    assert browser.sign_in("ann", new).status_code == 303


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (("wrong", "quite another horse"), "current password is not right"),
        ((PASSWORD, "short"), "at least 12 characters"),
        ((PASSWORD, "quite another horse", "and again"), "two passwords differ"),
    ],
)
def test_a_password_that_cannot_be_taken_is_refused_in_words_and_shown_nowhere(
    signed_in: Callable[[str], Browser], sent: tuple[str, ...], said: str
) -> None:
    ann = signed_in("ann")
    refused = change(ann, *sent)
    assert refused.status_code == 400
    assert said in refused.text
    assert not [word for word in sent if f'value="{word}"' in refused.text]
    assert signed_in("ann").get("/chat").status_code == 200, "the old one is still good"


def test_where_a_directory_server_keeps_passwords_none_is_changed_here(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    services.password.kept_here = False
    ann = signed_in("ann")
    assert 'href="/password"' not in ann.get("/sessions").text
    assert ann.get("/password").headers["Location"] == "/sessions"
    new = "quite another horse"
    assert change(ann, PASSWORD, new).status_code == 409


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/131.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.0", "curl/8.0"),
        ("", "Unknown browser"),
    ],
)
def test_a_session_is_named_so_that_its_owner_knows_it(agent: str, words: str) -> None:
    assert browser_of(agent) == words


def change(browser: Browser, current: str, new: str, again: str = "") -> TestResponse:
    return browser.post("/password", csrf=browser.csrf(), current=current, password=new, again=again or new)
