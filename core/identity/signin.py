"""Signing in: throttle, directory, person, session, in that order; the web layer calls nothing else.

One class for the chat, whichever directory stands behind it, and one for the desk. Every failure
that could tell names apart gives the same answer and is counted before it is known.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from core import metrics
from core.errors import NotSignedIn, Unavailable
from core.identity.directory import Directory, DirectoryPerson, bad_credentials, canonical_username
from core.identity.officers import Officer, Officers
from core.identity.people import People, Person
from core.identity.permissions import Permission, Principal, PrincipalKind, check_permission
from core.identity.sealing import Recorder
from core.identity.sessions import Session, Sessions
from core.identity.throttle import Attempt, Throttle
from core.store import Store, Tx
from core.trail import Tag
from core.types import OfficerId, PersonId, SessionId

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody of the chat who is signed in."""

    principal: Principal
    person: Person
    session: Session


@dataclass(frozen=True, slots=True)
class OfficerSignedIn:
    """An officer who is signed in at the desk."""

    principal: Principal
    officer: Officer
    session: Session


@dataclass(frozen=True, slots=True)
class _Known:
    found: DirectoryPerson
    prepared: PersonId


class _Door:
    """What both sides do alike: count attempts, end sessions, and put both on record."""

    _side: ClassVar[str]

    def __init__(self, store: Store, sessions: Sessions, throttle: Throttle, record: Recorder) -> None:
        self._store = store
        self._sessions = sessions
        self._throttle = throttle
        self._record = record

    def sign_out(self, session: Session) -> None:
        """End one session.

        Raises:
            NotFound: ``no_session``.
        """
        self.revoke(session.person, session.id)

    def revoke(self, person: str, session: SessionId) -> None:
        """End one session of ``person``.

        Raises:
            NotFound: ``no_session``; it ended already, or belongs to somebody else.
        """

        def work(tx: Tx) -> None:
            self._sessions.do_revoke(tx, session, person)
            self._record(tx, Tag.SIGNED_OUT, person, session, {})

        self._store.write(work)

    def sign_out_everywhere(self, person: str, by: str, *, but: SessionId | None = None) -> int:
        """End all sessions of ``person``, except ``but``; return how many."""

        def work(tx: Tx) -> int:
            ended = self._sessions.do_revoke_all(tx, person, but=but)
            self._record(tx, Tag.SESSIONS_REVOKED, by, person, {"sessions_ended": ended})
            return ended

        return self._store.write(work)

    def sessions(self, person: str) -> list[Session]:
        """Return the live sessions of ``person``."""
        return self._store.read(lambda tx: self._sessions.of(tx, person))

    @contextmanager
    def _attempting(self, account: str, address: str) -> Iterator[Attempt]:
        """Count an attempt; what ends it other than by :class:`NotSignedIn` was no guess."""
        attempt = self._store.write(lambda tx: self._throttle.do_attempt(tx, account, address))
        try:
            yield attempt
        except NotSignedIn:
            self._failed(attempt, address)
            raise
        except BaseException:
            self._throttle.cancel(attempt)
            with suppress(Unavailable):  # it was the store that is away: the next attempt gives back
                self._store.write(self._throttle.do_give_back)
            raise

    def _failed(self, attempt: Attempt, address: str) -> None:
        """Put a failed attempt on record, under the keyed tag of the name that was tried."""
        metrics.SIGN_IN_FAILURES.add(self._side)
        self._store.write(
            lambda tx: self._record(tx, Tag.SIGN_IN_FAILED, "", attempt.account, {"address": address})
        )

    def _do_open(
        self, tx: Tx, attempt: Attempt, person: str, address: str, user_agent: str
    ) -> tuple[str, Session]:
        self._throttle.do_succeed(tx, attempt)
        token, session = self._sessions.do_open(tx, person, address, user_agent)
        self._record(
            tx, Tag.SIGNED_IN, person, session.id, {"address": address, "user_agent": session.user_agent}
        )
        return token, session

    def _touch(self, session: Session) -> None:
        if self._sessions.is_touch_due(session):
            self._store.write(lambda tx: self._sessions.do_touch(tx, session.id))


