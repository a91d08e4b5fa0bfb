"""The directory contract on the fake and on the built-in directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.identity.directory import Directory, DirectoryPerson
from tests.contracts.directory import DirectoryContract
from tests.factories.identity import ChatIdentity, CountingHasher, chat_identity
from tests.fakes.directory import FakeDirectory


class FakeWorld:
    def __init__(self) -> None:
        self.fake = FakeDirectory()
        self.directory: Directory = self.fake

    def add(self, username: str, password: str, *, groups: frozenset[str] = frozenset()) -> str:
        email = f"{username}@acme.example"
        return self.fake.add(
            username, password, display_name=f"Alice of {username}", email=email, groups=groups
        )

    def rename(self, stable_id: str, username: str) -> None:
        self.fake.change(stable_id, username=username)

    def take_away(self, stable_id: str) -> None:
        self.fake.remove(stable_id)

    def cost(self) -> int:
        return self.fake.comparisons


class BuiltinWorld:
    def __init__(self, house: ChatIdentity) -> None:
        self.house = house
        self.directory: Directory = house.builtin

    def add(self, username: str, password: str, *, groups: frozenset[str] = frozenset()) -> str:
        person = self.house.builtin.add(
            username,
            password,
            display_name=f"Alice of {username}",
            email=f"{username}@acme.example",
            groups=groups,
            by="test",
        )
        return person.profile.stable_id

    def rename(self, stable_id: str, username: str) -> None:
        people, store = self.house.people, self.house.store
        known = self.directory.person(stable_id)
        assert known is not None
        renamed = DirectoryPerson(
            stable_id, username, known.display_name, known.email, known.groups, known.attributes
        )
        prepared = people.prepare(store, "builtin", renamed)
        store.write(lambda tx: people.do_upsert(tx, "builtin", renamed, prepared))

    def take_away(self, stable_id: str) -> None:
        people, store = self.house.people, self.house.store
        found = store.read(lambda tx: people.by_stable_id(tx, "builtin", stable_id))
        assert found is not None
        store.write(lambda tx: people.do_disable(tx, found.id, "test"))

    def cost(self) -> int:
        return CountingHasher.computed


class TestFakeDirectory(DirectoryContract):
    @pytest.fixture
    def world(self) -> FakeWorld:
        return FakeWorld()


class TestBuiltinDirectory(DirectoryContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[BuiltinWorld]:
        house = chat_identity(tmp_path)
        yield BuiltinWorld(house)
        house.store.close()
