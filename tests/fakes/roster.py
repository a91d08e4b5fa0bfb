"""People by name, without a directory."""

from collections.abc import Iterable, Mapping

from core.messaging.model import Person
from core.store import Tx
from core.types import PersonFacts, PersonId


class NamedRoster:
    """A roster whose ids are the names themselves."""

    def __init__(self, *names: str) -> None:
        self.everybody = {
            PersonId(name): Person(
                PersonId(name), name, name.title(), f"{name}@firm.example", PersonFacts(PersonId(name))
            )
            for name in names
        }
        self.disabled: set[PersonId] = set()

    def people(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        return {p: self.everybody[p] for p in ids if p in self.everybody and p not in self.disabled}

    def ever(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        return {p: self.everybody[p] for p in ids if p in self.everybody}

    def anybody(self, tx: Tx, person: PersonId) -> Person | None:
        return self.everybody.get(person)
