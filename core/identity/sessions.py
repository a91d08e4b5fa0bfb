"""Sessions: on the server, ended at will, known to the store only by a keyed hash.

One class serves both sides; the chat and the desk each have a table of their own. A token is the id of
its session and 256 random bits. The hash covers them, whose session it is, when it began and when it
ends at the latest, under a key that no database holds: whoever can write to the store makes no session,
and gives none to somebody else. A session ends when it was idle too long, at its absolute end, or when
it is revoked; live processes poll :meth:`Sessions.revoked_since` and close sockets.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Table, bindparam, delete, func, insert, or_, select, update

from core.errors import NotFound, NotSignedIn
from core.identity.sealing import Sealer, bound_to
from core.store import Row, Statement, Tx
from core.types import Clock, SessionId, new_id, to_ms

TOUCH_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=1)

_SECRET_BYTES = 32
_MAX_AGENT_CHARS = 256


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: without use, and at all."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is alive. Times are milliseconds since 1970; ``ends_ms`` if it is not used again."""

    id: SessionId
    person: str
    created_ms: int
    seen_ms: int
    ends_ms: int
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """A session that ended before its time."""

    session: SessionId
    person: str


class Sessions:
    """The ``sessions`` table of one store."""

    def __init__(self, table: Table, clock: Clock, limits: SessionLimits, sealer: Sealer) -> None:
        self._clock = clock
        self._sealer = sealer
        self._idle_ms = _ms(limits.idle)
        self._absolute_ms = _ms(limits.absolute)
        c = table.c
        alive = (c.revoked_ms.is_(None), c.expires_ms > bindparam("now"), c.seen_ms > bindparam("idle_since"))
        self._add = Statement(
            insert(table).values({k.name: bindparam(k.name) for k in c if k.name != "revoked_ms"})
        )
        self._by_id = Statement(select(table).where(c.id == bindparam("session"), *alive))
        self._of_person = Statement(
            select(table).where(c.person_id == bindparam("who"), *alive).order_by(c.seen_ms.desc())
        )
        self._seen = Statement(
            update(table)
            .where(c.id == bindparam("session"), c.seen_ms < bindparam("before"), c.revoked_ms.is_(None))
            .values(seen_ms=bindparam("at"))
        )
        self._revoke = Statement(
            update(table)
            .where(c.id == bindparam("session"), c.person_id == bindparam("who"), c.revoked_ms.is_(None))
            .values(revoked_ms=bindparam("at"))
        )
        self._revoke_all = Statement(
            update(table)
            .where(c.person_id == bindparam("who"), c.id != bindparam("but"), c.revoked_ms.is_(None))
            .values(revoked_ms=bindparam("at"))
        )
        self._revoke_everybody = Statement(
            update(table).where(c.revoked_ms.is_(None)).values(revoked_ms=bindparam("at"))
        )
        self._last_revocation = Statement(select(func.max(c.revoked_ms)))
        self._revoked = Statement(
            select(c.id, c.person_id).where(c.revoked_ms > bindparam("version")).order_by(c.revoked_ms)
        )
        self._purge = Statement(
            delete(table).where(
                or_(c.expires_ms < bindparam("before"), c.seen_ms < bindparam("idle_before")),
                or_(c.revoked_ms.is_(None), c.revoked_ms < bindparam("before")),
            )
        )

    def do_open(self, tx: Tx, person: str, address: str, user_agent: str) -> tuple[str, Session]:
        """Start a session; return its token, which is not kept anywhere, and the session."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        now = to_ms(self._clock.now())
        session, expires = SessionId(new_id()), now + self._absolute_ms
        agent = user_agent[:_MAX_AGENT_CHARS]
        tx.run(
            self._add,
            id=session,
            token_hash=self._hash(secret, session, person, now, expires),
            person_id=person,
            created_ms=now,
            seen_ms=now,
            expires_ms=expires,
            address=address,
            user_agent=agent,
        )
        ends = now + min(self._idle_ms, self._absolute_ms)
        return f"{session}.{secret}", Session(session, person, now, now, ends, address, agent)

    def check(self, tx: Tx, token: str) -> Session:
        """Return the live session of ``token``.

        Raises:
            NotSignedIn: ``not_signed_in``, the same for a token that never was and one that ended.
        """
        session, _, secret = token.partition(".")
        if not token.isascii() or not secret:
            raise _ended()
        row = tx.one(self._by_id, session=session, **self._window())
        if row is None:
            raise _ended()
        expected = self._hash(secret, row.id, row.person_id, row.created_ms, row.expires_ms)
        if not hmac.compare_digest(expected, row.token_hash):
            raise _ended()
        return self._session(row)

    def check_alive(self, tx: Tx, session: SessionId, person: str) -> Session:
        """Return ``person``'s ``session`` if it is still alive; for processes that hold a socket open.

        Raises:
            NotSignedIn: ``not_signed_in``; also if it is somebody else's now.
        """
        row = tx.one(self._by_id, session=session, **self._window())
        if row is None or row.person_id != person:
            raise _ended()
        return self._session(row)

    def is_touch_due(self, session: Session) -> bool:
        """Tell whether use of ``session`` was last noted a minute ago or more."""
        return to_ms(self._clock.now()) - session.seen_ms >= _ms(TOUCH_EVERY)

    def do_touch(self, tx: Tx, session: SessionId) -> bool:
        """Note that ``session`` is in use, at most once a minute; tell whether it was noted now."""
        now = to_ms(self._clock.now())
        return tx.run(self._seen, session=session, before=now - _ms(TOUCH_EVERY) + 1, at=now) > 0

    def of(self, tx: Tx, person: str) -> list[Session]:
        """Return the live sessions of ``person``, the last used first."""
        return [self._session(row) for row in tx.rows(self._of_person, who=person, **self._window())]

    def do_revoke(self, tx: Tx, session: SessionId, person: str) -> None:
        """End one session of ``person``.

        Raises:
            NotFound: ``no_session``; it ended already, or belongs to somebody else.
        """
        if not tx.run(self._revoke, session=session, who=person, at=self._next_revocation(tx)):
            raise NotFound("This session has ended already.", code="no_session")

    def do_revoke_all(self, tx: Tx, person: str, *, but: SessionId | None = None) -> int:
        """End all sessions of ``person``, except ``but``; return how many."""
        return tx.run(self._revoke_all, who=person, but=but or "", at=self._next_revocation(tx))

    def do_revoke_everybody(self, tx: Tx) -> int:
        """End every session that there is; return how many."""
        return tx.run(self._revoke_everybody, at=self._next_revocation(tx))

    def revocation_version(self, tx: Tx) -> int:
        """Return the version to start polling from: what is alive now is alive as of it."""
        return int(tx.value(self._last_revocation) or 0)

    def revoked_since(self, tx: Tx, version: int) -> tuple[int, Sequence[Revocation]]:
        """Return the present version, and every session revoked after ``version``."""
        rows = tx.rows(self._revoked, version=version)
        newest = self.revocation_version(tx) if rows else version
        return newest, [Revocation(SessionId(row.id), row.person_id) for row in rows]

    def do_purge(self, tx: Tx) -> int:
        """Remove sessions that ended more than a day ago; return how many."""
        before = to_ms(self._clock.now()) - _ms(KEPT_AFTER_END)
        return tx.run(self._purge, before=before, idle_before=before - self._idle_ms)

    def _next_revocation(self, tx: Tx) -> int:
        """Return a time for a revocation that is later than every other's, whatever the clock does.

        Writers are exclusive, so no poller can have passed this time when it appears.
        """
        return max(to_ms(self._clock.now()), self.revocation_version(tx) + 1)

    def _hash(self, secret: str, session: str, person: str, created_ms: int, expires_ms: int) -> str:
        bound = bound_to(secret, session, person, str(created_ms), str(expires_ms))
        return self._sealer.tag("session.token", bound.decode("ascii"))

    def _window(self) -> dict[str, int]:
        now = to_ms(self._clock.now())
        return {"now": now, "idle_since": now - self._idle_ms}

    def _session(self, row: Row) -> Session:
        ends = min(row.expires_ms, row.seen_ms + self._idle_ms)
        return Session(
            SessionId(row.id), row.person_id, row.created_ms, row.seen_ms, ends, row.address, row.user_agent
        )


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _ended() -> NotSignedIn:
    return NotSignedIn("You are not signed in, or your session has ended. Sign in again.")
