"""Who may do what at the desk: exactly what the table of permissions says, on every endpoint."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

import web.desk
from core.errors import Denied
from core.identity.permissions import (
    CHAT_ROLES,
    CONTENT_PERMISSIONS,
    GRANTS,
    Permission,
    Principal,
    PrincipalKind,
    Role,
)
from tests.factories.desk import House
from tests.fakes.chat_services import services_with_people
from tests.web.desk.conftest import Browser
from tests.web.test_security import method_of, path_of
from web.app import create_pages

PUBLIC = {
    "signin.form",
    "signin.sign_in",
    "signin.enrolment",
    "signin.enrol",
    "assets.file",
    "healthz",
    "readyz",
}
OFFICERS = {
    "olga": Role.COMPLIANCE_OFFICER,
    "carl": Role.COMPLIANCE_APPROVER,
    "paul": Role.POLICY_APPROVER,
    "audra": Role.AUDITOR,
}


def test_every_endpoint_of_the_desk_names_a_permission_that_a_desk_role_has(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        needed = vars(app.view_functions[rule.endpoint])["permission"]
        if rule.endpoint in PUBLIC:
            assert needed is None, rule.endpoint
        else:
            assert isinstance(needed, Permission), rule.endpoint
            assert GRANTS[needed].roles - CHAT_ROLES, rule.endpoint


@pytest.mark.parametrize("username", OFFICERS)
def test_each_role_gets_exactly_what_the_table_says(
    app: Flask, at_desk: Callable[[str], Browser], username: str
) -> None:
    role, browser = OFFICERS[username], at_desk(username)
    wrong = []
    for rule in app.url_map.iter_rules():
        needed = vars(app.view_functions[rule.endpoint])["permission"]
        if needed is None:
            continue
        if browser.get("/").status_code != 200:
            browser = at_desk(username)  # the endpoint before ended the session
        ask = browser.post if method_of(rule) == "POST" else browser.get
        answer = ask(path_of(rule), Accept="application/json")
        refused = answer.status_code == 403 and answer.get_json()["code"] == "denied"
        if refused is (role in GRANTS[needed].roles):
            wrong.append((rule.endpoint, needed, answer.status_code))
    assert not wrong


def test_nobody_reaches_anything_without_signing_in(app: Flask, browser: Browser) -> None:
    closed = [r for r in app.url_map.iter_rules() if vars(app.view_functions[r.endpoint])["permission"]]
    assert len(closed) > len(PUBLIC)
    for rule in closed:
        ask = browser.post if method_of(rule) == "POST" else browser.get
        assert ask(path_of(rule), Accept="application/json").status_code == 401, rule.endpoint


@pytest.mark.parametrize("username", OFFICERS)
def test_the_navigation_offers_what_one_may_open_and_nothing_else(
    at_desk: Callable[[str], Browser], username: str
) -> None:
    browser = at_desk(username)
    page = browser.get("/").text
    for address, permission in {
        "/queue": Permission.RELEASE_DECIDE,
        "/matters": Permission.MATTER_OPEN,
        "/holds": Permission.HOLD_MANAGE,
        "/retention": Permission.STATUS_VIEW,
        "/policies": Permission.POLICY_APPROVE,
        "/officers": Permission.OFFICER_CONFIRM,
        "/trail": Permission.TRAIL_READ,
    }.items():
        allowed = OFFICERS[username] in GRANTS[permission].roles
        assert (f'href="{address}"' in page) is allowed, address
        assert (browser.get(address).status_code == 200) is allowed, address


def test_no_page_of_the_chat_asks_for_a_permission_that_reads_other_peoples_conversations() -> None:
    app = create_pages(services_with_people().for_pages())
    for rule in app.url_map.iter_rules():
        needed = vars(app.view_functions[rule.endpoint])["permission"]
        assert needed is None or needed not in CONTENT_PERMISSIONS, rule.endpoint
        assert needed is None or GRANTS[needed].roles & CHAT_ROLES, rule.endpoint


def test_an_administrator_holds_no_permission_that_reads_content_or_makes_an_officer() -> None:
    held = {permission for permission, grant in GRANTS.items() if Role.IT_ADMINISTRATOR in grant.roles}
    assert not held & (CONTENT_PERMISSIONS | {Permission.OFFICER_CONFIRM, Permission.DESK_SIGN_IN})
    with pytest.raises(Denied):
        Principal(PrincipalKind.CHAT, "ivo", frozenset({Role.IT_ADMINISTRATOR, Role.COMPLIANCE_OFFICER}))


def test_an_administrator_who_puts_himself_into_the_group_is_a_candidate_and_no_more(
    house: House, browser: Browser, at_desk: Callable[[str], Browser]
) -> None:
    house.add("ivo", "it", Role.COMPLIANCE_OFFICER, name="Ivo Berg")
    house.work()
    refused = browser.sign_in("ivo")
    assert refused.status_code == 401
    assert browser.get("/matters").status_code == 303
    assert "Ivo Berg" in at_desk("carl").get("/officers").text


def test_the_pages_run_no_sql_and_know_no_store() -> None:
    pages = sorted(Path(web.desk.__file__).parent.glob("*.py"))
    assert {"queue.py", "matters.py"} <= {path.name for path in pages}
    for path in pages:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {
            name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
        }
        modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        for module in modules:
            assert not module.startswith(("sqlalchemy", "core.store", "core.schema", "core.sqlite")), (
                path.name,
                module,
            )
