"""LDAP against a real OpenLDAP server: the directory contract, transport, escaping, failures."""

import hashlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import NotSignedIn, SettingsError, Unavailable
from core.identity.directory import Directory
from core.identity.ldap import LdapDirectory
from core.identity.ldap.flavours import OPENLDAP
from tests.contracts.directory import OTHER_PASSWORD, PASSWORD, DirectoryContract
from tests.factories.ldap import Connect, connect_to, openldap_settings
from tests.services.openldap import LdapBranch, OpenLdap

pytestmark = [
    pytest.mark.services,
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]


class LdapWorld:
    def __init__(self, server: OpenLdap, branch: LdapBranch, directory: Directory) -> None:
        self.server, self.branch, self.directory = server, branch, directory
        self._names: dict[str, str] = {}
        self._groups: dict[str, str] = {}

    def add(self, username: str, password: str, *, groups: frozenset[str] = frozenset()) -> str:
        dn = self.branch.add_person(username, password, cn=f"Alice of {username}")
        for group in groups:
            self.branch.add_group(group, [dn])
        person = self.directory.find(username)
        assert person is not None
        self._names[person.stable_id] = dn
        return person.stable_id

    def rename(self, stable_id: str, username: str) -> None:
        self._names[stable_id] = self.branch.rename(self._names[stable_id], username)

    def take_away(self, stable_id: str) -> None:
        self.branch.remove(self._names.pop(stable_id))

    def cost(self) -> int:
        return self.server.operations("Bind")


class TestSearchThenBindOverLdaps(DirectoryContract):
    @pytest.fixture
    def world(self, openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect) -> LdapWorld:
        return LdapWorld(openldap, ldap_branch, connect(page_size=3))


class TestSearchThenBindOverStartTls(DirectoryContract):
    @pytest.fixture
    def world(self, openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect) -> LdapWorld:
        directory = connect(uris=(openldap.ldap,), start_tls=True, group_filter="(member={dn})")
        return LdapWorld(openldap, ldap_branch, directory)


class TestDirectBindByTemplate(DirectoryContract):
    @pytest.fixture
    def world(self, openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect) -> LdapWorld:
        template = f"uid={{username}},{ldap_branch.people}"
        return LdapWorld(openldap, ldap_branch, connect(user_dn_template=template))


# -- transport ------------------------------------------------------------------------------------


def test_a_certificate_of_another_authority_is_refused(
    openldap: OpenLdap, alice: str, connect: Connect
) -> None:
    for way in ({}, {"uris": (openldap.ldap,), "start_tls": True}):
        directory = connect(ca_file=str(openldap.other_ca_file), **way)
        assert _unavailable(directory).params["reason"] == "certificate"


def test_the_machines_own_authorities_do_not_vouch_for_a_private_one(alice: str, connect: Connect) -> None:
    assert _unavailable(connect(ca_file="")).params["reason"] == "certificate"


def test_a_certificate_with_another_name_is_refused(openldap: OpenLdap, alice: str, connect: Connect) -> None:
    for uri, start_tls in ((openldap.ldaps, False), (openldap.ldap, True)):
        directory = connect(uris=(uri.replace("localhost", "127.0.0.1"),), start_tls=start_tls)
        refused = _unavailable(directory)
        assert refused.params["reason"] == "certificate"
        assert "127.0.0.1" in refused.message


def test_a_refused_certificate_is_named_so_that_it_can_be_compared(
    openldap: OpenLdap, alice: str, connect: Connect
) -> None:
    pem = (openldap.ca_file.parent / "server.pem").read_text().strip()
    served = ssl.PEM_cert_to_DER_cert(pem)
    fingerprint = hashlib.sha256(served).hexdigest()
    for way in ({}, {"uris": (openldap.ldap,), "start_tls": True}):
        said = _unavailable(connect(ca_file=str(openldap.other_ca_file), **way)).message
        assert "issued by" in said
        assert "trustme" in said
        assert fingerprint in said


def test_no_password_leaves_before_the_certificate_was_accepted(
    openldap: OpenLdap, alice: str, connect: Connect
) -> None:
    before = openldap.operations("Bind")
    for way in ({}, {"uris": (openldap.ldap,), "start_tls": True}):
        _unavailable(connect(ca_file=str(openldap.other_ca_file), **way))
    assert openldap.operations("Bind") == before


def test_a_plain_connection_is_refused_by_name_of_the_setting(openldap: OpenLdap, connect: Connect) -> None:
    with pytest.raises(SettingsError) as refused:
        connect(uris=(openldap.ldap,))
    assert refused.value.params["key"] == "ldap.allow_plaintext"
    assert "ldap.allow_plaintext" in refused.value.message


