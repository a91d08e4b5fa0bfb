"""Signing in and out, in a browser; by the built-in directory and by LDAP with StartTLS."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.conftest import Serve
from tests.factories.suite import PASSWORD
from tests.services.openldap import OpenLdap

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_a_wrong_password_is_answered_without_saying_which_part_was_wrong(
    firm: Firm, windows: Windows
) -> None:
    window = windows.open("ana")
    said = []
    for username in ("ana", "nobody"):
        window.sign_in(firm.url, username, "wrong")
        said.append(window.page.get_by_role("alert").inner_text())
        expect(window.box("User name")).to_have_value(username)
    assert said[0] == said[1]
    window.shot("signin-wrong")


def test_who_signs_out_sees_no_chat_on_the_way_back(firm: Firm, windows: Windows) -> None:
    tom = windows.open("tom")
    tom.sign_in(firm.url, "tom", PASSWORD)
    tom.button("Sign out").click()
    tom.sees("You are signed out.")
    tom.goto(f"{firm.url}/chat")
    expect(tom.button("Sign in", exact=True)).to_be_visible()


@pytest.mark.services
def test_one_signs_in_by_ldap_with_starttls(openldap: OpenLdap, serve: Serve, windows: Windows) -> None:
    branch = openldap.branch()
    entry = branch.add_person("lena", "her password in the directory", cn="Lena Berg")
    branch.add_group("research", [entry])
    suite = serve(
        {},
        CHANCERY_DIRECTORY_KIND="ldap",
        CHANCERY_LDAP_URIS=openldap.ldap,
        CHANCERY_LDAP_START_TLS="true",
        CHANCERY_LDAP_CA_FILE=str(openldap.ca_file),
        CHANCERY_LDAP_BIND_DN=branch.service_dn,
        CHANCERY_LDAP_BIND_PASSWORD=branch.service_password,
        CHANCERY_LDAP_BASE=branch.people,
        CHANCERY_LDAP_GROUP_BASE=branch.groups,
    )
    lena = windows.open("lena")
    lena.sign_in(suite.settings.chat_url, "lena", "not her password")
    expect(lena.page.get_by_role("alert")).to_be_visible()
    started = openldap.operations("Extended")
    lena.sign_in(suite.settings.chat_url, "lena", "her password in the directory")
    expect(lena.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    lena.sees("Lena Berg")
    assert openldap.operations("Extended") > started
