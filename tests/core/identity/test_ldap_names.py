"""Escaping and group names, without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.identity.ldap import LdapSettings, ldap_settings_from
from core.identity.ldap.config import Address
from core.identity.ldap.names import domain_of, escape, group_name, is_below
from core.settings import Settings

BASE = "ou=groups,dc=acme,dc=example"
SAFE = {"uris": ("ldaps://ldap.acme.example",), "base": "dc=acme", "bind_dn": "cn=x", "bind_password": "y"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))

pytestmark = pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning")


@given(TEXT)
def test_an_escaped_value_holds_nothing_that_either_grammar_gives_a_meaning(value: str) -> None:
    escaped = escape(value)
    plain = escaped.replace("\\", "")
    assert plain == "" or (plain.isascii() and plain.isalnum())


@given(TEXT.filter(bool))
def test_the_name_of_a_group_comes_back_from_its_distinguished_name(value: str) -> None:
    assert group_name(f"cn={escape(value)},{BASE}", BASE) == value


@pytest.mark.parametrize(
    ("dn", "name"),
    [
        ("cn=it,ou=groups,dc=acme,dc=example", "it"),
        ("CN=IT Staff , OU=Groups, DC=Acme,DC=Example", "IT Staff"),
        ("cn=a\\, b,ou=groups,dc=acme,dc=example", "a, b"),
        ("cn=a\\2c b,ou=groups,dc=acme,dc=example", "a, b"),
        ("cn=caf\\c3\\a9,ou=groups,dc=acme,dc=example", "café"),
        ("cn=a\\+b,ou=groups,dc=acme,dc=example", "a+b"),
        ("cn=end\\ ,ou=groups,dc=acme,dc=example", "end "),
    ],
)
def test_a_group_below_the_base_goes_by_its_own_name(dn: str, name: str) -> None:
    assert group_name(dn, BASE) == name


@pytest.mark.parametrize(
    "dn",
    [
        "cn=it,ou=local,ou=groups,dc=acme,dc=example",
        "cn=it,dc=acme,dc=example",
        "cn=it,ou=groups,dc=evil,dc=example",
        "cn=it\\,ou=groups,dc=acme,dc=example",
        "cn=it+l=x,ou=groups,dc=acme,dc=example",
        "cn=#6974,ou=groups,dc=acme,dc=example",
        "it,ou=groups,dc=acme,dc=example",
        "",
    ],
)
def test_any_other_group_goes_by_its_whole_name(dn: str) -> None:
    assert group_name(dn, BASE) == dn


def test_without_a_base_every_group_goes_by_its_whole_name() -> None:
    assert group_name(f"cn=it,{BASE}", "") == f"cn=it,{BASE}"


def test_a_name_is_below_a_base_however_it_is_spelled() -> None:
    assert is_below("CN=it, OU=Groups,DC=acme , DC=example", BASE)
    assert not is_below("cn=it,ou=other,dc=acme,dc=example", BASE)
    assert not is_below(f"cn=a\\,{BASE}", BASE)
    assert is_below("cn=anything", "")


def test_a_domain_is_the_end_of_a_name() -> None:
    assert domain_of("OU=People\\, all,DC=ex,DC=test") == "DC=ex,DC=test"
    assert domain_of("o=acme") == ""


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"uris": ("ldaps://safe.acme.example", "ldap://ldap.acme.example")}, "ldap.allow_plaintext"),
        ({"uris": ("http://ldap.acme.example",)}, "ldap.uris"),
        ({"uris": ("ldaps://",)}, "ldap.uris"),
        ({"uris": ("ldaps://ldap.acme.example:sixhundred",)}, "ldap.uris"),
        ({"start_tls": True}, "ldap.start_tls"),
        ({"base": ""}, "ldap.base"),
        ({"bind_dn": ""}, "ldap.bind_dn"),
        ({"bind_password": ""}, "ldap.bind_password"),
        ({"user_filter": "(objectClass=person)"}, "ldap.user_filter"),
        ({"user_dn_template": "uid=alice"}, "ldap.user_dn_template"),
        ({"uris": ()}, "ldap.uris"),
        ({"group_filter": "(member={dn})"}, "ldap.group_base"),
        ({"group_filter": "(member=*)", "group_base": BASE}, "ldap.group_filter"),
        ({"group_filter": "(member=uid={username},dc=x)", "group_base": BASE}, "ldap.group_filter"),
        ({"user_filter": "(uid={username}"}, "ldap.user_filter"),
        ({"user_filter": "uid={username}"}, "ldap.user_filter"),
        ({"user_filter": "(&(uid={username})(!memberOf=cn=x))"}, "ldap.user_filter"),
        ({"group_filter": "(member={dn})(member={dn})", "group_base": BASE}, "ldap.group_filter"),
        ({"timeout_s": 0.0}, "ldap.timeout_seconds"),
    ],
)
def test_what_is_unsafe_or_cannot_work_is_refused_by_name(changes: dict[str, object], key: str) -> None:
    with pytest.raises(SettingsError) as refused:
        LdapSettings(**{**SAFE, **changes})  # type: ignore[arg-type]
    assert refused.value.params["key"] == key


def test_the_password_of_the_service_account_is_never_printed() -> None:
    assert "hidden" not in repr(LdapSettings(**{**SAFE, "bind_password": "hidden"}))  # type: ignore[arg-type]


def test_ports_follow_the_scheme() -> None:
    assert LdapSettings(**SAFE).addresses[0].port == 636  # type: ignore[arg-type]
    assert Address("ldap://x").port == 389


def test_the_suites_settings_describe_the_directory() -> None:
    settings = Settings(
        directory_kind="ldap",
        ldap_uris=("ldap://ldap.acme.example",),
        ldap_start_tls=True,
        ldap_base="dc=acme",
        ldap_bind_dn="cn=x",
        ldap_bind_password="y",
        ldap_group_base="ou=groups",
    )
    found = ldap_settings_from(settings)
    assert found.protected
    assert [address.host for address in found.addresses] == ["ldap.acme.example"]
    assert found.user_filter == "(uid={username})"


def test_active_directory_needs_no_filter_to_be_set() -> None:
    found = ldap_settings_from(
        Settings(
            directory_kind="ldap",
            ldap_flavour="active_directory",
            ldap_uris=("ldaps://dc1.ex.test", "ldaps://dc2.ex.test"),
            ldap_base="OU=People,DC=ex,DC=test",
            ldap_bind_dn="chancery@ex.test",
            ldap_bind_password="y",
        )
    )
    assert "sAMAccountName" in found.user_filter
    assert found.group_search_base == "DC=ex,DC=test"
    assert found.groups is not None
    assert found.groups.follows_nesting
