"""Directory sync: who left is out, who changed is changed, and a mistake changes nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import Conflict, NotSignedIn, Unavailable
from core.identity.directory import DirectoryPerson, Reading
from core.identity.people import Person
from core.identity.permissions import Role
from core.identity.sync import FULL_EVERY_S, DirectorySync, SyncLimits
from core.identity.sync_history import Outcome, SyncRun, newest_runs
from core.trail import Tag
from tests.factories.identity import PASSWORD, ChatIdentity, chat_identity
from tests.fakes.directory import FakeDirectory


def test_everybody_with_a_place_here_is_known_before_they_sign_in(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD, groups=frozenset({"research"}))
    counts = sync.run().counts
    assert (counts.present, counts.added) == (1, 1)
    assert sync.person("ana").profile.segments == {"research"}


def test_a_leaver_loses_account_and_sessions(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    sync.directory.add("ben", PASSWORD)
    token = sync.sign_in("ana")
    sync.directory.remove(ana)
    version = sync.house.store.read(sync.house.sessions.revocation_version)
    assert sync.run().counts.left == 1
    with pytest.raises(NotSignedIn):
        sync.door.identify(token)
    _, revoked = sync.house.store.read(lambda tx: sync.house.sessions.revoked_since(tx, version))
    assert len(revoked) == 1, "live sockets are closed by this"
    assert Tag.PERSON_DISABLED in sync.house.trail.tags()


def test_a_changed_group_changes_role_and_segment_of_who_is_signed_in(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    token = sync.sign_in("ana")
    epoch = sync.house.epoch[0]
    sync.directory.change(ana, groups=frozenset({"it", "trading"}))
    assert sync.run().counts.changed == 1
    now = sync.door.identify(token)
    assert Role.IT_ADMINISTRATOR in now.principal.roles
    assert now.person.profile.segments == {"trading"}
    assert sync.house.epoch[0] > epoch, "what was decided before is decided again"


def test_a_renamed_person_is_the_same_and_an_old_name_is_somebody_else(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    sync.run()
    before = sync.person("ana")
    sync.directory.change(ana, username="ana.arnold")
    sync.directory.add("ana", PASSWORD)
    sync.run()
    assert sync.person("ana.arnold").id == before.id
    assert sync.person("ana").id != before.id


def test_who_comes_back_gets_the_same_account_back(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    sync.directory.add("ben", PASSWORD)
    sync.run()
    known = sync.directory.person(ana)
    assert known is not None
    before = sync.person("ana")
    sync.directory.remove(ana)
    sync.run()
    sync.directory.put(known, PASSWORD)
    assert sync.run().counts.returned == 1
    assert sync.person("ana").id == before.id


def test_who_comes_back_may_sign_in_before_the_next_sync(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    sync.directory.add("ben", PASSWORD)
    sync.run()
    known = sync.directory.person(ana)
    assert known is not None
    sync.directory.remove(ana)
    sync.run()
    sync.directory.put(known, PASSWORD)
    assert sync.door.identify(sync.sign_in("ana")).person.active


def test_whom_an_administrator_disabled_no_sync_brings_back(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.run()
    ana = sync.person("ana")
    sync.house.store.write(lambda tx: sync.house.people.do_disable(tx, ana.id, "ida"))
    assert not sync.run().counts.anything
    assert not sync.house.store.read(lambda tx: sync.house.people.get(tx, ana.id)).active
    with pytest.raises(NotSignedIn):
        sync.sign_in("ana")


def test_whom_the_directory_took_away_is_enabled_there_only(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    sync.directory.add("ben", PASSWORD)
    sync.run()
    person = sync.person("ana")
    sync.directory.remove(ana)
    sync.run()
    with pytest.raises(Conflict) as refused:
        sync.house.store.write(lambda tx: sync.house.people.do_enable(tx, person.id, "ida"))
    assert refused.value.code == "not_in_directory"


def test_who_signs_in_while_the_directory_answers_is_no_leaver(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.run()
    late = LateReader(sync)
    assert sync.over(late).run().counts.left == 0
    assert sync.door.identify(late.token).person.active


# -- stopping -------------------------------------------------------------------------------------


def test_a_sync_that_finds_nobody_changes_nothing_and_says_why(sync: "Sync") -> None:
    ana = sync.directory.add("ana", PASSWORD)
    token = sync.sign_in("ana")
    sync.directory.remove(ana)
    for leavers in (None, 5):
        run = sync.sync.run(leavers=leavers)
        assert run.outcome is Outcome.STOPPED
        assert "ldap.base" in run.reason
    assert sync.door.identify(token).person.active


def test_more_leavers_than_the_share_stop_it_until_somebody_says_how_many(sync: "Sync") -> None:
    ids = [sync.directory.add(f"person{n}", PASSWORD) for n in range(40)]
    sync.run()
    for stable_id in ids[:3]:
        sync.directory.remove(stable_id)
    sync.directory.change(ids[10], groups=frozenset({"it"}))
    stopped = sync.sync.run()
    assert stopped.outcome is Outcome.STOPPED
    assert "3 of 40 people would lose their account; 2 may at once" in stopped.reason
    assert sync.active() == 40
    assert not sync.person("person10").profile.groups, "a run that stops changes nothing at all"
    assert sync.sync.run("ida", leavers=2).outcome is Outcome.STOPPED
    assert sync.sync.run("ida", leavers=3).outcome is Outcome.DONE
    assert sync.active() == 37


def test_two_of_forty_may_leave_at_once(sync: "Sync") -> None:
    ids = [sync.directory.add(f"person{n}", PASSWORD) for n in range(40)]
    sync.run()
    for stable_id in ids[:2]:
        sync.directory.remove(stable_id)
    assert sync.run().counts.left == 2


def test_who_was_only_missed_in_the_list_stays(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.directory.add("ben", PASSWORD)
    sync.run()
    assert sync.over(Missing("ben", sync.directory)).run().counts.left == 0


def test_a_directory_that_is_away_changes_nothing(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.run()
    sync.directory.away = True
    with pytest.raises(Unavailable):
        sync.run()
    assert sync.active() == 1


# -- what is read, and what is kept ---------------------------------------------------------------


def test_a_dry_run_counts_and_writes_nothing(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    assert sync.sync.dry_run().counts.added == 1
    assert sync.active() == 0
    assert sync.history() == []


def test_only_changes_are_read_until_an_hour_has_passed(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.run()
    sync.directory.readings.clear()
    sync.run()
    assert all(sync.directory.readings)
    sync.house.clock.advance(FULL_EVERY_S)
    sync.run()
    assert sync.directory.readings[-1] == ""


def test_who_appears_without_a_change_of_their_own_is_read_as_well(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.run()
    sync.directory.put(DirectoryPerson("moved", "ben", "Ben"), PASSWORD, unchanged=True)
    assert sync.run().counts.added == 1
    assert sync.person("ben").active


def test_the_history_keeps_what_happened_and_nobodys_name(sync: "Sync") -> None:
    ana = sync.directory.add("ana.lima", PASSWORD)
    sync.run()
    sync.run()
    sync.directory.remove(ana)
    for _ in range(3):
        sync.sync.run()
    sync.directory.add("ben", PASSWORD)
    sync.run()
    outcomes = [run.outcome for run in reversed(sync.history())]
    assert outcomes == [Outcome.DONE, Outcome.STOPPED, Outcome.DONE], "what repeats is kept once"
    assert "ana.lima" not in str(sync.history())
    assert Tag.DIRECTORY_SYNCED in sync.house.trail.tags()


def test_what_somebody_starts_is_kept_in_any_case(sync: "Sync") -> None:
    sync.directory.add("ana", PASSWORD)
    sync.run()
    sync.sync.run("ida")
    assert sync.history()[0].by == "ida"


# -- fixtures -------------------------------------------------------------------------------------


class Sync:
    """A house whose people come from a directory that tests change."""

    def __init__(self, house: ChatIdentity) -> None:
        self.house, self.directory = house, FakeDirectory()
        self.sync = self.over(self.directory)
        self.door = house.sign_in(self.directory)

    def over(self, directory: FakeDirectory) -> DirectorySync:
        house = self.house
        return DirectorySync(house.store, directory, house.people, house.clock, house.trail, SyncLimits())

    def run(self) -> SyncRun:
        run = self.sync.run()
        assert run.outcome is Outcome.DONE, run.reason
        return run

    def history(self) -> Sequence[SyncRun]:
        return self.house.store.read(lambda tx: newest_runs(tx, 20))

    def sign_in(self, username: str) -> str:
        return self.door.sign_in(username, PASSWORD, "here", "test")[0]

    def person(self, username: str) -> Person:
        found = self.house.store.read(lambda tx: self.house.people.by_username(tx, username))
        assert found is not None
        return found

    def active(self) -> int:
        people = self.house.people
        return self.house.store.read(lambda tx: sum(person.active for person in people.everybody(tx)))


class LateReader(FakeDirectory):
    """A directory whose list was made just before somebody was added and signed in."""

    def __init__(self, sync: Sync) -> None:
        super().__init__()
        self.sync, self.token = sync, ""

    def read(self, since: str = "") -> Reading:
        reading = self.sync.directory.read(since)
        self.sync.directory.add("late", PASSWORD)
        self.token = self.sync.sign_in("late")
        return reading

    def person(self, stable_id: str) -> DirectoryPerson | None:
        return None


class Missing(FakeDirectory):
    """A directory whose list lacks somebody who is there."""

    def __init__(self, username: str, behind: FakeDirectory) -> None:
        super().__init__()
        self.username, self.behind = username, behind

    def read(self, since: str = "") -> Reading:
        whole = self.behind.read(since)
        missed = self.behind.find(self.username)
        assert missed is not None
        return Reading(whole.people, whole.present - {missed.stable_id}, full=whole.full)

    def person(self, stable_id: str) -> DirectoryPerson | None:
        return self.behind.person(stable_id)


@pytest.fixture
def sync(tmp_path: Path) -> Iterator[Sync]:
    house = chat_identity(tmp_path)
    yield Sync(house)
    house.store.close()
