"""People for IT: what can be changed, by whom, and what is never shown."""

from collections.abc import Callable

import pytest

from tests.fakes.chat_services import FakeChatServices
from tests.web.conftest import Browser
from web.console.people import groups_in


def test_everybody_is_listed_with_groups_and_state(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("ivo").get("/console/people").text
    assert "Ben Baker" in page
    assert "trading" in page


@pytest.mark.parametrize("username", ["ann", "pia"])
def test_only_it_administrators_see_it(signed_in: Callable[[str], Browser], username: str) -> None:
    assert signed_in(username).get("/console/people").status_code == 403


def test_a_person_is_added_with_groups(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    ivo = signed_in("ivo")
    response = ivo.post(
        "/console/people",
        csrf=ivo.csrf(),
        username="cleo",
        name="Cleo Cho",
        groups="ops, night shift",
        password="a long enough one",
    )
    assert response.status_code == 303
    added = next(row for row in services.people.everybody() if row.username == "cleo")
    assert added.groups == ("ops", "night shift")


def test_a_refused_person_is_explained_and_the_form_keeps_what_was_typed(
    signed_in: Callable[[str], Browser],
) -> None:
    ivo = signed_in("ivo")
    response = ivo.post(
        "/console/people", csrf=ivo.csrf(), username="cleo", name="Cleo Cho", password="short"
    )
    assert response.status_code == 400
    assert "at least 12 characters" in response.text
    assert 'value="Cleo Cho"' in response.text
    assert "short" not in response.text


def test_an_account_is_disabled_and_given_back(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    ivo = signed_in("ivo")
    ben = next(row.id for row in services.people.everybody() if row.username == "ben")
    ivo.post(f"/console/people/{ben}/state", csrf=ivo.csrf(), state="disabled")
    assert not services.people.rows[ben].active
    ivo.post(f"/console/people/{ben}/state", csrf=ivo.csrf(), state="active")
    assert services.people.rows[ben].active


def test_an_unknown_state_or_person_is_a_typed_error(signed_in: Callable[[str], Browser]) -> None:
    ivo = signed_in("ivo")
    assert ivo.post("/console/people/nobody/state", csrf=ivo.csrf(), state="disabled").status_code == 404
    assert "bad_state" in ivo.post("/console/people/nobody/state", csrf=ivo.csrf(), state="gone").text


def test_people_of_a_directory_server_are_not_changed_here(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    services.people.builtin = False
    page = signed_in("ivo").get("/console/people").text
    assert "Add a person" not in page
    assert "directory server" in page


def test_groups_are_split_at_commas_and_kept_once() -> None:
    assert groups_in(" a, b c ,,a ") == ["a", "b c"]


def test_people_are_found_by_name_group_or_role_and_counted(signed_in: Callable[[str], Browser]) -> None:
    ivo = signed_in("ivo")
    page = ivo.get("/console/people?find=TRAD baker").text
    assert "Ben Baker" in page
    assert "1 of" in page
    assert "Ivo" not in page.partition("<table")[2].partition("</table>")[0]
    assert "Nobody is called like this." in ivo.get("/console/people?find=nobody at all").text


def test_nobody_disables_their_own_account(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    ivo = signed_in("ivo")
    own = services.signin.accounts["ivo"][1].id
    response = ivo.post(f"/console/people/{own}/state", csrf=ivo.csrf(), state="disabled")
    assert response.status_code == 409
    assert "your own account" in response.text
    assert f"/people/{own}/state" not in ivo.get("/console/people").text
