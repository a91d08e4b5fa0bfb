"""Guesses at people of a real OpenLDAP server: counted by person, whichever of their names is used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Limited, NotSignedIn
from core.identity.signin import SignIn
from tests.contracts.directory import OTHER_PASSWORD, PASSWORD
from tests.factories.identity import ChatIdentity, chat_identity
from tests.factories.ldap import Connect, connect_to
from tests.services.openldap import LdapBranch, OpenLdap

pytestmark = [
    pytest.mark.services,
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]

BY_NAME_OR_ADDRESS = "(|(uid={username})(mail={username}))"
FORMS = ("{}", "{}@acme.example", "{}", "{}@ACME.example", "{}")


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_another_name_of_the_same_person_gives_no_further_guesses(
    ldap_branch: LdapBranch, connect: Connect, house: ChatIdentity, name: str
) -> None:
    ldap_branch.add_person("alice", PASSWORD, mail="alice@acme.example")
    door = house.sign_in(connect(user_filter=BY_NAME_OR_ADDRESS))
    assert {_code(door, form.format(name), OTHER_PASSWORD) for form in FORMS} == {"bad_credentials"}
    assert {_code(door, form.format(name), PASSWORD) for form in FORMS[:2]} == {"bad_credentials"}
    house.clock.advance(15)
    assert _code(door, f"{name}@acme.example", PASSWORD) == ("" if name == "alice" else "bad_credentials")


def test_the_directory_is_not_asked_about_a_password_while_a_person_has_to_wait(
    openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect, house: ChatIdentity
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD, mail="alice@acme.example")
    ldap_branch.lock_after(dn, 6)
    door = house.sign_in(connect(user_filter=BY_NAME_OR_ADDRESS))
    for number in range(20):
        _code(door, FORMS[number % 2].format("alice"), OTHER_PASSWORD)
    house.clock.advance(3600)
    assert _code(door, "alice", PASSWORD) == "", "the directory itself did not lock the account"


def test_names_in_any_spelling_are_one_account_before_the_directory_is_asked(
    openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect, house: ChatIdentity
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    door = house.sign_in(connect(user_dn_template=f"uid={{username}},{ldap_branch.people}"))
    for spelling in ("alice", "ALICE", " alice", "al\u00adice", "ａｌｉｃｅ"):
        assert _code(door, spelling, OTHER_PASSWORD) == "bad_credentials"
    before = openldap.operations("Bind")
    assert _code(door, "Alice", PASSWORD) == "too_many_attempts"
    assert openldap.operations("Bind") == before


# -- fixtures -------------------------------------------------------------------------------------


def _code(door: SignIn, username: str, password: str) -> str:
    """Return how a sign-in is refused; the empty text where it is not."""
    try:
        door.sign_in(username, password, "here", "test")
    except (NotSignedIn, Limited) as refused:
        return refused.code
    return ""


@pytest.fixture
def connect(openldap: OpenLdap, ldap_branch: LdapBranch) -> Connect:
    return connect_to(openldap, ldap_branch)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path)
    yield made
    made.store.close()
