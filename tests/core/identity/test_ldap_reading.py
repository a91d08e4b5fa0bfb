"""What is read from a real OpenLDAP server: nested groups, locks, changes, and nothing from elsewhere."""

import pytest

from core.errors import NotSignedIn, Unavailable
from core.identity.ldap.ranges import Values, whole
from tests.contracts.directory import OTHER_PASSWORD, PASSWORD
from tests.factories.ldap import Connect, connect_to
from tests.services.forwarder import forwarding
from tests.services.openldap import LdapBranch, OpenLdap

pytestmark = [
    pytest.mark.services,
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]


# -- groups ---------------------------------------------------------------------------------------


def test_groups_inside_groups_count_through_a_circle(ldap_branch: LdapBranch, connect: Connect) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    inner = ldap_branch.add_group("inner", [dn])
    middle = ldap_branch.add_group("middle", [inner])
    ldap_branch.add_group("outer", [middle])
    ldap_branch.join_group(inner, middle)
    ldap_branch.add_group("other", [ldap_branch.service_dn])
    assert _groups(connect) == {"inner", "middle", "outer"}


def test_without_a_group_base_member_of_is_followed(ldap_branch: LdapBranch, connect: Connect) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    inner = ldap_branch.add_group("inner", [dn])
    outer = ldap_branch.add_group("outer", [inner])
    ldap_branch.join_group(inner, outer)
    assert _groups(connect, group_base="") == {inner, outer}


