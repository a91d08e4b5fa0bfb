"""Signing in: throttled, on record, and the same from outside whoever is asked for."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from core.errors import Denied, Limited, NotSignedIn, Unavailable
from core.identity.directory import Admit, DirectoryMapping, DirectoryPerson, admit_anybody
from core.identity.permissions import Role
from core.identity.signin import SignIn
from core.identity.throttle import ThrottleLimits, network_of
from core.store import Store, Tx
from core.trail import Tag
from tests.factories.identity import PASSWORD, ChatIdentity, CountingHasher, chat_identity
from tests.fakes.directory import FakeDirectory

T = TypeVar("T")
HERE, THERE = "10.0.0.1", "10.0.0.2"
LIMITS = ThrottleLimits(account_attempts=3, address_attempts=6)


def fail(door: SignIn, username: str = "alice", address: str = HERE) -> str:
    with pytest.raises((NotSignedIn, Limited)) as refused:
        door.sign_in(username, "a wrong password", address, "browser")
    return refused.value.code


def test_a_sign_in_starts_a_session_and_stands_on_record(house: ChatIdentity) -> None:
    token, signed_in = house.sign_in().sign_in("alice", PASSWORD, HERE, "browser")
    assert signed_in.person.profile.display_name == "Alice Arnold"
    assert signed_in.principal.roles == {Role.EMPLOYEE}
    assert signed_in.principal.session == signed_in.session.id
    assert house.sign_in().identify(token).principal == signed_in.principal
    tag, actor, subject, detail = house.trail.rows[-1]
    assert (tag, actor, subject) == (Tag.SIGNED_IN, signed_in.person.id, signed_in.session.id)
    assert detail == {"address": HERE, "user_agent": "browser"}


def test_a_failed_sign_in_stands_on_record_without_the_name_that_was_tried(house: ChatIdentity) -> None:
    fail(house.sign_in(), "secret-name")
    tag, _, subject, _ = house.trail.rows[-1]
    assert tag == Tag.SIGN_IN_FAILED
    assert "secret-name" not in str(house.trail.rows[-1])
    assert subject.startswith("account:")


def test_an_account_waits_after_failures_from_wherever_they_come(house: ChatIdentity) -> None:
    door = house.sign_in()
    assert [fail(door, address=f"10.0.1.{n}") for n in range(3)] == ["bad_credentials"] * 3
    with pytest.raises(Limited) as refused:
        door.sign_in("alice", PASSWORD, "10.0.2.1", "browser")
    assert refused.value.code == "too_many_attempts"
    assert refused.value.params["retry_after"] == 15
    house.clock.advance(15)
    assert door.sign_in("alice", PASSWORD, "10.0.2.1", "browser")


def test_each_further_failure_waits_twice_as_long_up_to_a_bound(house: ChatIdentity) -> None:
    door, waits = house.sign_in(), []
    for _ in range(2):
        fail(door)
    for number in range(9):
        assert fail(door, address=f"10.1.0.{number}") == "bad_credentials"
        with pytest.raises(Limited) as refused:
            door.sign_in("alice", PASSWORD, THERE, "browser")
        waits.append(refused.value.params["retry_after"])
        house.clock.advance(waits[-1])
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_unknown_names_are_throttled_like_known_ones(house: ChatIdentity) -> None:
    door = house.sign_in()
    known = [fail(door, "alice", f"10.0.1.{n}") for n in range(5)]
    unknown = [fail(door, "nobody", f"10.0.2.{n}") for n in range(5)]
    assert known == unknown == ["bad_credentials"] * 3 + ["too_many_attempts"] * 2


def test_another_spelling_of_a_name_gives_no_further_guesses(house: ChatIdentity) -> None:
    door = house.sign_in()
    spellings = ["alice", "ALICE", "al\u00adice", "ａｌｉｃｅ"]
    codes = [fail(door, spelling, f"10.0.1.{n}") for n, spelling in enumerate(spellings)]
    assert codes == ["bad_credentials"] * 3 + ["too_many_attempts"]


def test_names_that_only_the_directory_knows_to_be_one_persons_count_as_one(house: ChatIdentity) -> None:
    door = house.sign_in(_with_ana())
    for number, spelling in enumerate(("ana", "ana@acme.example", "ANA")):
        assert fail(door, spelling, f"10.0.1.{number}") == "bad_credentials"
    for spelling in ("ana", "ana@acme.example"):
        with pytest.raises(NotSignedIn) as refused:
            door.sign_in(spelling, PASSWORD, THERE, "browser")
        assert refused.value.code == "bad_credentials"
    house.clock.advance(15)
    assert door.sign_in("ana@acme.example", PASSWORD, THERE, "browser")
    assert door.sign_in("ana", PASSWORD, THERE, "browser")


def test_no_answer_tells_which_names_are_the_same_persons(house: ChatIdentity) -> None:
    door = house.sign_in(_with_ana())
    tries = ("{}", "{}@acme.example", "{}", "{}", "{}@acme.example", "{}@acme.example", "{}@acme.example")
    answers = [
        [fail(door, form.format(name), f"10.0.{net}.{n}") for n, form in enumerate(tries)]
        for net, name in enumerate(("ana", "nobody"))
    ]
    assert answers[0] == answers[1]
    assert answers[0].count("too_many_attempts") == 1, "only under a name that was tried itself"


def test_whoever_waited_as_told_is_let_in_however_slow_the_directory_is(house: ChatIdentity) -> None:
    directory = SlowDirectory(house)
    directory.add("ana", PASSWORD)
    door = house.sign_in(directory)
    for _ in range(LIMITS.account_attempts):
        tried_at = house.clock.now()
        fail(door, "ana")
    waited = (house.clock.now() - tried_at).total_seconds()
    house.clock.advance(15 - waited)
    assert door.sign_in("ana", PASSWORD, HERE, "browser")


def test_guesses_under_other_names_keep_nobody_out_for_longer(house: ChatIdentity) -> None:
    door = house.sign_in(_with_ana())
    for number in range(LIMITS.account_attempts):
        fail(door, "ana", f"10.0.1.{number}")
    for number in range(20):
        fail(door, "ana@acme.example", f"10.0.2.{number}")
    house.clock.advance(15)
    assert door.sign_in("ana", PASSWORD, HERE, "browser")


def test_a_directory_that_goes_away_after_it_named_the_person_counts_against_nobody(
    house: ChatIdentity,
) -> None:
    directory = BreakingDirectory()
    directory.add("ana", PASSWORD)
    door = house.sign_in(directory)
    for _ in range(2 * LIMITS.account_attempts):
        with pytest.raises(Unavailable):
            door.sign_in("ana", PASSWORD, HERE, "browser")
    directory.broken = False
    assert door.sign_in("ana", PASSWORD, HERE, "browser")


def test_a_store_that_goes_away_after_the_attempt_was_counted_counts_against_nobody(
    house: ChatIdentity,
) -> None:
    store = FillingStore(house.store)
    door = SignIn(
        cast(Store, store), house.builtin, house.people, house.sessions, house.throttle, house.trail
    )
    for _ in range(3 * LIMITS.account_attempts):
        store.room = 1
        with pytest.raises(Unavailable):
            door.sign_in("alice", PASSWORD, HERE, "browser")
    store.room = 9
    assert door.sign_in("alice", PASSWORD, HERE, "browser")


def test_a_clock_that_is_set_back_keeps_nobody_out(house: ChatIdentity) -> None:
    door = house.sign_in()
    house.clock.advance(3000)
    for _ in range(LIMITS.account_attempts):
        fail(door)
    assert fail(door) == "too_many_attempts"
    house.clock.advance(-3000)
    assert door.sign_in("alice", PASSWORD, HERE, "browser")


def test_a_second_server_that_asks_again_counts_no_second_guess(house: ChatIdentity) -> None:
    directory = AskingTwice()
    directory.add("ana", PASSWORD)
    door = house.sign_in(directory)
    for _ in range(LIMITS.account_attempts - 1):
        fail(door, "ana")
    assert door.sign_in("ana", PASSWORD, HERE, "browser")


def test_an_address_waits_after_failures_with_whatever_names(house: ChatIdentity) -> None:
    door = house.sign_in()
    codes = [fail(door, f"name{n}") for n in range(7)]
    assert codes == ["bad_credentials"] * 6 + ["too_many_attempts"]
    assert door.sign_in("alice", PASSWORD, THERE, "browser")


def test_success_clears_the_account_but_not_the_address(house: ChatIdentity) -> None:
    door = house.sign_in()
    for _ in range(2):
        fail(door)
    door.sign_in("alice", PASSWORD, HERE, "browser")
    assert [fail(door) for _ in range(3)] == ["bad_credentials"] * 3
    assert fail(door, "other") == "bad_credentials"
    assert fail(door, "another") == "too_many_attempts"


def test_people_who_sign_in_rightly_never_use_their_address_up(house: ChatIdentity) -> None:
    door = house.sign_in()
    for _ in range(3 * LIMITS.address_attempts):
        door.sign_in("alice", PASSWORD, HERE, "browser")


def test_success_makes_nobody_wait_behind_an_address_that_failed_often(house: ChatIdentity) -> None:
    door = house.sign_in()
    for number in range(LIMITS.address_attempts):
        fail(door, f"name{number}")
    assert fail(door, "one more") == "too_many_attempts"
    house.clock.advance(15)
    for _ in range(3):
        assert door.sign_in("alice", PASSWORD, HERE, "browser")


def test_an_office_where_somebody_mistypes_now_and_then_is_never_kept_out(house: ChatIdentity) -> None:
    door = house.sign_in()
    for number in range(10 * LIMITS.address_attempts):
        assert fail(door, f"name{number}") == "bad_credentials"
        assert door.sign_in("alice", PASSWORD, HERE, "browser")
        house.clock.advance(61)


def test_failures_are_forgotten_after_an_hour_of_quiet(house: ChatIdentity) -> None:
    door = house.sign_in()
    for _ in range(2):
        fail(door)
    house.clock.advance(3601)
    assert [fail(door) for _ in range(3)] == ["bad_credentials"] * 3
    house.clock.advance(2 * 3600)
    assert house.store.write(house.throttle.do_purge) == 3, "an account, its person and an address"


def test_attempts_side_by_side_are_all_counted(house: ChatIdentity) -> None:
    door, codes = house.sign_in(), []
    before = CountingHasher.computed
    threads = [
        threading.Thread(target=lambda n=n: codes.append(fail(door, address=f"10.0.3.{n}")))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("bad_credentials") == LIMITS.account_attempts
    assert CountingHasher.computed == before + LIMITS.account_attempts


def test_who_has_to_wait_costs_no_hash(house: ChatIdentity) -> None:
    door = house.sign_in()
    for _ in range(3):
        fail(door)
    before = CountingHasher.computed
    assert fail(door) == "too_many_attempts"
    assert CountingHasher.computed == before


def test_a_directory_that_is_away_counts_against_nobody(house: ChatIdentity) -> None:
    directory = FakeDirectory()
    directory.add("alice", PASSWORD)
    directory.away = True
    door = house.sign_in(directory)
    for _ in range(10):
        with pytest.raises(Unavailable):
            door.sign_in("alice", PASSWORD, HERE, "browser")
    directory.away = False
    assert door.sign_in("alice", PASSWORD, HERE, "browser")


def test_whoever_is_disabled_here_gets_the_answer_of_a_wrong_password(house: ChatIdentity) -> None:
    directory = FakeDirectory()
    directory.add("bob", PASSWORD)
    door = house.sign_in(directory)
    token, signed_in = door.sign_in("bob", PASSWORD, HERE, "browser")
    house.store.write(lambda tx: house.people.do_disable(tx, signed_in.person.id, "test"))
    with pytest.raises(NotSignedIn):
        door.identify(token)
    with pytest.raises(NotSignedIn) as refused:
        door.sign_in("bob", PASSWORD, HERE, "browser")
    assert refused.value.code == "bad_credentials"
    assert house.trail.tags()[-1] == Tag.SIGN_IN_FAILED


def test_whoever_has_no_role_here_is_not_let_in(tmp_path: Path) -> None:
    mapping = DirectoryMapping(roles={Role.EMPLOYEE: frozenset({"chat-users"})})
    house = chat_identity(tmp_path, mapping=mapping)
    house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")
    with pytest.raises(Denied):
        house.sign_in().sign_in("alice", PASSWORD, HERE, "browser")
    house.store.close()


def test_what_the_directory_changed_is_taken_over_at_sign_in(house: ChatIdentity) -> None:
    directory = FakeDirectory()
    stable_id = directory.add("carol", PASSWORD)
    door = house.sign_in(directory)
    _, before = door.sign_in("carol", PASSWORD, HERE, "browser")
    directory.change(stable_id, username="carol.c", groups=frozenset({"trading", "it"}))
    _, after = door.sign_in("carol.c", PASSWORD, HERE, "browser")
    assert after.person.id == before.person.id
    assert after.person.facts().segments == {"trading"}
    assert Role.IT_ADMINISTRATOR in after.principal.roles


def test_the_command_line_checks_a_password_without_starting_a_session(house: ChatIdentity) -> None:
    person = house.sign_in().authenticate("alice", PASSWORD, "cli")
    assert house.sign_in().sessions(person.id) == []
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            house.sign_in().authenticate("alice", "a wrong password", "cli")
    with pytest.raises(Limited):
        house.sign_in().authenticate("alice", PASSWORD, "cli")


def test_signing_out_ends_the_session_at_once(house: ChatIdentity) -> None:
    door = house.sign_in()
    token, signed_in = door.sign_in("alice", PASSWORD, HERE, "browser")
    door.sign_out(signed_in.session)
    with pytest.raises(NotSignedIn):
        door.identify(token)


def test_signing_out_everywhere_ends_the_other_sessions(house: ChatIdentity) -> None:
    door = house.sign_in()
    here, signed_in = door.sign_in("alice", PASSWORD, HERE, "browser")
    there, _ = door.sign_in("alice", PASSWORD, THERE, "telephone")
    person = signed_in.person.id
    assert len(door.sessions(person)) == 2
    assert door.sign_out_everywhere(person, person, but=signed_in.session.id) == 1
    assert door.identify(here).person.id == person
    with pytest.raises(NotSignedIn):
        door.identify(there)


def test_the_use_of_a_session_is_noted(house: ChatIdentity) -> None:
    door = house.sign_in()
    token, _ = door.sign_in("alice", PASSWORD, HERE, "browser")
    house.clock.advance(3000)
    door.identify(token)
    house.clock.advance(3000)
    assert door.identify(token).person.profile.username == "alice"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("cli", "cli"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


# -- fixtures -------------------------------------------------------------------------------------


class SlowDirectory(FakeDirectory):
    """Takes three seconds to find out whose a name is."""

    def __init__(self, house: ChatIdentity) -> None:
        super().__init__()
        self._house = house

    def find(self, username: str) -> DirectoryPerson | None:
        self._house.clock.advance(3)
        return super().find(username)


class BreakingDirectory(FakeDirectory):
    """Finds out whose a name is, and is gone before it can judge the password."""

    broken = True

    def authenticate(self, username: str, password: str, admit: Admit = admit_anybody) -> DirectoryPerson:
        found = self.find(username)
        if self.broken and admit(found.stable_id if found else ""):
            raise Unavailable("The directory is away.", code="directory_unavailable")
        return super().authenticate(username, password, admit)


class FillingStore:
    """A store on a disk that has room for so many writes more."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.room = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, work: Callable[[Tx], T]) -> T:
        if self.room == 0:
            raise Unavailable("The disk is full.", code="store_unavailable")
        self.room -= 1
        return self._store.write(work)


class AskingTwice(FakeDirectory):
    """Asks whether somebody is admitted for each of two servers."""

    def authenticate(self, username: str, password: str, admit: Admit = admit_anybody) -> DirectoryPerson:
        return super().authenticate(
            username, password, lambda stable_id: admit(stable_id) and admit(stable_id)
        )


def _with_ana() -> FakeDirectory:
    """Return a directory with somebody who has two names."""
    directory = FakeDirectory()
    directory.add("ana", PASSWORD, email="ana@acme.example")
    return directory


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path, limits=LIMITS)
    made.builtin.add("alice", PASSWORD, display_name="Alice Arnold", by="test")
    yield made
    made.store.close()
