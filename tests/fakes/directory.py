"""A directory in memory that keeps the promises of a real one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.errors import Unavailable
from core.identity.directory import (
    Admit,
    DirectoryPerson,
    Reading,
    ServerHealth,
    admit_anybody,
    bad_credentials,
    canonical_username,
    check_credentials_form,
    is_possible_username,
)
from core.types import new_id


class FakeDirectory:
    """People and their passwords; an address is a name too. ``away`` makes it unreachable.

    ``comparisons`` counts what sign-ins cost; ``readings`` are the cursors it was read from.
    """

    name = "fake"

    def __init__(self) -> None:
        self._people: dict[str, tuple[DirectoryPerson, str]] = {}
        self.away = False
        self.comparisons = 0
        self.readings: list[str] = []
        self._changes: list[str] = []

    def add(
        self,
        username: str,
        password: str,
        *,
        display_name: str = "",
        email: str = "",
        groups: frozenset[str] = frozenset(),
        attributes: Mapping[str, str] | None = None,
    ) -> str:
        person = DirectoryPerson(
            new_id(), username, display_name or username, email, groups, attributes or {}
        )
        self.put(person, password)
        return person.stable_id

    def put(self, person: DirectoryPerson, password: str, *, unchanged: bool = False) -> None:
        """Let somebody in, or in again; ``unchanged`` if it was the branch around them that changed."""
        self._people[person.stable_id] = (person, password)
        if not unchanged:
            self._changes.append(person.stable_id)

    def change(self, stable_id: str, **changes: object) -> None:
        person, password = self._people[stable_id]
        self._people[stable_id] = (replace(person, **changes), password)  # type: ignore[arg-type]
        self._changes.append(stable_id)

    def remove(self, stable_id: str) -> None:
        del self._people[stable_id]

    def account(self, username: str) -> str:
        return canonical_username(username)

    def authenticate(self, username: str, password: str, admit: Admit = admit_anybody) -> DirectoryPerson:
        check_credentials_form(username, password)
        self._check_present()
        self.comparisons += 1
        person = self.find(username)
        admitted = admit(person.stable_id if person else "")
        if person is None or not admitted or self._people[person.stable_id][1] != password:
            raise bad_credentials()
        return person

    def find(self, username: str) -> DirectoryPerson | None:
        if not is_possible_username(username):
            return None
        self._check_present()
        wanted = canonical_username(username)
        return next(
            (p for p, _ in self._people.values() if wanted in map(canonical_username, (p.username, p.email))),
            None,
        )

    def person(self, stable_id: str) -> DirectoryPerson | None:
        self._check_present()
        found = self._people.get(stable_id)
        return found[0] if found else None

    def read(self, since: str = "") -> Reading:
        self._check_present()
        self.readings.append(since)
        changed = self._changes[int(since or 0) :]
        people = [p for p, _ in self._people.values() if not since or p.stable_id in changed]
        return Reading(people, frozenset(self._people), str(len(self._changes)), full=not since)

    def health(self) -> Sequence[ServerHealth]:
        return [ServerHealth("fake", not self.away, "Away." if self.away else "Answers.")]

    def _check_present(self) -> None:
        if self.away:
            raise Unavailable("The directory is away.", code="directory_unavailable")