def test_a_plain_connection_works_where_a_setting_permits_it(
    openldap: OpenLdap, alice: str, connect: Connect
) -> None:
    directory = connect(uris=(openldap.ldap,), allow_plaintext=True)
    assert directory.authenticate("alice", PASSWORD).username == "alice"


def test_a_server_without_starttls_gets_no_password(connect: Connect, deaf_port: int) -> None:
    started = time.monotonic()
    refused = _unavailable(connect(uris=(f"ldap://localhost:{deaf_port}",), start_tls=True, timeout_s=1.0))
    assert refused.params["reason"] in {"timeout", "start_tls"}
    assert time.monotonic() - started < 5


def test_a_server_that_never_answers_is_given_up_in_time(connect: Connect, deaf_port: int) -> None:
    started = time.monotonic()
    refused = _unavailable(connect(uris=(f"ldaps://localhost:{deaf_port}",), timeout_s=1.0))
    assert refused.params == {"server": f"ldaps://localhost:{deaf_port}", "reason": "timeout"}
    assert refused.retryable
    assert time.monotonic() - started < 5


def test_a_dead_server_is_named(connect: Connect, dead_port: int) -> None:
    refused = _unavailable(connect(uris=(f"ldaps://localhost:{dead_port}",), timeout_s=1.0))
    assert refused.params["reason"] == "connect"
    assert f"localhost:{dead_port}" in refused.message


def test_a_host_that_does_not_exist_is_named(connect: Connect) -> None:
    refused = _unavailable(connect(uris=("ldaps://nowhere.invalid",), timeout_s=1.0))
    assert "nowhere.invalid" in refused.message


def test_no_error_holds_a_password(openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect) -> None:
    secret = "the secret of the service"
    refused = _unavailable(connect(bind_password=secret))
    assert refused.params["reason"] == "service_account"
    assert secret not in str(refused.as_dict())
    assert secret not in repr(openldap_settings(openldap, ldap_branch, bind_password=secret))
    assert PASSWORD not in str(refused.as_dict())


# -- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "o'brien",
        "smith, john",
        'the "boss"',
        "a+b=c\\d",
        "#hash",
        "<angle>;semi",
        "(round)*star",
        "Zoë Müller",
        "山田太郎",
    ],
)
def test_a_name_of_special_characters_signs_in_both_ways(
    ldap_branch: LdapBranch, connect: Connect, name: str
) -> None:
    dn = ldap_branch.add_person(name, PASSWORD)
    ldap_branch.add_group(name, [dn])
    template = f"uid={{username}},{ldap_branch.people}"
    for way in ({}, {"user_dn_template": template}):
        person = connect(**way).authenticate(name, PASSWORD)
        assert person.username == name
        assert person.groups == {name}


