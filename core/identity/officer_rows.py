"""The rows behind :mod:`core.identity.officers`: candidates as mirrored, officers, one-time codes."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import orjson
from sqlalchemy import bindparam, delete, insert, select, update

from core.errors import Conflict, NotFound
from core.identity.directory import canonical_username
from core.identity.permissions import DESK_ROLES, Role, roles_from
from core.identity.sealing import Sealer
from core.schema import desk
from core.store import Row, Statement, Tx
from core.types import Clock, OfficerId, PersonId, to_ms

CONFIRMED = "confirmed"
ACTIVE = "active"
DISABLED = "disabled"

_c, _o, _e = desk.candidates.c, desk.officers.c, desk.enrolments.c

_CANDIDATES = Statement(select(desk.candidates).order_by(_c.at_ms, _c.person_id))
_CANDIDATE = Statement(select(desk.candidates).where(_c.person_id == bindparam("who")))
_REVISION = Statement(select(_c.revision).where(_c.person_id == bindparam("who")))
_ADD_CANDIDATE = Statement(insert(desk.candidates).values({k.name: bindparam(k.name) for k in _c}))
_SET_CANDIDATE = Statement(
    update(desk.candidates)
    .where(_c.person_id == bindparam("who"))
    .values(
        profile=bindparam("sealed"),
        desk_roles=bindparam("named"),
        state=bindparam("to_state"),
        revision=bindparam("number"),
        at_ms=bindparam("at"),
    )
)

_WITH_MIRROR = select(desk.officers, _c.state.label("mirrored")).select_from(
    desk.officers.outerjoin(desk.candidates, _c.person_id == _o.person_id)
)
_OFFICERS = Statement(_WITH_MIRROR.order_by(_o.created_ms, _o.id))
_BY_ID = Statement(_WITH_MIRROR.where(_o.id == bindparam("officer")))
_BY_PERSON = Statement(_WITH_MIRROR.where(_o.person_id == bindparam("who")))
_BY_LOGIN = Statement(_WITH_MIRROR.where(_o.login_tag == bindparam("tag")))
_ENROLLING = Statement(
    _WITH_MIRROR.join(desk.enrolments, _e.officer_id == _o.id).where(
        _e.code_hash == bindparam("code"), _e.used_ms.is_(None), _e.expires_ms > bindparam("now")
    )
)
_ADD = Statement(
    insert(desk.officers).values({k.name: bindparam(k.name) for k in _o if k.name != "password_hash"})
)
_RECONFIRM = Statement(
    update(desk.officers)
    .where(_o.id == bindparam("officer"))
    .values(
        login_tag=bindparam("login"),
        profile=bindparam("sealed"),
        roles=bindparam("given"),
        password_hash=None,
        state=CONFIRMED,
        confirmed_by=bindparam("by"),
        changed_ms=bindparam("at"),
    )
)
_RELEASE_NAME = Statement(
    update(desk.officers)
    .where(_o.id == bindparam("officer"))
    .values(login_tag=bindparam("free"), profile=bindparam("sealed"))
)
_ENROL = Statement(
    update(desk.officers)
    .where(_o.id == bindparam("officer"))
    .values(password_hash=bindparam("hashed"), state=ACTIVE, changed_ms=bindparam("at"))
)
_REHASH = Statement(
    update(desk.officers)
    .where(_o.id == bindparam("officer"), _o.password_hash == bindparam("stale"))
    .values(password_hash=bindparam("hashed"))
)
_DISABLE = Statement(
    update(desk.officers)
    .where(_o.id == bindparam("officer"))
    .values(password_hash=None, state=DISABLED, changed_ms=bindparam("at"))
)
_FORGET_CODES = Statement(
    delete(desk.enrolments).where(_e.officer_id == bindparam("officer"), _e.used_ms.is_(None))
)
_ISSUE = Statement(
    insert(desk.enrolments).values(
        code_hash=bindparam("code"),
        officer_id=bindparam("officer"),
        expires_ms=bindparam("until"),
        used_ms=None,
    )
)
_SPEND = Statement(
    update(desk.enrolments).where(_e.code_hash == bindparam("code")).values(used_ms=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is sealed about a candidate or officer."""

    username: str
    display_name: str
    email: str = ""

    def as_bytes(self) -> bytes:
        """Return the form that is sealed; the worker mirrors candidates in it."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, octets: bytes) -> "Profile":
        """Return what :meth:`as_bytes` gave."""
        return cls(**orjson.loads(octets))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom the directory names for ``roles``. ``present`` is false for a leaver."""

    person: PersonId
    profile: Profile
    roles: frozenset[Role]
    present: bool


