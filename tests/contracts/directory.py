"""What every directory promises, whichever it is."""

from typing import Protocol

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import NotSignedIn
from core.identity.directory import Directory, canonical_username

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "staple of another kind"

INJECTIONS = [
    "*",
    "al*",
    "*)(uid=*",
    "alice)(|(uid=*",
    "alice)(objectClass=*",
    "\\2a",
    "alice\x00",
    "alice,ou=people",
    "alice+cn=alice",
    "uid=alice",
    '"alice"',
    "#616c696365",
    "alice\\",
    "{username}",
    "{dn}",
    "alice@",
    " ",
    "",
    "\ud800",
    "a" * 257,
]


class DirectoryWorld(Protocol):
    """A directory, and the hands that change what it says."""

    directory: Directory

    def add(self, username: str, password: str, *, groups: frozenset[str] = frozenset()) -> str:
        """Add a person called ``Alice of <username>`` and return the stable id."""
        ...

    def rename(self, stable_id: str, username: str) -> None:
        """Give a person another user name."""
        ...

    def take_away(self, stable_id: str) -> None:
        """Let a person leave."""
        ...

    def cost(self) -> int:
        """Return how many hashes or binds the directory has been asked for."""
        ...


class DirectoryContract:
    """Subclass it and give it a ``world``."""

    def test_the_right_password_tells_who_it_is(self, world: DirectoryWorld) -> None:
        stable_id = world.add("alice", PASSWORD, groups=frozenset({"research", "it"}))
        person = world.directory.authenticate("alice", PASSWORD)
        assert person.stable_id == stable_id
        assert person.username == "alice"
        assert person.display_name == "Alice of alice"
        assert person.groups == {"research", "it"}
        assert "@" in person.email

    def test_a_name_is_the_same_in_any_case_and_with_spaces_around(self, world: DirectoryWorld) -> None:
        stable_id = world.add("alice", PASSWORD)
        for spelling in ("ALICE", "Alice", " alice "):
            assert world.directory.authenticate(spelling, PASSWORD).stable_id == stable_id

    def test_a_password_is_the_same_in_its_own_case_only(self, world: DirectoryWorld) -> None:
        world.add("alice", PASSWORD)
        for wrong in (PASSWORD.upper(), PASSWORD + "x", PASSWORD[:-1]):
            with pytest.raises(NotSignedIn):
                world.directory.authenticate("alice", wrong)

    def test_a_password_of_any_characters_works(self, world: DirectoryWorld) -> None:
        password = 'Zürich (*) \\2a , "quoted" 密碼 🔑 #end '
        world.add("alice", password)
        assert world.directory.authenticate("alice", password).username == "alice"

    def test_an_unknown_name_gets_the_same_answer_at_the_same_cost(self, world: DirectoryWorld) -> None:
        world.add("alice", PASSWORD)
        answers = []
        for username in ("alice", "nobody"):
            before = world.cost()
            with pytest.raises(NotSignedIn) as refused:
                world.directory.authenticate(username, OTHER_PASSWORD)
            answers.append((refused.value.as_dict(), world.cost() - before))
        assert answers[0] == answers[1]
        assert answers[0][0]["code"] == "bad_credentials"
        assert answers[0][1] > 0

    def test_whoever_left_gets_the_same_answer_at_the_same_cost(self, world: DirectoryWorld) -> None:
        stable_id = world.add("alice", PASSWORD)
        world.take_away(stable_id)
        costs = []
        for username in ("alice", "nobody"):
            before = world.cost()
            with pytest.raises(NotSignedIn) as refused:
                world.directory.authenticate(username, PASSWORD)
            assert refused.value.code == "bad_credentials"
            costs.append(world.cost() - before)
        assert costs[0] == costs[1]

    def test_a_password_is_looked_at_only_for_whom_is_admitted(self, world: DirectoryWorld) -> None:
        stable_id = world.add("alice", PASSWORD)
        answers, asked = [], []

        def refuse(who: str) -> bool:
            asked.append(who)
            return False

        for username, password in (("alice", PASSWORD), ("ALICE", OTHER_PASSWORD), ("nobody", PASSWORD)):
            before = world.cost()
            with pytest.raises(NotSignedIn) as refused:
                world.directory.authenticate(username, password, refuse)
            answers.append((refused.value.as_dict(), world.cost() - before))
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0]["code"] == "bad_credentials"
        assert asked in ([stable_id, stable_id, ""], [""] * 3), "known by id, or not known yet"

    def test_a_name_counts_as_itself_however_it_is_spelled(self, world: DirectoryWorld) -> None:
        accounts = {world.directory.account(name) for name in ("alice", "ALICE", " Alice ", "al\u00adice")}
        assert len(accounts) == 1
        assert world.directory.account("bob") not in accounts

    def test_a_password_that_cannot_be_is_never_asked_about(self, world: DirectoryWorld) -> None:
        world.add("alice", PASSWORD)
        for password in ("", "x" * 1025, "\x00", "secret\x00", "\ud800"):
            for username in ("alice", "nobody"):
                before = world.cost()
                with pytest.raises(NotSignedIn) as refused:
                    world.directory.authenticate(username, password)
                assert refused.value.code == "bad_credentials"
                assert world.cost() == before

    def test_no_spelling_of_a_name_reaches_somebody_else(self, world: DirectoryWorld) -> None:
        world.add("alice", PASSWORD)
        for username in INJECTIONS:
            with pytest.raises(NotSignedIn) as refused:
                world.directory.authenticate(username, PASSWORD)
            assert refused.value.code == "bad_credentials", username
            assert world.directory.find(username) is None, username

    def test_people_are_found_by_name_and_by_id(self, world: DirectoryWorld) -> None:
        stable_id = world.add("alice", PASSWORD)
        by_name, by_id = world.directory.find("Alice"), world.directory.person(stable_id)
        assert by_name == by_id
        assert by_name is not None
        assert by_name.stable_id == stable_id
        assert world.directory.find("nobody") is None
        assert world.directory.person("nobody") is None
        assert world.directory.person("*") is None

    def test_everybody_is_listed_once(self, world: DirectoryWorld) -> None:
        expected = {world.add(f"person{n}", PASSWORD): f"person{n}" for n in range(8)}
        listed = world.directory.read().people
        assert {person.stable_id: person.username for person in listed} == expected
        assert len(listed) == len(expected)

    def test_whoever_left_is_found_no_more(self, world: DirectoryWorld) -> None:
        stays, leaves = world.add("alice", PASSWORD), world.add("bob", PASSWORD)
        world.take_away(leaves)
        assert world.directory.find("bob") is None
        assert world.directory.person(leaves) is None
        assert [person.stable_id for person in world.directory.read().people] == [stays]

    def test_a_renamed_person_is_still_the_same(self, world: DirectoryWorld) -> None:
        stable_id = world.add("alice", PASSWORD)
        world.rename(stable_id, "alice.arnold")
        assert world.directory.authenticate("alice.arnold", PASSWORD).stable_id == stable_id
        renamed = world.directory.person(stable_id)
        assert renamed is not None
        assert renamed.username == "alice.arnold"
        with pytest.raises(NotSignedIn):
            world.directory.authenticate("alice", PASSWORD)

    def test_a_new_person_under_an_old_name_is_somebody_else(self, world: DirectoryWorld) -> None:
        old = world.add("alice", PASSWORD)
        world.take_away(old)
        new = world.add("alice", OTHER_PASSWORD)
        assert new != old
        assert world.directory.authenticate("alice", OTHER_PASSWORD).stable_id == new
        with pytest.raises(NotSignedIn):
            world.directory.authenticate("alice", PASSWORD)

    def test_no_text_at_all_is_a_way_in(self, world: DirectoryWorld) -> None:
        world.add("witness", PASSWORD)

        @settings(max_examples=15, deadline=None)
        @given(st.text(st.one_of(st.characters(), st.sampled_from('()*\\,=+"#<>;\x00 ')), max_size=12))
        def try_to_enter(username: str) -> None:
            assume(canonical_username(username) != "witness")
            with pytest.raises(NotSignedIn):
                world.directory.authenticate(username, PASSWORD)

        try_to_enter()
