"""Officers: who may sign in at the desk, with a credential that no chat process ever sees.

The directory names candidates, the worker mirrors them, an approver confirms one and hands over a
one-time code, and the officer enrols a password of their own with it. ``chancery init`` makes the
first. Nobody confirms themselves; a leaver, whom the mirror shows as disabled, is an officer no more.
"""

import base64
import os
from collections.abc import Callable
from datetime import timedelta

from core.errors import Conflict, InvalidInput, NotSignedIn
from core.identity.candidates import Candidate, Candidates, Profile
from core.identity.directory import bad_credentials, canonical_username, check_credentials_form
from core.identity.officer_rows import ACTIVE, CONFIRMED, DISABLED, Officer, OfficerRows
from core.identity.passwords import Passwords, check_new_password
from core.identity.permissions import (
    DESK_ROLES,
    Permission,
    Principal,
    PrincipalKind,
    Role,
    check_not_own_request,
    check_permission,
)
from core.identity.sealing import Recorder, Sealer
from core.identity.sessions import Session, Sessions
from core.store import Store, Tx
from core.trail import Tag
from core.types import Clock, OfficerId, PersonId, new_id, to_ms

CODE_LIFETIME = timedelta(hours=24)
FIRST_ROLES = frozenset({Role.COMPLIANCE_OFFICER, Role.COMPLIANCE_APPROVER, Role.POLICY_APPROVER})

_CODE_BYTES = 15