@dataclass(frozen=True, slots=True)
class Officer:
    """An account of the desk. ``left`` tells that the directory no longer has the person."""

    id: OfficerId
    person: PersonId
    profile: Profile
    roles: frozenset[Role]
    state: str
    left: bool

    @property
    def active(self) -> bool:
        """Tell whether this officer may use the desk now."""
        return self.state == ACTIVE and not self.left


def do_mirror_candidate(
    tx: Tx,
    person: PersonId,
    sealed_profile: bytes,
    roles: frozenset[Role],
    *,
    present: bool,
    revision: int,
    at_ms: int,
) -> bool:
    """Write what the worker mirrors of one person into the desk store; tell whether it was news.

    ``sealed_profile`` is :meth:`Profile.as_bytes` sealed to the desk. Older revisions change nothing.
    """
    known = tx.value(_REVISION, who=person)
    if known is not None and known >= revision:
        return False
    named, state = " ".join(sorted(roles & DESK_ROLES)), ACTIVE if present else DISABLED
    if known is None:
        tx.run(
            _ADD_CANDIDATE,
            person_id=person,
            profile=sealed_profile,
            desk_roles=named,
            state=state,
            revision=revision,
            at_ms=at_ms,
        )
    else:
        tx.run(
            _SET_CANDIDATE,
            who=person,
            sealed=sealed_profile,
            named=named,
            to_state=state,
            number=revision,
            at=at_ms,
        )
    return True


