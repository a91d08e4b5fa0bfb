"""People of the chat store, and the built-in directory's own administration."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from core.errors import Conflict, IntegrityError, InvalidInput, NotFound, NotSignedIn
from core.identity.builtin import BuiltinDirectory, check_username
from core.identity.directory import DirectoryMapping, DirectoryPerson
from core.identity.passwords import HashCost, Passwords
from core.identity.people import People, Person
from core.schema import chat
from core.store import Statement, Tx
from core.trail import Tag
from core.types import PersonId
from tests.factories.clear_text import files_of, where
from tests.factories.counted import counted
from tests.factories.identity import PASSWORD, ChatIdentity, CountingHasher, chat_identity

ALICE = DirectoryPerson("stable-1", "alice", "Alice Arnold", "alice@acme.example", frozenset({"research"}))


def upsert(house: ChatIdentity, known: DirectoryPerson, directory: str = "ldap") -> Person:
    prepared = house.people.prepare(house.store, directory, known)
    return house.store.write(lambda tx: house.people.do_upsert(tx, directory, known, prepared))


def disable(house: ChatIdentity, person: PersonId) -> Person:
    return house.store.write(lambda tx: house.people.do_disable(tx, person, "test"))


def test_a_person_is_kept_as_the_directory_says(house: ChatIdentity) -> None:
    person = upsert(house, ALICE)
    assert person.active
    assert person.as_directory_person() == ALICE
    assert person.facts().segments == {"research"}
    assert house.store.read(lambda tx: house.people.get(tx, person.id)) == person


def test_nothing_is_written_when_nothing_changed(house: ChatIdentity) -> None:
    first = upsert(house, ALICE)
    epoch = house.epoch[0]
    assert upsert(house, ALICE) == first
    assert house.epoch[0] == epoch
    assert house.trail.tags() == [Tag.PERSON_ADDED]


def test_renaming_keeps_the_person(house: ChatIdentity) -> None:
    before = upsert(house, ALICE)
    after = upsert(house, replace(ALICE, username="alice.arnold"))
    assert after.id == before.id
    assert after.revision == before.revision + 1
    found = house.store.read(lambda tx: house.people.by_username(tx, "Alice.Arnold"))
    assert found == after
    assert house.store.read(lambda tx: house.people.by_username(tx, "alice")) is None


def test_a_new_person_under_an_old_name_is_a_new_person(house: ChatIdentity) -> None:
    old = upsert(house, ALICE)
    house.clock.advance(60)
    new = upsert(house, replace(ALICE, stable_id="stable-2"))
    assert new.id != old.id
    assert house.store.read(lambda tx: house.people.by_username(tx, "alice")) == new


def test_the_same_id_of_another_directory_is_somebody_else(house: ChatIdentity) -> None:
    assert upsert(house, ALICE, "ldap").id != upsert(house, ALICE, "builtin").id


def test_a_change_of_segments_makes_decisions_stale_and_a_change_of_name_does_not(
    house: ChatIdentity,
) -> None:
    upsert(house, ALICE)
    epoch = house.epoch[0]
    upsert(house, replace(ALICE, display_name="Alice A."))
    assert house.epoch[0] == epoch
    upsert(house, replace(ALICE, groups=frozenset({"trading"})))
    assert house.epoch[0] == epoch + 1


def test_changed_settings_give_everybody_in_the_builtin_directory_what_their_groups_mean_now(
    house: ChatIdentity,
) -> None:
    guest, gone, other = (
        house.builtin.add(name, PASSWORD, display_name=name, by="test", groups={"suppliers"} & {group})
        for name, group in (("alice", "suppliers"), ("bob", "suppliers"), ("carol", ""))
    )
    disable(house, gone.id)
    house.people.mapping = DirectoryMapping(external_groups=frozenset({"suppliers"}))
    epoch = house.epoch[0]
    assert house.builtin.apply_mapping() == 2
    people = house.store.read(lambda tx: {person.id: person for person in house.people.everybody(tx)})
    assert people[guest.id].facts().external
    assert people[gone.id].profile.external
    assert not people[gone.id].active, "nobody comes back by it"
    assert people[other.id] == other
    assert house.epoch[0] > epoch, "what was decided on other facts is decided again"
    assert house.builtin.apply_mapping() == 0


def test_many_people_are_read_in_one_statement(house: ChatIdentity) -> None:
    everybody = [
        upsert(house, replace(ALICE, stable_id=f"stable-{number}", username=f"person{number}"))
        for number in range(20)
    ]
    disable(house, everybody[3].id)

    def read(tx: Tx) -> tuple[dict[PersonId, Person], int]:
        counting, driver = counted(tx)
        return house.people.some(counting, [*(one.id for one in everybody), PersonId("nobody")]), driver.asked

    found, asked = house.store.read(read)
    assert asked == 1
    assert found == {one.id: one for one in everybody if one is not everybody[3]}


def test_a_leaver_loses_account_and_sessions_at_once(house: ChatIdentity) -> None:
    person = upsert(house, ALICE)
    token, _ = house.store.write(lambda tx: house.sessions.do_open(tx, person.id, "10.0.0.1", "test"))
    assert not disable(house, person.id).active
    with pytest.raises(NotSignedIn):
        house.store.read(lambda tx: house.sessions.check(tx, token))
    assert house.store.read(lambda tx: house.people.some(tx, [person.id])) == {}
    assert house.trail.tags()[-1] == Tag.PERSON_DISABLED


def test_the_directory_alone_never_brings_a_leaver_back(house: ChatIdentity) -> None:
    person = upsert(house, ALICE)
    disable(house, person.id)
    assert not upsert(house, replace(ALICE, display_name="Alice again")).active
    assert house.store.write(lambda tx: house.people.do_enable(tx, person.id, "test")).active


def test_disabling_and_enabling_twice_is_a_conflict(house: ChatIdentity) -> None:
    person = upsert(house, ALICE)
    with pytest.raises(Conflict) as refused:
        house.store.write(lambda tx: house.people.do_enable(tx, person.id, "test"))
    assert refused.value.code == "already_enabled"
    disable(house, person.id)
    with pytest.raises(Conflict) as refused:
        disable(house, person.id)
    assert refused.value.code == "already_disabled"


def test_a_leaver_whose_name_was_given_away_cannot_simply_return(house: ChatIdentity) -> None:
    old = upsert(house, ALICE)
    disable(house, old.id)
    upsert(house, replace(ALICE, stable_id="stable-2"))
    with pytest.raises(Conflict) as refused:
        house.store.write(lambda tx: house.people.do_enable(tx, old.id, "test"))
    assert refused.value.code == "username_taken"


def test_somebody_who_never_was_is_not_found(house: ChatIdentity) -> None:
    with pytest.raises(NotFound) as refused:
        house.store.read(lambda tx: house.people.get(tx, PersonId("nobody")))
    assert refused.value.code == "no_person"


def test_a_change_that_was_undone_leaves_no_trace_in_memory(house: ChatIdentity) -> None:
    person = upsert(house, ALICE)

    def undone(tx: object) -> None:
        house.people.do_disable(tx, person.id, "test")  # type: ignore[arg-type]
        raise KeyError

    with pytest.raises(KeyError):
        house.store.write(undone)
    assert house.store.read(lambda tx: house.people.get(tx, person.id)) == person


def test_no_name_stands_in_the_database(house: ChatIdentity, tmp_path: Path) -> None:
    house.builtin.add("canarius", PASSWORD, display_name="Cana Rius", email="c@canary.example", by="test")
    house.sign_in().sign_in("canarius", PASSWORD, "10.0.0.1", "test")
    files = files_of(tmp_path)
    for word in ("canarius", "cana rius", "canary.example"):
        assert where(word, files) == []


def test_profiles_cannot_be_swapped_between_people(house: ChatIdentity) -> None:
    one, other = upsert(house, ALICE), upsert(house, replace(ALICE, stable_id="stable-2", username="bob"))
    sealed = Statement(select(chat.people.c.profile).where(chat.people.c.id == one.id))
    swap = Statement(
        update(chat.people).where(chat.people.c.id == other.id).values(profile=bindparam("sealed"))
    )
    house.store.write(lambda tx: tx.run(swap, sealed=tx.value(sealed)))
    started_anew = people_of_another_process(house)
    with pytest.raises(IntegrityError):
        house.store.read(lambda tx: started_anew.get(tx, other.id))


# -- the built-in directory -----------------------------------------------------------------------


def test_a_hash_is_renewed_at_sign_in_when_the_cost_has_changed(house: ChatIdentity) -> None:
    person = house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")
    dearer = Passwords(HashCost(memory_kib=32, passes=1, lanes=1), CountingHasher)
    directory = directory_hashing_by(house, dearer)
    computed = []
    for _ in range(2):
        before = CountingHasher.computed
        assert directory.authenticate("alice", PASSWORD).stable_id == person.profile.stable_id
        computed.append(CountingHasher.computed - before)
    assert computed == [2, 1]


def test_a_password_set_during_a_sign_in_is_not_replaced_by_the_old_one(house: ChatIdentity) -> None:
    person = house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")

    class Overtaken(CountingHasher):
        def hash(self, *given: Any, **named: Any) -> str:
            house.builtin.set_password(person.id, "another fine password", "admin")
            return super().hash(*given, **named)

    dearer = Passwords(HashCost(memory_kib=32, passes=1, lanes=1), Overtaken)
    directory = directory_hashing_by(house, dearer)
    directory.authenticate("alice", PASSWORD)
    with pytest.raises(NotSignedIn):
        house.builtin.authenticate("alice", PASSWORD)
    assert house.builtin.authenticate("alice", "another fine password").username == "alice"


def test_a_name_is_given_once(house: ChatIdentity) -> None:
    first = house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")
    with pytest.raises(Conflict) as refused:
        house.builtin.add("Alice", PASSWORD, display_name="Other", by="test")
    assert refused.value.code == "username_taken"
    disable(house, first.id)
    assert house.builtin.add("alice", PASSWORD, display_name="New", by="test").id != first.id


def test_a_new_password_ends_all_sessions(house: ChatIdentity) -> None:
    person = house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")
    token, _ = house.sign_in().sign_in("alice", PASSWORD, "10.0.0.1", "test")
    house.builtin.set_password(person.id, "another fine password", "admin")
    with pytest.raises(NotSignedIn):
        house.sign_in().identify(token)
    with pytest.raises(NotSignedIn):
        house.builtin.authenticate("alice", PASSWORD)
    assert house.builtin.authenticate("alice", "another fine password").username == "alice"


def test_new_groups_count_at_once_in_open_sessions(house: ChatIdentity) -> None:
    person = house.builtin.add("alice", PASSWORD, display_name="Alice", by="test")
    token, _ = house.sign_in().sign_in("alice", PASSWORD, "10.0.0.1", "test")
    assert "it_administrator" not in house.sign_in().identify(token).principal.roles
    changed = house.builtin.set_groups(person.id, {"it", "trading"}, "admin")
    assert changed.facts().segments == {"trading"}
    assert "it_administrator" in house.sign_in().identify(token).principal.roles
    assert house.trail.rows[-1][1] != "builtin"


def test_people_of_another_directory_are_not_changed_here(house: ChatIdentity) -> None:
    person = upsert(house, ALICE, "ldap")
    with pytest.raises(InvalidInput) as refused:
        house.builtin.set_groups(person.id, {"it"}, "admin")
    assert refused.value.code == "foreign_person"


@pytest.mark.parametrize("username", ["", "a b", "a\u00adb", "ａlice", "x" * 65, "a/b", "a\nb", "<a>", "ﬁn"])
def test_a_name_that_could_pass_for_another_is_refused(username: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_username(username)
    assert refused.value.code == "bad_username"


@pytest.mark.parametrize("username", ["alice", "Alice.Arnold", "j-p_2", "zoë", "山田", "a@acme.example"])
def test_ordinary_names_are_accepted(username: str) -> None:
    check_username(username)


# -- fixtures -------------------------------------------------------------------------------------


def people_of_another_process(house: ChatIdentity) -> People:
    """People with nothing in memory, as a process that has just started."""
    people = house.people
    return People(house.clock, house.sealer, house.sessions, house.trail, lambda tx: None, people.mapping)


def directory_hashing_by(house: ChatIdentity, passwords: Passwords) -> BuiltinDirectory:
    """Return the directory of ``house`` as a process sees it whose settings ask for another cost."""
    return BuiltinDirectory(
        house.store, house.people, house.sessions, passwords, house.clock, house.trail, house.sealer
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path)
    yield made
    made.store.close()
