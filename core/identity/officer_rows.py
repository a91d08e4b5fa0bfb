"""The rows behind :mod:`core.identity.officers`: all that an account of the desk is, under one seal.

What decides who may do what here (roles, state, the hash of the password, the end of a one-time code)
stands in the sealed part, bound to the columns by which it is looked up. Whoever can write to the
database but holds no key can remove an officer, not make one.
"""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select, update

from core.errors import Conflict, NotFound
from core.identity.candidates import LEFT, Profile
from core.identity.directory import canonical_username
from core.identity.permissions import Role, roles_from
from core.identity.sealing import Sealer, bound_to
from core.schema import desk
from core.store import Row, Statement, Tx
from core.types import Clock, OfficerId, PersonId, to_ms

CONFIRMED = "confirmed"
ACTIVE = "active"
DISABLED = "disabled"

_c, _o = desk.candidates.c, desk.officers.c

_WITH_MIRROR = select(desk.officers, _c.state.label("mirrored")).select_from(
    desk.officers.outerjoin(desk.candidates, _c.person_id == _o.person_id)
)
_OFFICERS = Statement(_WITH_MIRROR.order_by(_o.created_ms, _o.id))
_BY_ID = Statement(_WITH_MIRROR.where(_o.id == bindparam("officer")))
_BY_PERSON = Statement(_WITH_MIRROR.where(_o.person_id == bindparam("who")))
_BY_LOGIN = Statement(_WITH_MIRROR.where(_o.login_tag == bindparam("tag")))
_BY_CODE = Statement(_WITH_MIRROR.where(_o.code_tag == bindparam("tag")))
_ADD = Statement(insert(desk.officers).values({k.name: bindparam(k.name) for k in _o}))
_SET = Statement(
    update(desk.officers)
    .where(_o.id == bindparam("officer"))
    .values(
        login_tag=bindparam("login"),
        code_tag=bindparam("code"),
        account=bindparam("sealed"),
        changed_ms=bindparam("at"),
    )
)


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


@dataclass(frozen=True, slots=True)
class _Account:
    """A row. The first four are columns, to which the rest is bound."""

    id: OfficerId
    person: PersonId
    login_tag: str
    code_tag: str | None
    profile: Profile
    roles: frozenset[Role]
    state: str
    confirmed_by: str
    password_hash: str | None = None
    code_ends_ms: int = 0

    def binding(self) -> bytes:
        """Return what the sealed part is bound to."""
        return _binding(self.id, self.person, self.login_tag, self.code_tag)

    def sealed_part(self) -> bytes:
        """Return what is sealed."""
        return orjson.dumps(
            {
                "profile": self.profile,
                "roles": sorted(self.roles),
                "state": self.state,
                "confirmed_by": self.confirmed_by,
                "password_hash": self.password_hash,
                "code_ends_ms": self.code_ends_ms,
            }
        )