class OfficerRows:
    """Reads and writes the rows; knows no rule about who may do what."""

    def __init__(self, clock: Clock, sealer: Sealer, open_mail: Callable[[bytes], bytes]) -> None:
        self._clock = clock
        self._sealer = sealer
        self._open_mail = open_mail

    def candidates(self, tx: Tx) -> list[Candidate]:
        """Return all mirrored people."""
        return [self._candidate(row) for row in tx.rows(_CANDIDATES)]

    def candidate(self, tx: Tx, person: PersonId) -> Candidate:
        """Return one mirrored person who has not left.

        Raises:
            NotFound: ``no_candidate``.
        """
        row = tx.one(_CANDIDATE, who=person)
        if row is None or row.state != ACTIVE:
            raise NotFound("The directory names no such candidate.", code="no_candidate")
        return self._candidate(row)

    def mirrored(self, tx: Tx, person: PersonId) -> Candidate | None:
        """Return one mirrored person, a leaver too."""
        row = tx.one(_CANDIDATE, who=person)
        return None if row is None else self._candidate(row)

    def officers(self, tx: Tx) -> list[Officer]:
        """Return all officers, oldest first."""
        return [self._officer(row) for row in tx.rows(_OFFICERS)]

    def get(self, tx: Tx, officer: OfficerId) -> Officer | None:
        """Return one officer."""
        return self._maybe(tx.one(_BY_ID, officer=officer))

    def require(self, tx: Tx, officer: OfficerId) -> Officer:
        """Return one officer.

        Raises:
            NotFound: ``no_officer``.
        """
        found = self.get(tx, officer)
        if found is None:
            raise NotFound("There is no such officer.", code="no_officer")
        return found

    def by_person(self, tx: Tx, person: PersonId) -> Officer | None:
        """Return the officer who is ``person`` in the chat."""
        return self._maybe(tx.one(_BY_PERSON, who=person))

    def by_username(self, tx: Tx, username: str) -> Officer | None:
        """Return the officer who signs in as ``username``."""
        return self._maybe(tx.one(_BY_LOGIN, tag=self._login_tag(username)))

    def credentials(self, tx: Tx, username: str) -> tuple[Officer | None, str | None]:
        """Return the officer who signs in as ``username``, and their password hash."""
        row = tx.one(_BY_LOGIN, tag=self._login_tag(username))
        return (None, None) if row is None else (self._officer(row), row.password_hash)

    def enrolling(self, tx: Tx, code_hash: str) -> Officer | None:
        """Return the officer for whom a code is good now."""
        officer = self._maybe(tx.one(_ENROLLING, code=code_hash, now=to_ms(self._clock.now())))
        return officer if officer and officer.state != DISABLED and not officer.left else None

    def do_add(
        self,
        tx: Tx,
        officer: OfficerId,
        person: PersonId,
        profile: Profile,
        roles: frozenset[Role],
        confirmed_by: str,
    ) -> None:
        """Write a new officer without a credential."""
        now, login = to_ms(self._clock.now()), self._login_tag(profile.username)
        tx.run(
            _ADD,
            id=officer,
            person_id=person,
            login_tag=login,
            profile=self._sealed(officer, login, profile),
            roles=" ".join(sorted(roles)),
            state=CONFIRMED,
            confirmed_by=confirmed_by,
            created_ms=now,
            changed_ms=now,
        )

    def do_reconfirm(
        self, tx: Tx, officer: OfficerId, profile: Profile, roles: frozenset[Role], confirmed_by: str
    ) -> None:
        """Give an officer the roles and the name they have now, and take the credential away."""
        login = self._login_tag(profile.username)
        tx.run(
            _RECONFIRM,
            officer=officer,
            login=login,
            sealed=self._sealed(officer, login, profile),
            given=" ".join(sorted(roles)),
            by=confirmed_by,
            at=to_ms(self._clock.now()),
        )

    def do_release_name(self, tx: Tx, bearer: Officer) -> None:
        """Free the name of an officer who cannot sign in by it any more.

        Raises:
            Conflict: ``username_taken`` while they still can.
        """
        if bearer.state != DISABLED and not bearer.left:
            raise Conflict(
                "Another officer signs in by this name. Disable that one first.", code="username_taken"
            )
        free = f"former:{bearer.id}"
        tx.run(
            _RELEASE_NAME, officer=bearer.id, free=free, sealed=self._sealed(bearer.id, free, bearer.profile)
        )

    def do_issue(self, tx: Tx, officer: OfficerId, code_hash: str, expires_ms: int) -> None:
        """Keep the hash of a one-time code; codes issued before are void."""
        tx.run(_FORGET_CODES, officer=officer)
        tx.run(_ISSUE, code=code_hash, officer=officer, until=expires_ms)

    def do_enrol(self, tx: Tx, code_hash: str, officer: OfficerId, hashed: str) -> None:
        """Spend a code and keep the hash of the password."""
        now = to_ms(self._clock.now())
        tx.run(_SPEND, code=code_hash, at=now)
        tx.run(_ENROL, officer=officer, hashed=hashed, at=now)

    def do_rehash(self, tx: Tx, officer: OfficerId, stale: str, hashed: str) -> None:
        """Replace the hash of the same password, if it is still the one."""
        tx.run(_REHASH, officer=officer, stale=stale, hashed=hashed)

    def do_disable(self, tx: Tx, officer: OfficerId) -> None:
        """Take credential and codes away."""
        tx.run(_DISABLE, officer=officer, at=to_ms(self._clock.now()))
        tx.run(_FORGET_CODES, officer=officer)

    def _maybe(self, row: Row | None) -> Officer | None:
        return None if row is None else self._officer(row)

    def _officer(self, row: Row) -> Officer:
        profile = Profile.from_bytes(self._sealer.open(row.id, row.profile, _aad(row.id, row.login_tag)))
        return Officer(
            OfficerId(row.id),
            PersonId(row.person_id),
            profile,
            roles_from(row.roles.split()),
            row.state,
            left=row.mirrored == DISABLED,
        )

    def _candidate(self, row: Row) -> Candidate:
        profile = Profile.from_bytes(self._open_mail(row.profile))
        return Candidate(
            PersonId(row.person_id), profile, roles_from(row.desk_roles.split()), row.state == ACTIVE
        )

    def _sealed(self, officer: OfficerId, login: str, profile: Profile) -> bytes:
        return self._sealer.seal(officer, profile.as_bytes(), _aad(officer, login))

    def _login_tag(self, username: str) -> str:
        return self._sealer.tag("officer.login", canonical_username(username))


def _aad(officer: str, login: str) -> bytes:
    return b"\x00".join(part.encode("utf-8") for part in ("officers.profile", officer, login))
