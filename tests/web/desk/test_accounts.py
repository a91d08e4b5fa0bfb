"""Accounts of the desk: enrolled with a one-time code, confirmed and taken away by somebody else."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from core.identity.permissions import Role
from tests.factories.desk import PASSWORD, House
from tests.web.desk.conftest import Browser


def test_a_confirmed_candidate_enrols_with_the_code_once_and_signs_in(
    house: House, app: Flask, at_desk: Callable[[str], Browser]
) -> None:
    code = confirmed(house, at_desk("carl"), "nils", Role.COMPLIANCE_OFFICER)
    nils = Browser(app.test_client())
    assert nils.post("/enrol", enrolment(code)).status_code == 303
    assert nils.sign_in("nils").status_code == 303
    assert "What waits" in nils.get("/").text
    again = Browser(app.test_client()).post("/enrol", enrolment(code, "another long password"))
    assert again.status_code == 400
    assert nils.get("/").status_code == 200


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", "short", "at least"),
        (PASSWORD, PASSWORD + "x", "The two passwords differ"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_code_good(
    house: House, app: Flask, at_desk: Callable[[str], Browser], password: str, again: str, says: str
) -> None:
    name = f"nora{len(password)}"
    code = confirmed(house, at_desk("carl"), name, Role.AUDITOR)
    browser = Browser(app.test_client())
    refused = browser.post("/enrol", {"code": code, "password": password, "again": again})
    assert refused.status_code == 400
    assert says in refused.text
    assert f'value="{code}"' in refused.text, "nobody types a code twice"
    assert browser.post("/enrol", enrolment(code)).status_code == 303


def test_a_made_up_code_enrols_nobody(browser: Browser) -> None:
    refused = browser.post("/enrol", enrolment("aaaa-bbbb-cccc-dddd"))
    assert refused.status_code == 400
    assert refused.text.count("<h1") == 1


def test_a_wrong_password_and_an_unknown_name_are_told_alike(browser: Browser) -> None:
    wrong, unknown = browser.sign_in("otto", "wrong"), browser.sign_in("nobody", "wrong")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    for page in (wrong, unknown):
        assert 'role="alert"' in page.text
    said = [re.search(r'role="alert">\s*<p>([^<]+)', page.text) for page in (wrong, unknown)]
    assert said[0] is not None
    assert said[1] is not None
    assert said[0][1] == said[1][1]


def test_nobody_confirms_or_disables_themselves(house: House, at_desk: Callable[[str], Browser]) -> None:
    carl = at_desk("carl")
    sent = {"role": [Role.COMPLIANCE_APPROVER.value]}
    assert carl.post(f"/officers/confirm/{house.people['carl']}", sent).status_code == 403
    own = house.services.officers.by_username("carl")
    assert own is not None
    refused = carl.post(f"/officers/{own.id}/disable")
    assert refused.status_code == 403
    assert carl.get("/officers").status_code == 200


def test_roles_that_the_directory_does_not_name_are_not_given(
    house: House, at_desk: Callable[[str], Browser]
) -> None:
    house.add("rosa", "compliance", Role.AUDITOR, name="Rosa Hill")
    house.work()
    sent = {"role": [Role.COMPLIANCE_OFFICER.value]}
    assert at_desk("carl").post(f"/officers/confirm/{house.people['rosa']}", sent).status_code == 400


def test_a_disabled_officer_is_out_at_once(
    house: House, app: Flask, at_desk: Callable[[str], Browser]
) -> None:
    carl = at_desk("carl")
    code = confirmed(house, carl, "dora", Role.COMPLIANCE_OFFICER)
    dora = Browser(app.test_client())
    dora.post("/enrol", enrolment(code))
    dora.sign_in("dora")
    assert dora.get("/matters").status_code == 200
    account = house.services.officers.by_username("dora")
    assert account is not None
    assert carl.post(f"/officers/{account.id}/disable").status_code == 303
    assert dora.get("/matters", Accept="application/json").status_code == 401
    assert Browser(app.test_client()).sign_in("dora").status_code == 401


def test_ending_ones_sessions_signs_out_everywhere(at_desk: Callable[[str], Browser]) -> None:
    first, second = at_desk("paul"), at_desk("paul")
    assert "this one" in first.get("/sessions").text
    assert first.post("/sessions/end-all").status_code == 303
    for browser in (first, second):
        assert browser.get("/sessions", Accept="application/json").status_code == 401


def test_a_page_asked_for_before_signing_in_comes_after_it_and_no_other_site_does(browser: Browser) -> None:
    assert browser.get("/matters").headers["Location"].endswith("/signin?next=/matters")
    form = {"username": "olga", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert browser.post("/signin", form).headers["Location"] == "/"


def confirmed(house: House, approver: Browser, username: str, role: Role) -> str:
    """Name somebody in the directory, confirm them, and return the code as the page shows it."""
    person = house.add(username, "compliance", role, name=username.title())
    house.work()
    page = approver.post(f"/officers/confirm/{person}", {"role": [role.value]})
    found = re.search(r'<p class="code">([^<]+)</p>', page.text)
    assert found is not None, page.text
    assert found[1] not in approver.get("/officers").text
    return found[1]


def enrolment(code: str, password: str = PASSWORD) -> dict[str, str | list[str]]:
    return {"code": code, "password": password, "again": password}
