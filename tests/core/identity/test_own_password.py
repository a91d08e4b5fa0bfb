"""Whoever is signed in chooses another password, if they know the one they have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Conflict, InvalidInput, Limited, NotSignedIn
from core.identity.own_password import OwnPassword
from core.identity.signin import SignIn
from core.trail import Tag
from tests.factories.identity import PASSWORD, ChatIdentity, chat_identity
from tests.fakes.directory import FakeDirectory

NEW = "another fine password"


def test_the_session_that_changed_it_stays_and_all_others_end(house: ChatIdentity, door: SignIn) -> None:
    here, who = door.sign_in("alice", PASSWORD, "here", "test")
    there, _ = door.sign_in("alice", PASSWORD, "there", "test")
    OwnPassword(door, house.builtin).change(who.principal, "alice", PASSWORD, NEW, "here")
    assert door.identify(here).person.id == who.person.id
    with pytest.raises(NotSignedIn):
        door.identify(there)
    with pytest.raises(NotSignedIn):
        house.builtin.authenticate("alice", PASSWORD)
    assert house.builtin.authenticate("alice", NEW).username == "alice"
    tag, actor, subject, detail = house.trail.rows[-1]
    assert (tag, actor, subject) == (Tag.PERSON_CHANGED, who.person.id, who.person.id)
    assert detail == {"password": "set", "sessions_ended": 1}


def test_guesses_at_the_current_one_count_as_they_do_at_the_door(house: ChatIdentity, door: SignIn) -> None:
    _, who = door.sign_in("alice", PASSWORD, "here", "test")
    own = OwnPassword(door, house.builtin)
    for number in range(5):
        with pytest.raises(InvalidInput) as refused:
            own.change(who.principal, "alice", f"guess number {number}", NEW, "here")
        assert refused.value.code == "wrong_password"
    with pytest.raises(Limited):
        own.change(who.principal, "alice", PASSWORD, NEW, "here")
    house.clock.advance(3_600)
    own.change(who.principal, "alice", PASSWORD, NEW, "here")


def test_a_poor_one_is_refused_before_the_current_one_is_looked_at(house: ChatIdentity, door: SignIn) -> None:
    _, who = door.sign_in("alice", PASSWORD, "here", "test")
    with pytest.raises(InvalidInput) as refused:
        OwnPassword(door, house.builtin).change(who.principal, "alice", "wrong", "short", "here")
    assert refused.value.code == "password_too_short"
    assert Tag.SIGN_IN_FAILED not in house.trail.tags()


def test_nobody_changes_the_password_of_somebody_else(house: ChatIdentity, door: SignIn) -> None:
    house.builtin.add("bob", PASSWORD, display_name="Bob", by="test")
    _, who = door.sign_in("alice", PASSWORD, "here", "test")
    with pytest.raises(InvalidInput):
        OwnPassword(door, house.builtin).change(who.principal, "bob", PASSWORD, NEW, "here")
    assert house.builtin.authenticate("bob", PASSWORD).username == "bob"


def test_a_directory_server_keeps_its_passwords(house: ChatIdentity, door: SignIn) -> None:
    _, who = door.sign_in("alice", PASSWORD, "here", "test")
    own = OwnPassword(door, FakeDirectory())
    assert not own.kept_here
    with pytest.raises(Conflict) as refused:
        own.change(who.principal, "alice", PASSWORD, NEW, "here")
    assert refused.value.code == "password_elsewhere"


@pytest.fixture
def door(house: ChatIdentity) -> SignIn:
    house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")
    return house.sign_in()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path)
    yield made
    made.store.close()
