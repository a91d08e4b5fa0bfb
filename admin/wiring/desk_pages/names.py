"""Names at the desk: of officers, and of people as the worker mirrors them."""

from collections.abc import Sequence
from dataclasses import dataclass

from admin.wiring.desk import DeskServices
from admin.wiring.ground import DESK_MAIL
from core.crypto.hybrid import open_with
from core.errors import NotFound
from core.identity.candidates import Candidates
from core.identity.officer_rows import Officer
from core.identity.permissions import GRANTS, Permission, Principal
from core.types import OfficerId, PersonId

PROCESSES = {"init": "the set-up", "worker": "the worker", "directory": "the directory", "time": "the clock"}
"""Who acts without being a person."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """Somebody whom the directory knows, by the names that people go by."""

    id: PersonId
    username: str
    name: str


class Names:
    """Looks names up; what has no name any more keeps its id."""

    def __init__(self, services: DeskServices) -> None:
        self._store = services.store
        self._officers = services.officers
        mailbox = services.ring.mailbox()
        self._candidates = Candidates(lambda mail: open_with(mailbox, mail, DESK_MAIL))

    def acting(self, by: Principal) -> Officer:
        """Return the officer behind a principal.

        Raises:
            NotSignedIn: ``not_signed_in``; the account ended in the meantime.
        """
        return self._store.read(lambda tx: self._officers.check_active(tx, OfficerId(by.id)))

    def colleagues(self) -> Sequence[Officer]:
        """Return the officers who may read in a matter now, by name."""
        readers = GRANTS[Permission.ARCHIVE_READ].roles
        found = [one for one in self._officers.officers() if one.active and one.roles & readers]
        return sorted(found, key=lambda officer: officer.profile.display_name.casefold())

    def of_officers(self) -> dict[str, str]:
        """Return the names of all officers there ever were, and of what acts by itself, by id."""
        named = {str(one.id): one.profile.display_name for one in self._officers.officers()}
        return {**PROCESSES, **named}

    def of_person(self, person: str) -> str:
        """Return the name of a person, of one who has left too; of one whom nobody knows, the id."""
        try:
            found = self._store.read(lambda tx: self._candidates.get(tx, PersonId(person)))
        except NotFound:
            return next((one.name for one in self.people(leavers=True) if one.id == person), person)
        return found.profile.display_name

    def people(self, *, leavers: bool = False) -> Sequence[PersonName]:
        """Return everybody whom the directory has now, by name; with ``leavers`` whoever it ever had."""
        found = self._store.read(self._candidates.all)
        people = [
            PersonName(one.person, one.profile.username, one.profile.display_name)
            for one in found
            if one.present or leavers
        ]
        return sorted(people, key=lambda one: (one.name.casefold(), one.username))
