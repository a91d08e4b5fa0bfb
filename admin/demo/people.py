"""The firm's people in the house: as they were when its talk began, then as they move.

The built-in directory gets them as new. In a directory server they are already, as they are today:
there the house takes them up as its sync would, but with the groups that they had in the past.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from admin.demo.firm import Employee, Firm, read_data
from core.errors import NotFound
from core.identity.builtin import BuiltinDirectory
from core.identity.directory import Directory, DirectoryPerson
from core.identity.people import People
from core.store import Store
from core.types import PersonId

BY: Final = "demo"
HASHERS: Final = 2


def people_today(firm: Firm) -> list[Employee]:
    """Return everybody in the groups in which they end up: what a directory server says of them."""
    moved = {event["who"]: tuple(event["groups"]) for event in read_data("events") if event["do"] == "move"}
    return [replace(one, groups=moved.get(one.username, one.groups)) for one in firm.people.values()]


class Staff:
    """Writes people of the firm, wherever they sign in."""

    def __init__(self, store: Store, people: People, directory: Directory) -> None:
        self._store = store
        self._people = people
        self._directory = directory

    def add(self, firm: Firm, password: str, added: Callable[[], None]) -> dict[str, PersonId]:
        """Add everybody as they were in the beginning; ``password`` is for those of the built-in directory.

        Raises:
            NotFound: ``no_person``; the directory server lacks somebody.
        """
        if isinstance(self._directory, BuiltinDirectory):
            return _add_new(self._directory, firm, password, added)
        found = {one.username: one for one in self._directory.read().people}
        people = {}
        for username, who in firm.people.items():
            if username not in found:
                raise NotFound(f"The directory server shows no {username}.", code="no_person")
            people[username] = self._write(replace(found[username], groups=frozenset(who.groups)))
            added()
        return people

    def move(self, person: PersonId, groups: tuple[str, ...]) -> None:
        """Change the groups of a person; roles and segments follow at once."""
        known = self._store.read(lambda tx: self._people.get(tx, person)).as_directory_person()
        self._write(replace(known, groups=frozenset(groups)))

    def _write(self, known: DirectoryPerson) -> PersonId:
        name = self._directory.name
        prepared = self._people.prepare(self._store, name, known)
        return self._store.write(lambda tx: self._people.do_upsert(tx, name, known, prepared, BY)).id


def _add_new(
    directory: BuiltinDirectory, firm: Firm, password: str, added: Callable[[], None]
) -> dict[str, PersonId]:
    """Add people, each password hashed at full cost, some side by side."""

    def add(username: str) -> tuple[str, PersonId]:
        who = firm.people[username]
        person = directory.add(
            username,
            password,
            display_name=who.name,
            by=BY,
            email=f"{username}@{firm.domain}",
            groups=who.groups,
        )
        added()
        return username, person.id

    with ThreadPoolExecutor(HASHERS) as pool:
        return dict(pool.map(add, firm.people))
