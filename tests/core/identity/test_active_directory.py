"""Active Directory against a real Samba domain controller: the directory contract, and what is its own.

One file, because there is one domain controller on a machine.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Limited, NotSignedIn, Unavailable
from core.identity.directory import Directory
from core.identity.ldap import LdapDirectory, LdapSettings
from core.identity.ldap.flavours import ACTIVE_DIRECTORY
from core.identity.ldap.servers import Server, Servers
from core.identity.signin import SignIn
from core.identity.sync import DirectorySync, SyncLimits
from core.types import SystemClock
from tests.contracts.directory import OTHER_PASSWORD, PASSWORD, DirectoryContract
from tests.factories.identity import ChatIdentity, chat_identity
from tests.factories.ldap import Connect
from tests.services.forwarder import Forwarder, forwarding
from tests.services.samba import SUFFIX, TLS_PORT, AdBranch, Samba

pytestmark = [
    pytest.mark.services,
    # Samba may have to be installed, and the domain to be made, which takes minutes on a slow machine.
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]


class AdWorld:
    def __init__(self, branch: AdBranch, directory: Directory, forwarder: Forwarder) -> None:
        self.branch, self.directory, self.forwarder = branch, directory, forwarder
        self._names: dict[str, str] = {}
        self._groups: dict[str, str] = {}

    def add(self, username: str, password: str, *, groups: frozenset[str] = frozenset()) -> str:
        dn = self.branch.add_person(username, password, displayName=f"Alice of {username}")
        for group in groups:
            self.branch.add_group(group, [dn])
        person = self.directory.find(username)
        assert person is not None
        self._names[person.stable_id] = dn
        return person.stable_id

    def rename(self, stable_id: str, username: str) -> None:
        name = {"sAMAccountName": username, "userPrincipalName": f"{username}@ex.test"}
        self.branch.replace(self._names[stable_id], **name)

    def take_away(self, stable_id: str) -> None:
        self.branch.remove(self._names.pop(stable_id))

    def cost(self) -> int:
        """Each bind has a connection of its own."""
        return self.forwarder.connections


class TestActiveDirectory(DirectoryContract):
    @pytest.fixture
    def world(self, ad_branch: AdBranch, samba: Samba, forwarder: Forwarder) -> AdWorld:
        uris = (f"ldaps://localhost:{forwarder.port}",)
        settings = _settings(samba, ad_branch, uris=uris, page_size=3)
        return AdWorld(ad_branch, LdapDirectory(settings, SystemClock()), forwarder)


# -- who somebody is ------------------------------------------------------------------------------


def test_a_name_with_and_without_its_domain_is_the_same_person(ad_branch: AdBranch, connect: Connect) -> None:
    ad_branch.add_person("alice", PASSWORD)
    by_account = connect().authenticate("alice", PASSWORD)
    assert connect().authenticate("Alice@EX.test", PASSWORD) == by_account
    assert by_account.username == "alice"
    assert len(by_account.stable_id) == 36


@pytest.mark.parametrize(
    "cn", ['Doe, Jane "JD" + Co', "Zoë Müller-Lüdenscheidt", "山田 太郎", "#1 <boss>; \\o/"]
)
def test_an_entry_of_any_name_signs_in_and_is_in_its_groups(
    ad_branch: AdBranch, connect: Connect, cn: str
) -> None:
    dn = ad_branch.add_person("jd", PASSWORD, cn=cn)
    ad_branch.add_group(cn + " group", [dn])
    person = connect().authenticate("jd", PASSWORD)
    assert person.display_name == cn
    assert person.groups == {cn + " group"}
    assert connect().read().people == (person,)


def test_a_renamed_and_moved_person_is_still_the_same(ad_branch: AdBranch, connect: Connect) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    before = connect().find("alice")
    ad_branch.move(dn, "Alice Arnold", ad_branch.base)
    after = connect(base=ad_branch.base).find("alice")
    assert before is not None
    assert after is not None
    assert after.stable_id == before.stable_id
    assert after.display_name == "Alice Arnold"


def test_guesses_count_against_the_account_with_and_without_its_domain(
    ad_branch: AdBranch, connect: Connect, house: ChatIdentity
) -> None:
    ad_branch.add_person("alice", PASSWORD)
    door = house.sign_in(connect())
    spellings = ("alice", "ALICE@ex.test", "alice@EX.TEST", "Alice", "ａｌｉｃｅ")
    assert [_code(door, name, OTHER_PASSWORD) for name in spellings] == ["bad_credentials"] * len(spellings)
    for name in ("alice", "alice@ex.test"):
        assert _code(door, name, PASSWORD) == "too_many_attempts"


def test_guesses_count_against_the_person_by_any_name(
    ad_branch: AdBranch, connect: Connect, house: ChatIdentity
) -> None:
    ad_branch.add_person("alice", PASSWORD, userPrincipalName="a.arnold@acme.example")
    door = house.sign_in(connect())
    spellings = ("alice", "a.arnold@acme.example", "ALICE", "A.Arnold@acme.example", "alice")
    assert [_code(door, name, OTHER_PASSWORD) for name in spellings] == ["bad_credentials"] * len(spellings)
    for name in ("alice", "a.arnold@acme.example"):
        assert _code(door, name, PASSWORD) == "bad_credentials", "that the two are one is told to nobody"
    house.clock.advance(15)
    assert _code(door, "a.arnold@acme.example", PASSWORD) == ""


def test_a_name_behind_its_domain_is_nobodys(ad_branch: AdBranch, connect: Connect) -> None:
    ad_branch.add_person("alice", PASSWORD)
    assert connect().find("EX\\alice") is None


# -- groups ---------------------------------------------------------------------------------------


def test_groups_inside_groups_count_through_a_circle(ad_branch: AdBranch, connect: Connect) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    inner = ad_branch.add_group("inner", [dn])
    middle = ad_branch.add_group("middle", [inner])
    ad_branch.add_group("outer", [middle])
    ad_branch.join(inner, middle)
    ad_branch.add_group("other")
    assert _groups(connect) == {"inner", "middle", "outer"}


def test_a_group_reached_through_one_elsewhere_counts(ad_branch: AdBranch, connect: Connect) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    elsewhere = ad_branch.add_group("elsewhere", [dn], below=ad_branch.people)
    ad_branch.add_group("it", [elsewhere])
    assert _groups(connect) == {"it"}


def test_the_primary_group_and_the_groups_above_it_count(ad_branch: AdBranch, connect: Connect) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    primary = ad_branch.add_group("primary", [dn])
    ad_branch.add_group("above", [primary])
    ad_branch.replace(dn, primaryGroupID=ad_branch.number_of(primary))
    assert _groups(connect) == {"primary", "above"}


def test_members_that_come_in_parts_are_fetched_until_they_end(samba: Samba, ad_branch: AdBranch) -> None:
    assert _members_in_parts(samba, ad_branch, count=12, at_once=5) == 12


def test_a_group_of_more_members_than_a_windows_server_sends_at_once_comes_whole(
    samba: Samba, ad_branch: AdBranch, connect: Connect
) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    assert _members_in_parts(samba, ad_branch, count=1600, at_once=1500, first=dn) == 1600
    assert _groups(connect) == {"all"}
    ad_branch.remove(f"CN=all,{ad_branch.groups}")


def test_without_a_base_groups_of_the_whole_domain_count_by_their_whole_name(
    ad_branch: AdBranch, connect: Connect
) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    group = ad_branch.add_group("it", [dn])
    found = _groups(connect, group_base="")
    assert group in found
    assert f"CN=Domain Users,CN=Users,{SUFFIX}" in found


# -- accounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"enabled": False}, "account_disabled"),
        ({"pwdLastSet": "0"}, "password_must_change"),
        ({"accountExpires": "130000000000000000"}, "account_ended"),
    ],
)
def test_what_is_wrong_with_an_account_is_told_to_the_right_password_only(
    ad_branch: AdBranch, connect: Connect, attributes: dict[str, Any], code: str
) -> None:
    ad_branch.add_person("alice", PASSWORD, **attributes)
    assert _refused(connect, PASSWORD) == code
    assert _refused(connect, OTHER_PASSWORD) == "bad_credentials"


def test_a_locked_account_is_told_nothing_for_its_server_looks_at_no_password(
    ad_branch: AdBranch, connect: Connect, locking: None
) -> None:
    ad_branch.add_person("alice", PASSWORD)
    for _ in range(4):
        assert _refused(connect, OTHER_PASSWORD) == "bad_credentials"
    assert _refused(connect, PASSWORD) == "bad_credentials"
    # Locked by guesses is no leaver: anybody could bring that about.
    assert [person.username for person in connect().read().people] == ["alice"]


def test_the_disabled_and_the_ended_are_not_there(ad_branch: AdBranch, connect: Connect) -> None:
    ad_branch.add_person("alice", PASSWORD, accountExpires="0")
    disabled = ad_branch.add_person("bob", PASSWORD, enabled=False)
    ad_branch.add_person("carol", PASSWORD, accountExpires="130000000000000000")
    reading = connect().read()
    assert [person.username for person in reading.people] == ["alice"]
    assert len(reading.present) == 1
    assert connect().find("bob") is None
    ad_branch.enable(disabled, enabled=True)
    assert connect().find("bob") is not None


# -- reading --------------------------------------------------------------------------------------


def test_only_what_changed_is_read_again(ad_branch: AdBranch, connect: Connect) -> None:
    dn = ad_branch.add_person("alice", PASSWORD)
    group = ad_branch.add_group("it", [dn])
    first = connect().read()
    ad_branch.add_person("bob", PASSWORD)
    second = connect().read(first.cursor)
    assert not second.full
    assert "alice" not in {person.username for person in connect().read(second.cursor).people}
    assert "bob" in {person.username for person in second.people}
    assert len(second.present) == 2
    ad_branch.remove(group)
    third = connect().read(second.cursor)
    assert third.full, "a group that changed may concern anybody"
    assert all(not person.groups for person in third.people)


def test_another_server_begins_anew(ad_branch: AdBranch, connect: Connect, forwarder: Forwarder) -> None:
    ad_branch.add_person("alice", PASSWORD)
    first = connect().read()
    assert connect(uris=(f"ldaps://localhost:{forwarder.port}",)).read(first.cursor).full


def test_references_to_other_parts_of_the_forest_are_not_followed(
    ad_branch: AdBranch, connect: Connect
) -> None:
    ad_branch.add_person("alice", PASSWORD)
    everywhere = connect(base=SUFFIX).read().people
    assert {"alice", "chancery"} <= {person.username for person in everywhere}


def test_a_base_that_the_server_does_not_keep_is_named_with_its_setting(
    ad_branch: AdBranch, connect: Connect
) -> None:
    elsewhere = connect(base="OU=Staff,DC=other,DC=test", group_base="")
    with pytest.raises(Unavailable) as refused:
        elsewhere.find("alice")
    assert "check ldap.base" in refused.value.message
    assert [one.ok for one in elsewhere.health()] == [False]


# -- sync -----------------------------------------------------------------------------------------


def test_a_sync_takes_the_disabled_off_and_keeps_the_moved_and_the_locked(
    ad_branch: AdBranch, connect: Connect, locking: None, house: ChatIdentity
) -> None:
    moved, disabled = (ad_branch.add_person(name, PASSWORD) for name in ("alice", "bob"))
    ad_branch.add_person("carol", PASSWORD)
    directory = connect(base=ad_branch.base)
    sync = DirectorySync(
        house.store, directory, house.people, SystemClock(), house.trail, SyncLimits(leavers_percent=50)
    )
    door = house.sign_in(directory)
    alice, bob, carol = (
        door.sign_in(name, PASSWORD, "here", "test")[0] for name in ("alice", "bob@ex.test", "carol")
    )
    assert sync.run().counts.present == 3
    ad_branch.replace(ad_branch.move(moved, "Alice Arnold", ad_branch.base), sAMAccountName="alice.arnold")
    ad_branch.enable(disabled, enabled=False)
    for _ in range(4):
        with pytest.raises(NotSignedIn):
            directory.authenticate("carol", OTHER_PASSWORD)
    counts = sync.run().counts
    assert (counts.present, counts.changed, counts.left, counts.added) == (2, 1, 1, 0)
    assert door.identify(alice).person.profile.username == "alice.arnold"
    assert door.identify(carol).person.active
    with pytest.raises(NotSignedIn):
        door.identify(bob)
    ad_branch.enable(disabled, enabled=True)
    assert sync.run().counts.returned == 1


# -- fixtures -------------------------------------------------------------------------------------


def _settings(samba: Samba, branch: AdBranch, **changes: Any) -> LdapSettings:
    return LdapSettings(
        **{
            "uris": (f"ldaps://localhost:{TLS_PORT}",),
            "flavour": ACTIVE_DIRECTORY,
            "base": branch.people,
            "ca_file": str(samba.ca_file),
            "bind_dn": samba.service_dn,
            "bind_password": samba.service_password,
            "group_base": branch.groups,
            **changes,
        }
    )


def _members_in_parts(samba: Samba, branch: AdBranch, *, count: int, at_once: int, first: str = "") -> int:
    """Make a group, and return how many of its members are read where so many come at once.

    Samba sends all members at once, unless it is asked for a range: then it goes on as Windows does.
    """
    people = [branch.add(f"CN=p{n},{branch.people}", "contact", {}) for n in range(count - bool(first))]
    group = branch.add_group("all", [*filter(None, [first]), *people])

    def members(server: Server) -> set[str]:
        with server.service() as link:
            whole = link.read(group, "(objectClass=group)", ("member",))
            parts = link.read(group, "(objectClass=group)", (f"member;range=0-{at_once - 1}",))
        assert whole is not None
        assert parts is not None
        assert whole.all("member") == parts.all("member")
        return set(parts.all("member"))

    return len(Servers(_settings(samba, branch), SystemClock()).run(members))


def _groups(connect: Connect, **changes: Any) -> frozenset[str]:
    """Return the groups of Alice, which must be the same however they are read."""
    person = connect(**changes).authenticate("alice", PASSWORD)
    assert connect(**changes).read().people == (person,)
    return person.groups


def _code(door: SignIn, username: str, password: str) -> str:
    """Return how a sign-in is refused; the empty text where it is not."""
    try:
        door.sign_in(username, password, "here", "test")
    except (NotSignedIn, Limited) as refused:
        return refused.code
    return ""


def _refused(connect: Connect, password: str) -> str:
    with pytest.raises(NotSignedIn) as refused:
        connect().authenticate("alice", password)
    return refused.value.code


@pytest.fixture
def connect(samba: Samba, ad_branch: AdBranch) -> Connect:
    return lambda **changes: LdapDirectory(_settings(samba, ad_branch, **changes), SystemClock())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def forwarder(samba: Samba) -> Iterator[Forwarder]:
    with forwarding(TLS_PORT) as one:
        yield one


@pytest.fixture
def locking(samba: Samba) -> Iterator[None]:
    """The domain locks an account after three wrong passwords."""
    samba.lock_after(3)
    yield
    samba.lock_after(0)
