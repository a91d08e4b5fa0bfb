"""Everybody has their screens as they chose them, on every page, without a script."""

from tests.fakes.chat_services import FakeChatServices
from tests.web.conftest import Browser
from web.errors import Internal


def choose(browser: Browser, **choices: str) -> str:
    shown = {"theme": "system", "language": "", "send_with": "enter", "notify": "mentions"}
    sent = {**shown, "csrf": browser.csrf("/preferences"), **choices}
    answer = browser.post("/preferences", None, **sent)
    return answer.headers.get("Location", "") or answer.text


def test_the_page_shows_what_is_chosen_and_what_else_there_is(browser: Browser) -> None:
    browser.sign_in("ann")
    page = browser.get("/preferences").text
    assert 'name="theme" value="system" checked' in page
    assert 'name="theme" value="contrast">' in page
    assert 'name="language" value="de"> Deutsch' in page
    assert 'name="single_keys" checked' in page


def test_what_is_chosen_is_rendered_on_every_page_by_the_server(browser: Browser) -> None:
    browser.sign_in("ann")
    assert choose(browser, theme="dark", language="de").endswith("/preferences?saved=1")
    for path in ("/preferences", "/sessions", "/chat", "/no-such-page"):
        page = browser.get(path, **{"Accept-Language": "en"}).text
        assert '<html lang="de" dir="ltr" data-theme="dark"' in page, path
    assert 'content="dark"' in browser.get("/chat").text


def test_a_switch_that_is_not_sent_is_off_and_comes_back_on(
    browser: Browser, services: FakeChatServices
) -> None:
    browser.sign_in("ann")
    choose(browser)
    assert 'data-single-keys="off"' in browser.get("/sessions").text
    person = services.signin.accounts["ann"][1].id
    assert not services.preferences.of(person).single_keys
    choose(browser, single_keys="on")
    assert services.preferences.of(person).single_keys


def test_what_cannot_be_chosen_is_refused_on_the_same_page(browser: Browser) -> None:
    browser.sign_in("ann")
    assert "There is no such choice" in choose(browser, theme="pink")
    assert 'data-theme="system"' in browser.get("/chat").text


def test_strangers_see_the_sign_in_page_as_their_system_is(browser: Browser) -> None:
    assert 'data-theme="system"' in browser.get("/signin").text


def test_an_administrator_without_a_chat_chooses_only_what_concerns_pages(browser: Browser) -> None:
    browser.sign_in("ivo")
    page = browser.get("/preferences").text
    assert 'name="theme"' in page
    assert 'name="notify"' not in page


def test_when_something_of_ours_broke_preferences_are_left_alone(
    browser: Browser, services: FakeChatServices
) -> None:
    browser.sign_in("ann")
    choose(browser, theme="dark")

    def away(owner: str) -> None:
        raise Internal("The store is away.")

    services.preferences.of = away  # type: ignore[method-assign, assignment]
    answer = browser.get("/sessions")
    assert answer.status_code == 500
    assert "The store is away." in answer.text and 'data-theme="system"' in answer.text