class OfficerRows:
    """Reads and writes the rows; knows no rule about who may do what."""

    def __init__(self, clock: Clock, sealer: Sealer) -> None:
        self._clock = clock
        self._sealer = sealer

    # -- reading ----------------------------------------------------------------------------------

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
        return self._officer(self._row(tx, officer))

    def by_person(self, tx: Tx, person: PersonId) -> Officer | None:
        """Return the officer who is ``person`` in the chat."""
        return self._maybe(tx.one(_BY_PERSON, who=person))

    def by_username(self, tx: Tx, username: str) -> Officer | None:
        """Return the officer who signs in as ``username``."""
        return self._maybe(tx.one(_BY_LOGIN, tag=self._login_tag(username)))

    def credentials(self, tx: Tx, username: str) -> tuple[Officer | None, str | None]:
        """Return the officer who signs in as ``username``, and their password hash."""
        row = tx.one(_BY_LOGIN, tag=self._login_tag(username))
        return (None, None) if row is None else (self._officer(row), self._account(row).password_hash)

    def enrolling(self, tx: Tx, code: str) -> Officer | None:
        """Return the officer for whom a one-time code is good now."""
        row = tx.one(_BY_CODE, tag=self._code_tag(code))
        if row is None or self._account(row).code_ends_ms <= to_ms(self._clock.now()):
            return None
        officer = self._officer(row)
        return officer if officer.state != DISABLED and not officer.left else None

    # -- writing ----------------------------------------------------------------------------------

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
        login = self._login_tag(profile.username)
        account = _Account(officer, person, login, None, profile, roles, CONFIRMED, confirmed_by)
        now = to_ms(self._clock.now())
        tx.run(
            _ADD,
            id=officer,
            person_id=person,
            login_tag=login,
            code_tag=None,
            account=self._sealed(account),
            created_ms=now,
            changed_ms=now,
        )

    def do_reconfirm(
        self, tx: Tx, officer: OfficerId, profile: Profile, roles: frozenset[Role], confirmed_by: str
    ) -> None:
        """Give an officer the roles and the name they have now, and take the credential away."""
        self._do_change(
            tx,
            officer,
            login_tag=self._login_tag(profile.username),
            profile=profile,
            roles=roles,
            state=CONFIRMED,
            confirmed_by=confirmed_by,
            password_hash=None,
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
        self._do_change(tx, bearer.id, login_tag=f"former:{bearer.id}")

    def do_issue(self, tx: Tx, officer: OfficerId, code: str, ends_ms: int) -> None:
        """Make a one-time code good until ``ends_ms``; one issued before is void."""
        self._do_change(tx, officer, code_tag=self._code_tag(code), code_ends_ms=ends_ms)

    def do_enrol(self, tx: Tx, officer: OfficerId, hashed: str) -> None:
        """Spend the code and keep the hash of the password."""
        self._do_change(tx, officer, code_tag=None, password_hash=hashed, state=ACTIVE)

    def do_rehash(self, tx: Tx, officer: OfficerId, stale: str, hashed: str) -> None:
        """Replace the hash of the same password, if it is still the one."""
        if self._account(self._row(tx, officer)).password_hash == stale:
            self._do_change(tx, officer, password_hash=hashed)

    def do_disable(self, tx: Tx, officer: OfficerId) -> None:
        """Take credential and code away."""
        self._do_change(tx, officer, code_tag=None, password_hash=None, state=DISABLED)

    # -- inside -----------------------------------------------------------------------------------

    def _row(self, tx: Tx, officer: OfficerId) -> Row:
        row = tx.one(_BY_ID, officer=officer)
        if row is None:
            raise NotFound("There is no such officer.", code="no_officer")
        return row

    def _do_change(self, tx: Tx, officer: OfficerId, **changes: Any) -> None:
        account = replace(self._account(self._row(tx, officer)), **changes)
        tx.run(
            _SET,
            officer=officer,
            login=account.login_tag,
            code=account.code_tag,
            sealed=self._sealed(account),
            at=to_ms(self._clock.now()),
        )

    def _maybe(self, row: Row | None) -> Officer | None:
        return None if row is None else self._officer(row)

    def _officer(self, row: Row) -> Officer:
        held = self._account(row)
        return Officer(held.id, held.person, held.profile, held.roles, held.state, left=row.mirrored == LEFT)

    def _account(self, row: Row) -> _Account:
        columns = (row.id, row.person_id, row.login_tag, row.code_tag)
        said = orjson.loads(self._sealer.open(row.id, row.account, _binding(*columns)))
        profile, roles = Profile(**said.pop("profile")), roles_from(said.pop("roles"))
        return _Account(*columns, profile, roles, **said)

    def _sealed(self, account: _Account) -> bytes:
        return self._sealer.seal(account.id, account.sealed_part(), account.binding())

    def _login_tag(self, username: str) -> str:
        return self._sealer.tag("officer.login", canonical_username(username))

    def _code_tag(self, code: str) -> str:
        """Return what is kept of a code, however it was typed."""
        plain = "".join(code.split()).replace("-", "").casefold()
        return self._sealer.tag("officer.code", plain.encode("utf-8", "replace").decode("utf-8"))


def _binding(officer: str, person: str, login_tag: str, code_tag: str | None) -> bytes:
    return bound_to("officers.account", officer, person, login_tag, code_tag or "")
