"""Candidates: whom the directory names for the desk, as the worker mirrors them into the desk store.

Who somebody is and what the directory names them for travel in one sealed letter, so whoever can write
to the database can exchange neither. Rows carry revisions: what comes late or twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Self

import orjson
from sqlalchemy import bindparam, insert, select, update

from core.errors import IntegrityError, NotFound
from core.identity.permissions import DESK_ROLES, Role, roles_from
from core.schema import desk
from core.store import Row, Statement, Tx
from core.types import PersonId

PRESENT = "present"
LEFT = "left"

_c = desk.candidates.c

_ALL = Statement(select(desk.candidates).order_by(_c.at_ms, _c.person_id))
_ONE = Statement(select(desk.candidates).where(_c.person_id == bindparam("who")))
_REVISION = Statement(select(_c.revision).where(_c.person_id == bindparam("who")))
_ADD = Statement(insert(desk.candidates).values({k.name: bindparam(k.name) for k in _c}))
_SET = Statement(
    update(desk.candidates)
    .where(_c.person_id == bindparam("who"))
    .values(
        letter=bindparam("sealed"),
        state=bindparam("to_state"),
        revision=bindparam("number"),
        at_ms=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The names of a candidate or officer."""

    username: str
    display_name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Nomination:
    """What the directory says of a person to the desk: who they are, and for which roles it names them."""

    person: PersonId
    profile: Profile
    roles: frozenset[Role]

    def as_bytes(self) -> bytes:
        """Return the letter, which is sealed to the desk."""
        named = sorted(self.roles & DESK_ROLES)
        return orjson.dumps({"person": self.person, "profile": asdict(self.profile), "roles": named})

    @classmethod
    def from_bytes(cls, octets: bytes) -> Self:
        """Return what :meth:`as_bytes` gave."""
        given = orjson.loads(octets)
        return cls(PersonId(given["person"]), Profile(**given["profile"]), roles_from(given["roles"]))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom the directory names for ``roles``. ``present`` is false for a leaver."""

    person: PersonId
    profile: Profile
    roles: frozenset[Role]
    present: bool


def do_mirror_candidate(
    tx: Tx, person: PersonId, letter: bytes, *, present: bool, revision: int, at_ms: int
) -> bool:
    """Write what the worker mirrors of one person into the desk store; tell whether it was news.

    ``letter`` is :meth:`Nomination.as_bytes` sealed to the desk. Older revisions change nothing.
    """
    known = tx.value(_REVISION, who=person)
    if known is not None and known >= revision:
        return False
    state = PRESENT if present else LEFT
    if known is None:
        tx.run(_ADD, person_id=person, letter=letter, state=state, revision=revision, at_ms=at_ms)
    else:
        tx.run(_SET, who=person, sealed=letter, to_state=state, number=revision, at=at_ms)
    return True


class Candidates:
    """The ``candidates`` table of the desk store. ``open_mail`` opens what was sealed to the desk."""

    def __init__(self, open_mail: Callable[[bytes], bytes]) -> None:
        self._open_mail = open_mail

    def all(self, tx: Tx) -> list[Candidate]:
        """Return all mirrored people, leavers too."""
        return [self._candidate(row) for row in tx.rows(_ALL)]

    def find(self, tx: Tx, person: PersonId) -> Candidate | None:
        """Return one mirrored person, a leaver too."""
        row = tx.one(_ONE, who=person)
        return None if row is None else self._candidate(row)

    def get(self, tx: Tx, person: PersonId) -> Candidate:
        """Return one mirrored person who has not left.

        Raises:
            NotFound: ``no_candidate``.
        """
        found = self.find(tx, person)
        if found is None or not found.present:
            raise NotFound("The directory names no such candidate.", code="no_candidate")
        return found

    def _candidate(self, row: Row) -> Candidate:
        said = Nomination.from_bytes(self._open_mail(row.letter))
        if said.person != row.person_id:
            raise IntegrityError("What the directory said of a candidate stands with somebody else.")
        return Candidate(said.person, said.profile, said.roles, row.state == PRESENT)
