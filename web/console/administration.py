"""People for IT, on the chat store: the :class:`web.ports.PeopleAdministration` of a running suite."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Conflict
from core.identity.builtin import BuiltinDirectory
from core.identity.people import People, Person
from core.identity.permissions import Principal
from core.store import Store
from core.types import PersonId
from web.ports import PersonRow


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """Reads everybody from the store; changes people only where they are kept here."""

    store: Store
    people: People
    directory: BuiltinDirectory | None

    @property
    def builtin(self) -> bool:
        """Tell whether people are kept here."""
        return self.directory is not None

    def everybody(self) -> Sequence[PersonRow]:
        """Return all people by name."""
        found = self.store.read(lambda tx: list(self.people.everybody(tx)))
        return sorted(map(self._row, found), key=lambda row: (row.name.casefold(), row.id))

    def add(
        self, by: Principal, *, username: str, name: str, email: str, groups: Sequence[str], password: str
    ) -> PersonId:
        """Add a person to the built-in directory."""
        added = self._own().add(username, password, display_name=name, by=by.id, email=email, groups=groups)
        return added.id

    def set_groups(self, by: Principal, person: PersonId, groups: Sequence[str]) -> None:
        """Replace a person's groups."""
        self._own().set_groups(person, groups, by.id)

    def disable(self, by: Principal, person: PersonId) -> None:
        """Take the account and all sessions away."""
        self.store.write(lambda tx: self.people.do_disable(tx, person, by.id))

    def enable(self, by: Principal, person: PersonId) -> None:
        """Give the account back."""
        self.store.write(lambda tx: self.people.do_enable(tx, person, by.id))

    def _own(self) -> BuiltinDirectory:
        if self.directory is None:
            raise Conflict("People come from your directory server. Change them there.", code="not_builtin")
        return self.directory

    def _row(self, person: Person) -> PersonRow:
        profile = person.profile
        return PersonRow(
            id=person.id,
            username=profile.username,
            name=profile.display_name,
            email=profile.email,
            groups=tuple(sorted(profile.groups, key=str.casefold)),
            roles=tuple(sorted(self.people.mapping.roles_for(profile))),
            external=profile.external,
            active=person.active,
        )