def test_groups_by_user_name_count(ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    posix = {"cn": "it", "gidNumber": "7", "memberUid": ["alice", "bob"]}
    ldap_branch.add(f"cn=it,{ldap_branch.groups}", "posixGroup", posix)
    assert _groups(connect) == {"it"}


def test_a_group_of_many_members_comes_whole(ldap_branch: LdapBranch, connect: Connect) -> None:
    members = [f"uid=person{number},{ldap_branch.people}" for number in range(1600)]
    some = {f"person{number}" for number in (0, 1499, 1500, 1599, *range(10, 1600, 25))}
    ldap_branch.add_group("all", members)
    for name in some:
        ldap_branch.add_person(name, PASSWORD)
    # So many that all groups are read with their members, and then one that asks for its own.
    reading = connect().read()
    assert {person.username for person in reading.people if person.groups == {"all"}} == some
    assert connect().authenticate("person1599", PASSWORD).groups == {"all"}


# -- locks ----------------------------------------------------------------------------------------


def test_a_lock_that_passes_takes_nobody_off(ldap_branch: LdapBranch, connect: Connect) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.lock_after(dn, 2)
    for password in (OTHER_PASSWORD, OTHER_PASSWORD, PASSWORD):
        with pytest.raises(NotSignedIn) as refused:
            connect().authenticate("alice", password)
        assert refused.value.code == "bad_credentials"
    assert connect().find("alice") is not None
    assert len(connect().read().present) == 1


def test_a_lock_for_good_is_a_leaver(ldap_branch: LdapBranch, connect: Connect) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.replace(dn, "pwdAccountLockedTime", "000001010000Z")
    assert connect().find("alice") is None
    assert connect().read().present == frozenset()
    with pytest.raises(NotSignedIn):
        connect().authenticate("alice", PASSWORD)


@pytest.mark.parametrize(
    ("attribute", "past", "future"), [("pwdStartTime", True, False), ("pwdEndTime", False, True)]
)
def test_who_is_there_from_and_until_a_time(
    ldap_branch: LdapBranch, connect: Connect, attribute: str, past: bool, future: bool
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.lock_after(dn, 5)
    for time, is_there in (("20200101000000Z", past), ("29990101000000Z", future)):
        ldap_branch.replace(dn, attribute, time)
        assert (connect().find("alice") is not None) == is_there
        assert len(connect().read().present) == is_there
        assert _signs_in(connect) == is_there


# -- changes --------------------------------------------------------------------------------------


def test_only_what_changed_is_read_again(ldap_branch: LdapBranch, connect: Connect) -> None:
    old = ldap_branch.add_person("alice", PASSWORD)
    group = ldap_branch.add_group("it", [old, ldap_branch.service_dn])
    first = connect().read()
    assert first.full
    ldap_branch.add_person("bob", PASSWORD)
    second = connect().read(first.cursor)
    assert not second.full
    assert "bob" in {person.username for person in second.people}
    assert len(second.present) == 2
    ldap_branch.leave_group(group, old)
    third = connect().read(second.cursor)
    assert third.full, "a group that changed may concern anybody"
    assert all(not person.groups for person in third.people)


def test_where_groups_cannot_be_listed_everybody_is_read_each_time(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    group = ldap_branch.add_group("it", [dn, ldap_branch.service_dn])
    first = connect(group_base="").read()
    assert first.cursor == ""
    assert [person.groups for person in first.people] == [{group}]
    changed_at = ldap_branch.changed_at(dn)
    ldap_branch.leave_group(group, dn)
    assert ldap_branch.changed_at(dn) == changed_at, "a change of memberOf leaves no trace to go by"
    assert [person.groups for person in connect(group_base="").read(first.cursor).people] == [frozenset()]


def test_a_referral_is_not_followed(openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    with forwarding(openldap.plain_port) as elsewhere:
        target = f"ldap://127.0.0.1:{elsewhere.port}/{ldap_branch.groups}"
        ldap_branch.add(
            f"ou=away,{ldap_branch.people}", ["referral", "extensibleObject"], {"ou": "away", "ref": target}
        )
        assert [person.username for person in connect().read().people] == ["alice"]
        assert connect().authenticate("alice", PASSWORD).username == "alice"
        with pytest.raises(Unavailable) as refused:
            connect(base=f"ou=staff,ou=away,{ldap_branch.people}").find("alice")
        assert "refers to a server that does; check ldap.base" in refused.value.message
        assert elsewhere.connections == 0


# -- values in ranges -----------------------------------------------------------------------------


class Truncating:
    """A server that sends so many values at once, as Active Directory does."""

    def __init__(self, members: list[bytes], limit: int) -> None:
        self.members, self.limit, self.asked = members, limit, 0

    def __call__(self, attribute: str) -> Values:
        self.asked += 1
        first = int(attribute.partition("range=")[2].partition("-")[0])
        part = self.members[first : first + self.limit]
        rest = first + len(part) < len(self.members)
        end = f"{first + len(part) - 1}" if rest else "*"
        return {f"member;range={first}-{end}": part, attribute: part if end == "*" else []}


@pytest.mark.parametrize("count", [1501, 3000, 4499])
def test_values_beyond_what_is_sent_at_once_are_fetched(count: int) -> None:
    members = [b"%d" % number for number in range(count)]
    server = Truncating(members, 1500)
    found = whole({"member": [], "cn": [b"all"], **server("member;range=0-*")}, server)
    assert found["member"] == members
    assert found["cn"] == [b"all"]
    assert server.asked == -(-count // 1500)


def test_values_that_break_off_are_an_error_and_not_fewer_values() -> None:
    with pytest.raises(ValueError, match="break off at 1500"):
        whole({"member;range=0-1499": [b"x"] * 1500}, lambda _: {})


# -- fixtures -------------------------------------------------------------------------------------


def _signs_in(connect: Connect) -> bool:
    try:
        return connect().authenticate("alice", PASSWORD).username == "alice"
    except NotSignedIn:
        return False


def _groups(connect: Connect, **changes: str) -> frozenset[str]:
    """Return the groups of Alice, which must be the same however they are read."""
    person = connect(**changes).authenticate("alice", PASSWORD)
    assert connect(**changes).read().people == (person,)
    return person.groups


@pytest.fixture
def connect(openldap: OpenLdap, ldap_branch: LdapBranch) -> Connect:
    return connect_to(openldap, ldap_branch)
