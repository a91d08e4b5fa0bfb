"""What every response carries, and what no request passes without."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from core.identity.permissions import Permission
from tests.web.conftest import FROM_OUR_PAGE, HOST, ORIGIN, Browser
from web.security import CHAT_COOKIE, local_path, websocket_origin

PUBLIC = {"help.page", "help.components", "signin.form", "signin.sign_in", "assets.file", "healthz", "readyz"}


def test_every_endpoint_declares_a_permission_or_is_on_the_list_of_public_ones(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        declared = vars(app.view_functions[rule.endpoint])["permission"]
        if rule.endpoint in PUBLIC:
            assert declared is None, rule.endpoint
        else:
            assert isinstance(declared, Permission), rule.endpoint


def test_an_endpoint_without_a_permission_is_refused_to_everybody(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    response = signed_in("ivo").get("/forgotten", Accept="application/json")
    assert response.status_code == 403
    assert response.get_json()["code"] == "undeclared"


def test_every_endpoint_carries_the_strict_headers(app: Flask, browser: Browser) -> None:
    for rule in app.url_map.iter_rules():
        response = browser.client.open(
            path_of(rule), method=method_of(rule), base_url=f"https://{HOST}", headers=FROM_OUR_PAGE
        )
        assert_strict(response.headers)
        assert response.headers["X-Request-Id"]


def test_errors_carry_the_strict_headers_too(app: Flask, browser: Browser) -> None:
    app.add_url_rule("/broken", "broken", raise_something)
    vars(raise_something).update(permission=None)
    for path in ("/nowhere", "/broken"):
        assert_strict(browser.get(path).headers)
    assert_strict(browser.client.get("/signin", headers={"Host": "evil.example"}).headers)


def test_scripts_run_only_from_our_own_files_and_never_from_strings(browser: Browser) -> None:
    policy = browser.get("/signin").headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self'; font-src 'self'; connect-src 'self' ws://127.0.0.1:8081; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "evil.example", "127.0.0.1:8090"])
def test_only_the_configured_host_name_is_answered(browser: Browser, host: str) -> None:
    response = browser.client.get("/signin", headers={"Host": host, "Accept": "application/json"})
    assert response.status_code == 421
    assert response.get_json()["code"] == "wrong_host"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_an_unsafe_method_from_another_site_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    sent = {"Host": HOST, "Accept": "application/json", **headers}
    response = browser.post("/signin", headers=sent, username="ann", password="correct horse battery")
    assert response.status_code == 403
    assert response.get_json()["code"] == "cross_site"
    assert CHAT_COOKIE not in response.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ORIGIN},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_our_own_pages_may_use_unsafe_methods(browser: Browser, headers: dict[str, str]) -> None:
    sent = {"Host": HOST, **headers}
    assert (
        browser.post("/signin", headers=sent, username="ann", password="correct horse battery").status_code
        == 303
    )


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_a_form_without_the_token_of_its_session_changes_nothing(
    signed_in: Callable[[str], Browser], token: str
) -> None:
    browser = signed_in("ann")
    response = browser.post("/signout", csrf=token)
    assert response.status_code == 403
    assert "bad_csrf" in response.text
    assert browser.get("/sessions").status_code == 200


def test_the_token_of_another_session_does_not_serve(signed_in: Callable[[str], Browser]) -> None:
    first, second = signed_in("ann"), signed_in("ann")
    assert second.post("/signout", csrf=first.csrf()).status_code == 403
    assert second.post("/signout", csrf=second.csrf()).status_code == 303


def test_the_session_cookie_cannot_be_read_moved_or_sent_from_elsewhere(browser: Browser) -> None:
    cookie = browser.sign_in("ann").headers["Set-Cookie"]
    assert cookie.startswith("__Host-chancery=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=Strict",
    }


def test_a_request_larger_than_its_endpoint_takes_is_refused(browser: Browser) -> None:
    sent = {**FROM_OUR_PAGE, "Accept": "application/json"}
    response = browser.post("/signin", headers=sent, username="ann", password="x" * 70_000)
    assert response.status_code == 413
    assert response.get_json()["code"] == "too_large"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "x",
        "",
        "/\n/evil",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(path: str) -> None:
    assert local_path(path, "/chat") == "/chat"


def test_a_path_of_our_own_is_kept() -> None:
    assert local_path("/console/people", "/") == "/console/people"


def test_the_websocket_of_a_secure_address_is_secure() -> None:
    assert websocket_origin("https://chat.acme.example") == "wss://chat.acme.example"


def assert_strict(headers: object) -> None:
    found = dict(headers)  # type: ignore[call-overload]
    assert "trusted-types 'none'" in found["Content-Security-Policy"]
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Referrer-Policy"] == "no-referrer"
    assert found["Cross-Origin-Opener-Policy"] == "same-origin"
    assert found["Cross-Origin-Resource-Policy"] == "same-origin"
    assert found["Cache-Control"]


def path_of(rule: Rule) -> str:
    """Return a path that the rule matches."""
    return "".join("x" if dynamic else text for dynamic, text in rule._trace).lstrip("|")


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def raise_something() -> str:
    raise RuntimeError("a text that nobody may see")
