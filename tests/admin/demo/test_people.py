"""People of the demo who are in a directory server: the house's past and the server's present agree."""

from pathlib import Path

import pytest

from admin.demo.firm import Firm, load_firm, read_data
from admin.demo.people import Staff, people_today
from core.errors import NotFound
from core.identity.sync import DirectorySync, SyncLimits
from core.identity.sync_history import Counts
from tests.factories.identity import PASSWORD, ChatIdentity, chat_identity
from tests.fakes.directory import FakeDirectory


def test_people_of_a_server_begin_in_the_groups_of_their_past(
    firm: Firm, house: ChatIdentity, server: FakeDirectory
) -> None:
    counted: list[None] = []
    people = _staff(house, server).add(firm, "", lambda: counted.append(None))
    assert len(people) == len(counted) == len(firm.people)
    known = house.store.read(lambda tx: {one.id: one.profile for one in house.people.everybody(tx)})
    for username, person in people.items():
        assert (known[person].username, known[person].directory) == (username, server.name)
        assert known[person].groups == set(firm.people[username].groups)


def test_a_sync_finds_nothing_new_once_everybody_has_moved(
    firm: Firm, house: ChatIdentity, server: FakeDirectory
) -> None:
    staff = _staff(house, server)
    people = staff.add(firm, "", lambda: None)
    moves = [event for event in read_data("events") if event["do"] == "move"]
    assert moves
    for move in moves:
        staff.move(people[move["who"]], tuple(move["groups"]))
    sync = DirectorySync(house.store, server, house.people, house.clock, house.trail, SyncLimits())
    assert sync.run().counts == Counts(len(firm.people), 0, 0, 0, 0)


def test_a_server_that_lacks_somebody_is_refused(firm: Firm, house: ChatIdentity) -> None:
    with pytest.raises(NotFound) as refused:
        _staff(house, FakeDirectory()).add(firm, "", lambda: None)
    assert refused.value.code == "no_person"


@pytest.fixture
def firm() -> Firm:
    return load_firm()


@pytest.fixture
def house(tmp_path: Path) -> ChatIdentity:
    return chat_identity(tmp_path)


@pytest.fixture
def server(firm: Firm) -> FakeDirectory:
    """A directory server that has everybody as they are today."""
    made = FakeDirectory()
    for one in people_today(firm):
        made.add(one.username, PASSWORD, groups=frozenset(one.groups))
    return made


def _staff(house: ChatIdentity, server: FakeDirectory) -> Staff:
    return Staff(house.store, house.people, server)
