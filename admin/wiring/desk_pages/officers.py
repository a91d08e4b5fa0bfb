"""Officers for their approvers: whom the directory names, who is confirmed, who may no longer."""

from collections.abc import Sequence
from dataclasses import dataclass

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from core.identity.candidates import Candidate
from core.identity.officer_rows import Officer
from core.identity.permissions import DESK_ROLES, Principal
from core.types import OfficerId, PersonId


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """Somebody whom the directory names; ``officer`` is the account they have already, if any."""

    candidate: Candidate
    officer: Officer | None
    own: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a confirmation gives: the one-time code, to be shown once and handed over in person."""

    name: str
    username: str
    code: str


class OfficerPages:
    """Confirms and disables officers, and enrols them."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._officers = services.officers
        self._names = names

    def officers(self) -> Sequence[Officer]:
        """Return all officers, the disabled ones too, by name."""
        return sorted(self._officers.officers(), key=lambda one: one.profile.display_name.casefold())

    def colleagues(self) -> Sequence[Officer]:
        """Return those who may read in a matter now."""
        return self._names.colleagues()

    def candidates(self, by: Principal) -> Sequence[CandidateRow]:
        """Return everybody whom the directory names, with the account they have."""
        accounts = {one.person: one for one in self._officers.officers()}
        rows = [
            CandidateRow(one, account, own=account is not None and account.id == by.id)
            for one in self._officers.candidates()
            for account in [accounts.get(one.person)]
        ]
        return sorted(rows, key=lambda row: row.candidate.profile.display_name.casefold())

    def confirm(self, by: Principal, person: PersonId, roles: Sequence[str]) -> HandOver:
        """Make a candidate an officer and return the code to hand over.

        Raises:
            Denied: ``own_request``.
            NotFound: ``no_candidate``.
            InvalidInput: ``roles_not_named``.
            Conflict: ``username_taken``.
        """
        wanted = frozenset(role for role in DESK_ROLES if role.value in roles)
        code = self._officers.confirm(person, by, wanted)
        named = next(one for one in self._officers.officers() if one.person == person)
        return HandOver(named.profile.display_name, named.profile.username, code)

    def disable(self, by: Principal, officer: OfficerId) -> None:
        """Take a desk account away. Raises Denied ``own_request``, NotFound, Conflict."""
        self._officers.disable(officer, by)

    def enrol(self, code: str, password: str) -> str:
        """Set the password that a one-time code is for; return the name to sign in with.

        Raises:
            InvalidInput: ``bad_enrolment_code``, or what the password lacks.
        """
        return self._officers.enrol(code, password).profile.username
