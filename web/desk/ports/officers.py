"""Officers, and who could become one."""

from collections.abc import Sequence
from typing import Protocol

from admin.bootstrap.desk import (
    CandidateRow,
    HandOver,
)
from core.identity.officer_rows import Officer
from core.identity.permissions import Principal
from core.types import OfficerId, PersonId


class OfficerDesk(Protocol):
    """Officers: confirmed by an approver, enrolled by themselves."""

    def officers(self) -> Sequence[Officer]:
        """Return all officers by name."""
        ...

    def colleagues(self) -> Sequence[Officer]:
        """Return those who may read in a matter now."""
        ...

    def candidates(self, by: Principal) -> Sequence[CandidateRow]:
        """Return everybody whom the directory names."""
        ...

    def confirm(self, by: Principal, person: PersonId, roles: Sequence[str]) -> HandOver:
        """Make a candidate an officer; the code is shown once.

        Raises:
            Denied: ``own_request``.
            NotFound: ``no_candidate``.
            InvalidInput: ``roles_not_named``.
            Conflict: ``username_taken``.
        """
        ...

    def disable(self, by: Principal, officer: OfficerId) -> None:
        """Take a desk account away. Raises Denied ``own_request``, Conflict ``already_disabled``."""
        ...

    def enrol(self, code: str, password: str) -> str:
        """Set the first password; return the name to sign in with.

        Raises:
            InvalidInput: ``bad_enrolment_code``, or what the password lacks.
        """
        ...