def test_an_entry_is_bound_by_the_name_the_server_gives(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("jd", PASSWORD, rdn="cn", cn='Doe, Jane "JD" + Co\\')
    assert connect().authenticate("jd", PASSWORD).display_name == 'Doe, Jane "JD" + Co\\'


def test_a_name_that_two_entries_bear_lets_nobody_in(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("twin", PASSWORD, rdn="cn", cn="One")
    ldap_branch.add_person("twin", PASSWORD, rdn="cn", cn="Two")
    with pytest.raises(NotSignedIn):
        connect().authenticate("twin", PASSWORD)
    assert connect().find("twin") is None


def test_the_user_filter_also_binds_who_comes_by_template(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("temp", PASSWORD, employeeType="contractor")
    directory = connect(
        user_dn_template=f"uid={{username}},{ldap_branch.people}",
        user_filter="(&(uid={username})(!(employeeType=contractor)))",
    )
    with pytest.raises(NotSignedIn):
        directory.authenticate("temp", PASSWORD)


# -- what is read ---------------------------------------------------------------------------------


def test_the_stable_id_is_the_entry_uuid(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    assert len(connect().authenticate("alice", PASSWORD).stable_id) == 36


def test_attributes_for_segments_are_read(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("alice", PASSWORD, departmentNumber="RES", displayName="Alice Arnold")
    person = connect(attributes=("departmentNumber", "employeeType")).authenticate("alice", PASSWORD)
    assert person.attributes == {"departmentNumber": "RES"}
    assert person.display_name == "Alice Arnold"


def test_a_group_of_another_branch_never_passes_for_one_of_the_base(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    dn = ldap_branch.add_person("mallory", PASSWORD)
    below = ldap_branch.add(f"ou=local,{ldap_branch.groups}", "organizationalUnit", {"ou": "local"})
    evil = ldap_branch.add_group("it", [dn], below=below)
    groups = connect().authenticate("mallory", PASSWORD).groups
    assert groups == {evil}


def test_leaving_a_group_shows_at_the_next_sign_in(ldap_branch: LdapBranch, connect: Connect) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    group = ldap_branch.add_group("it", [dn, ldap_branch.service_dn])
    assert connect().authenticate("alice", PASSWORD).groups == {"it"}
    ldap_branch.leave_group(group, dn)
    assert connect().authenticate("alice", PASSWORD).groups == frozenset()


def test_a_list_that_the_server_cuts_off_is_an_error_and_not_a_shorter_list(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    limited = ldap_branch.add(
        f"cn=limited,{ldap_branch.base}",
        ["applicationProcess", "simpleSecurityObject"],
        {"cn": "limited", "userPassword": OTHER_PASSWORD},
    )
    for number in range(6):
        ldap_branch.add_person(f"person{number}", PASSWORD)
    with pytest.raises(Unavailable) as refused:
        list(connect(bind_dn=limited, bind_password=OTHER_PASSWORD, page_size=2).read().people)
    assert refused.value.params["reason"] in {"cut_off", "search"}


def test_a_template_alone_needs_no_service_account(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    directory = connect(
        user_dn_template=f"uid={{username}},{ldap_branch.people}", bind_dn="", bind_password=""
    )
    assert directory.authenticate("alice", PASSWORD).username == "alice"


def test_an_attribute_the_service_account_may_not_read_is_named(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    refused = _unavailable(connect(flavour=replace(OPENLDAP, id_attribute="objectGUID")))
    assert refused.params["reason"] == "attribute"
    assert "objectGUID" in refused.message


@pytest.mark.parametrize("key", ["base", "group_base"])
def test_a_base_that_does_not_exist_is_named_with_its_setting(alice: str, connect: Connect, key: str) -> None:
    wrong = connect(**{key: "ou=nowhere,dc=acme,dc=example"})
    refused = _unavailable(wrong)
    assert refused.params["reason"] == "search"
    assert "ou=nowhere" in refused.message
    assert f"check ldap.{key}" in refused.message
    assert [one.ok for one in wrong.health()] == [False], "an administrator sees it before anybody signs in"


def test_a_server_that_shows_nobody_is_not_well(alice: str, connect: Connect) -> None:
    assert [one.ok for one in connect().health()] == [True]
    (health,) = connect(user_filter="(employeeNumber={username})").health()
    assert not health.ok
    assert "nobody below" in health.says
    assert "ldap.user_filter" in health.says


def test_the_wrong_port_is_told_from_other_trouble_with_tls(openldap: OpenLdap, connect: Connect) -> None:
    for uri, start_tls, says in (
        (openldap.ldap.replace("ldap:", "ldaps:"), False, "ldap.start_tls"),
        (openldap.ldaps.replace("ldaps:", "ldap:"), True, "name it ldaps://"),
    ):
        assert says in _unavailable(connect(uris=(uri,), start_tls=start_tls)).message


def test_it_is_shown_who_goes_by_a_name_and_whether_they_may_sign_in(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.add_group("it", [dn])
    (seen,) = connect().look_up("Alice")
    assert (seen.dn, seen.person.groups, seen.may_sign_in) == (dn, frozenset({"it"}), True)
    ldap_branch.replace(dn, "pwdEndTime", "20200101000000Z")
    assert [one.may_sign_in for one in connect().look_up("alice")] == [False]
    for name in ("One", "Two"):
        ldap_branch.add_person("twin", PASSWORD, rdn="cn", cn=name)
    assert len(connect().look_up("twin")) == 2
    assert connect().look_up("nobody") == ()


# -- fixtures -------------------------------------------------------------------------------------


def _unavailable(directory: LdapDirectory) -> Unavailable:
    with pytest.raises(Unavailable) as refused:
        directory.authenticate("alice", PASSWORD)
    assert refused.value.code == "directory_unavailable"
    return refused.value


@pytest.fixture
def connect(openldap: OpenLdap, ldap_branch: LdapBranch) -> Connect:
    return connect_to(openldap, ldap_branch)


@pytest.fixture
def alice(ldap_branch: LdapBranch) -> str:
    return ldap_branch.add_person("alice", PASSWORD)


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def dead_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