class SignIn(_Door):
    """Sign-in of the chat, through whichever directory."""

    _side = "chat"

    def __init__(
        self,
        store: Store,
        directory: Directory,
        people: People,
        sessions: Sessions,
        throttle: Throttle,
        record: Recorder,
    ) -> None:
        super().__init__(store, sessions, throttle, record)
        self._directory = directory
        self._people = people

    def authenticate(self, username: str, password: str, address: str) -> Person:
        """Return the person, throttled and on record like a sign-in, but without a session.

        For the command line's ``--as``.

        Raises:
            Limited: ``too_many_attempts``.
            NotSignedIn: ``bad_credentials``.
            Unavailable: ``directory_unavailable``; nothing was counted.
        """

        def work(tx: Tx, attempt: Attempt, known: _Known) -> Person:
            person = self._do_accept(tx, known)
            self._throttle.do_succeed(tx, attempt)
            return person

        return self._let_in(username, password, address, work)

    def sign_in(self, username: str, password: str, address: str, user_agent: str) -> tuple[str, SignedIn]:
        """Check a password and start a session; return its token and who signed in.

        Raises:
            Limited: ``too_many_attempts``, with ``retry_after``.
            NotSignedIn: ``bad_credentials``.
            Denied: ``denied``; the directory knows them but gives no role here.
            Unavailable: ``directory_unavailable``; nothing was counted.
        """

        def work(tx: Tx, attempt: Attempt, known: _Known) -> tuple[str, SignedIn]:
            person = self._do_accept(tx, known)
            check_permission(self._principal(person, None), Permission.SESSION_OWN)
            token, session = self._do_open(tx, attempt, person.id, address, user_agent)
            return token, SignedIn(self._principal(person, session.id), person, session)

        return self._let_in(username, password, address, work)

    def identify(self, token: str) -> SignedIn:
        """Return who holds ``token``, with the roles in force now, and note the use of the session.

        Raises:
            NotSignedIn: ``not_signed_in``.
        """
        signed_in = self._store.read(lambda tx: self._identify(tx, token))
        self._touch(signed_in.session)
        return signed_in

    def _identify(self, tx: Tx, token: str) -> SignedIn:
        session = self._sessions.check(tx, token)
        person = self._people.get(tx, PersonId(session.person))
        if not person.active:
            raise NotSignedIn("This account is disabled.")
        return SignedIn(self._principal(person, session.id), person, session)

    def _let_in(
        self, username: str, password: str, address: str, work: Callable[[Tx, Attempt, _Known], T]
    ) -> T:
        """Check name and password, then do ``work`` in one transaction."""
        with self._attempting(self._directory.account(username), address) as attempt:
            admit = self._throttle.admit(self._store, self._directory.name, attempt)
            found = self._directory.authenticate(username, password, admit)
            known = _Known(found, self._people.prepare(self._store, self._directory.name, found))
            return self._store.write(lambda tx: work(tx, attempt, known))

    def _do_accept(self, tx: Tx, known: _Known) -> Person:
        person = self._people.do_upsert(tx, self._directory.name, known.found, known.prepared)
        if not person.active:
            raise bad_credentials()
        return person

    def _principal(self, person: Person, session: SessionId | None) -> Principal:
        roles = self._people.mapping.roles_for(person.profile)
        return Principal(PrincipalKind.CHAT, person.id, roles, session)


class DeskSignIn(_Door):
    """Sign-in of the desk, with the desk's own credentials."""

    _side = "desk"

    def __init__(
        self, store: Store, officers: Officers, sessions: Sessions, throttle: Throttle, record: Recorder
    ) -> None:
        super().__init__(store, sessions, throttle, record)
        self._officers = officers

    def authenticate(self, username: str, password: str, address: str) -> Officer:
        """Return the officer, throttled and on record like a sign-in, but without a session.

        Raises:
            Limited: ``too_many_attempts``.
            NotSignedIn: ``bad_credentials``.
        """
        with self._attempting(canonical_username(username), address) as attempt:
            officer = self._officers.authenticate(username, password)
            self._store.write(lambda tx: self._throttle.do_succeed(tx, attempt))
            return officer

    def sign_in(
        self, username: str, password: str, address: str, user_agent: str
    ) -> tuple[str, OfficerSignedIn]:
        """Check a password and start a session; return its token and who signed in.

        Raises:
            Limited: ``too_many_attempts``, with ``retry_after``.
            NotSignedIn: ``bad_credentials``.
        """
        with self._attempting(canonical_username(username), address) as attempt:
            known = self._officers.authenticate(username, password)

            def work(tx: Tx) -> tuple[str, OfficerSignedIn]:
                officer = self._officers.check_active(tx, known.id)
                principal = Principal(PrincipalKind.DESK, officer.id, officer.roles)
                check_permission(principal, Permission.DESK_SIGN_IN)
                token, session = self._do_open(tx, attempt, officer.id, address, user_agent)
                return token, OfficerSignedIn(replace(principal, session=session.id), officer, session)

            return self._store.write(work)

    def identify(self, token: str) -> OfficerSignedIn:
        """Return which officer holds ``token``, and note the use of the session.

        Raises:
            NotSignedIn: ``not_signed_in``.
        """

        def work(tx: Tx) -> OfficerSignedIn:
            session = self._sessions.check(tx, token)
            principal = self._officers.principal(tx, session)
            return OfficerSignedIn(
                principal, self._officers.check_active(tx, OfficerId(principal.id)), session
            )

        signed_in = self._store.read(work)
        self._touch(signed_in.session)
        return signed_in