class Officers:
    """The officers of the desk store. Each method is whole: hashing outside, writing in one transaction.

    ``open_mail`` opens what the worker sealed to the desk.
    """

    def __init__(
        self,
        store: Store,
        sealer: Sealer,
        sessions: Sessions,
        passwords: Passwords,
        clock: Clock,
        record: Recorder,
        open_mail: Callable[[bytes], bytes],
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._record = record
        self._rows = OfficerRows(clock, sealer)
        self._candidates = Candidates(open_mail)

    # -- reading ----------------------------------------------------------------------------------

    def candidates(self) -> list[Candidate]:
        """Return everybody whom the directory names for a desk role and who has not left."""
        return self._store.read(
            lambda tx: [one for one in self._candidates.all(tx) if one.present and one.roles]
        )

    def officers(self) -> list[Officer]:
        """Return all officers, those who were disabled too."""
        return self._store.read(self._rows.officers)

    def by_username(self, username: str) -> Officer | None:
        """Return the officer who signs in as ``username``."""
        return self._store.read(lambda tx: self._rows.by_username(tx, username))

    def is_person(self, officer: Officer, person: PersonId) -> bool:
        """Tell whether ``officer`` is ``person`` in the chat: by id, or by the name that both go by.

        The first officer is made before anybody is known in the chat, so only the name tells then.
        """
        if officer.person == person:
            return True
        found = self._store.read(lambda tx: self._candidates.find(tx, person))
        return found is not None and canonical_username(found.profile.username) == canonical_username(
            officer.profile.username
        )

    def check_active(self, tx: Tx, officer: OfficerId) -> Officer:
        """Return an officer who may use the desk now: enrolled, not disabled, not a leaver.

        Raises:
            NotSignedIn: ``not_signed_in``.
        """
        found = self._rows.get(tx, officer)
        if found is None or not found.active:
            raise NotSignedIn("This desk account is not active. Ask an approver to confirm it.")
        return found

    def principal(self, tx: Tx, session: Session) -> Principal:
        """Return who asks in ``session``, with the roles in force now.

        Raises:
            NotSignedIn: ``not_signed_in``.
        """
        officer = self.check_active(tx, OfficerId(session.person))
        return Principal(PrincipalKind.DESK, officer.id, officer.roles, session.id)

    # -- becoming an officer ----------------------------------------------------------------------

    def first_officer(
        self,
        username: str,
        display_name: str,
        *,
        email: str = "",
        roles: frozenset[Role] = FIRST_ROLES,
        person: PersonId | None = None,
    ) -> str:
        """Make the first officer and return the one-time code. Only while there is none.

        ``person`` is who they are in the chat, so that they cannot confirm themselves.

        Raises:
            Conflict: ``officers_exist``.
        """
        officer = self._new_id()
        profile = Profile(username, display_name, email)

        def work(tx: Tx) -> str:
            if self._rows.officers(tx):
                raise Conflict(
                    "There are officers already; one of them confirms further ones.", code="officers_exist"
                )
            self._rows.do_add(tx, officer, person or PersonId(officer), profile, roles, confirmed_by="init")
            self._record(tx, Tag.OFFICER_FIRST, "init", officer, {"roles": sorted(roles)})
            return self._do_issue(tx, officer)

        return self._store.write(work)

    def confirm(self, person: PersonId, by: Principal, roles: frozenset[Role]) -> str:
        """Make the candidate ``person`` an officer with ``roles``; return the one-time code to hand over.

        Confirming an officer again is how roles change and how a lost password is replaced: the old
        one, and all sessions, end at once.

        Raises:
            Denied: ``denied`` without the permission, ``own_request`` for oneself.
            NotFound: ``no_candidate``.
            InvalidInput: ``roles_not_named`` when the directory does not name the candidate for a role.
            Conflict: ``username_taken`` when another officer signs in by that name.
        """
        check_permission(by, Permission.OFFICER_CONFIRM)
        fresh = self._new_id()

        def work(tx: Tx) -> str:
            candidate = self._candidates.get(tx, person)
            _check_roles(candidate, roles)
            present = self._rows.by_person(tx, person)
            bearer = self._rows.by_username(tx, candidate.profile.username)
            check_not_own_request(by, *(one.id for one in (present, bearer) if one is not None))
            if bearer is not None and bearer.person != person:
                self._rows.do_release_name(tx, bearer)
            officer = present.id if present else fresh
            if present is None:
                self._rows.do_add(tx, officer, person, candidate.profile, roles, confirmed_by=by.id)
            else:
                self._rows.do_reconfirm(tx, officer, candidate.profile, roles, confirmed_by=by.id)
            self._sessions.do_revoke_all(tx, officer)
            self._record(
                tx, Tag.OFFICER_CONFIRMED, by.id, officer, {"person": person, "roles": sorted(roles)}
            )
            return self._do_issue(tx, officer)

        return self._store.write(work)

    def enrol(self, code: str, password: str) -> Officer:
        """Set the password of the officer to whom ``code`` was handed; the code is spent.

        Raises:
            InvalidInput: ``bad_enrolment_code`` (never was, used, expired: one answer), or what
                :func:`check_new_password` refuses; then the code is still good.
        """
        officer = self._store.read(lambda tx: self._rows.enrolling(tx, code))
        if officer is None:
            raise _bad_code()
        check_new_password(password, officer.profile.username)
        hashed = self._passwords.hash(password)

        def work(tx: Tx) -> Officer:
            if self._rows.enrolling(tx, code) is None:
                raise _bad_code()
            self._rows.do_enrol(tx, officer.id, hashed)
            self._record(tx, Tag.OFFICER_ENROLLED, officer.id, officer.id, {})
            return self.check_active(tx, officer.id)

        return self._store.write(work)

    # -- being one --------------------------------------------------------------------------------

    def authenticate(self, username: str, password: str) -> Officer:
        """Return the officer whose name and password these are; one hash whoever asks.

        Raises:
            NotSignedIn: ``bad_credentials``; also for whoever is disabled, left, or not yet enrolled.
        """
        check_credentials_form(username, password)
        officer, stored = self._store.read(lambda tx: self._rows.credentials(tx, username))
        matches = self._passwords.verify(stored if officer and officer.active else None, password)
        if officer is None or stored is None or not matches:
            raise bad_credentials()
        if self._passwords.is_outdated(stored):
            renewed = self._passwords.hash(password)
            self._store.write(lambda tx: self._rows.do_rehash(tx, officer.id, stored, renewed))
        return officer

    def disable(self, officer: OfficerId, by: Principal) -> None:
        """Take a desk account and its sessions away.

        Raises:
            Denied: ``denied``; ``own_request``, so that one approver always remains.
            NotFound: ``no_officer``.
            Conflict: ``already_disabled``.
        """
        check_permission(by, Permission.OFFICER_DISABLE)
        check_not_own_request(by, officer)

        def work(tx: Tx) -> None:
            if self._rows.require(tx, officer).state == DISABLED:
                raise Conflict("This officer is disabled already.", code="already_disabled")
            self._do_disable(tx, officer, by.id, "disabled")

        self._store.write(work)

    def disable_leavers(self) -> int:
        """Disable every officer whom the mirror shows as gone; return how many.

        They lost access when the mirror was written; this ends their sessions, and makes a return
        to the firm no return to the desk: they are confirmed anew.
        """

        def work(tx: Tx) -> int:
            leavers = [one for one in self._rows.officers(tx) if one.left and one.state != DISABLED]
            for officer in leavers:
                self._do_disable(tx, officer.id, "directory", "left")
            return len(leavers)

        return self._store.write(work)

    # -- inside -----------------------------------------------------------------------------------

    def _do_disable(self, tx: Tx, officer: OfficerId, by: str, why: str) -> None:
        self._rows.do_disable(tx, officer)
        ended = self._sessions.do_revoke_all(tx, officer)
        self._record(tx, Tag.OFFICER_DISABLED, by, officer, {"why": why, "sessions_ended": ended})

    def _do_issue(self, tx: Tx, officer: OfficerId) -> str:
        code = base64.b32encode(os.urandom(_CODE_BYTES)).decode("ascii").lower()
        expires = to_ms(self._clock.now() + CODE_LIFETIME)
        self._rows.do_issue(tx, officer, code, expires)
        return "-".join(code[at : at + 6] for at in range(0, len(code), 6))

    def _new_id(self) -> OfficerId:
        officer = OfficerId(new_id())
        self._sealer.ensure(officer)
        return officer


def _check_roles(candidate: Candidate, roles: frozenset[Role]) -> None:
    if not roles or not roles <= candidate.roles & DESK_ROLES:
        named = ", ".join(sorted(role.words for role in candidate.roles)) or "no role"
        raise InvalidInput(
            f"The directory names this candidate for {named}; choose from these.",
            code="roles_not_named",
            roles=sorted(candidate.roles),
        )


def _bad_code() -> InvalidInput:
    return InvalidInput(
        "This one-time code is not valid: it may be mistyped, used or older than a day. "
        "Ask whoever confirmed you for a new one.",
        code="bad_enrolment_code",
    )


__all__ = ["ACTIVE", "CONFIRMED", "DISABLED", "FIRST_ROLES", "Candidate", "Officer", "Officers"]
