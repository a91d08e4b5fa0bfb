"""The store at scale: one PostgreSQL database, used by many processes on many machines.

Writers of one database take turns, as they do on SQLite: each transaction first takes the database's
advisory lock, which ends with it (https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS).
So counters are gapless, rows of an outbox commit in the order of their numbers, and what a transaction
compared is still so when it commits. Group commit makes the turns few.

What a role may not do is refused by the server, by the grants of :mod:`core.access`.
"""

from collections import deque
from collections.abc import Callable
from typing import TypeVar

import psycopg2
from psycopg2.errors import ReadOnlySqlTransaction
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, make_dsn

from core import metrics
from core.access import Grant
from core.errors import Denied, Unavailable
from core.postgres.session import PostgresTx, Session
from core.store import Tx

T = TypeVar("T")

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 60
# A process that stopped in the middle of a transaction holds everybody up for no longer than this.
IDLE_IN_TRANSACTION_S = 15

WRITERS_TURN = 0x6368_616E  # any number that no other use of this database takes
_BEGIN_WRITE = f"BEGIN ISOLATION LEVEL READ COMMITTED;\nSELECT pg_advisory_xact_lock({WRITERS_TURN})"
_SERVERS_TROUBLE = (psycopg2.OperationalError, psycopg2.InterfaceError)
_BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresStore:
    """A :class:`core.store.Store` on one database.

    ``dsn`` is a libpq connection string (https://www.postgresql.org/docs/15/libpq-connect.html); it may
    name several hosts. ``grant`` tells only whether this role writes at all; the server knows the rest.
    Connections are borrowed from two lock-free stacks, one connection to a thread that is at work.
    """

    def __init__(self, name: str, dsn: str, *, grant: Grant | None = None) -> None:
        self.name = name
        self._dsn = make_dsn(
            dsn,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="chancery",
            client_encoding="UTF8",
            keepalives_idle=20,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
        )
        self._grant = grant
        self._writers: deque[Session] = deque()
        self._readers: deque[Session] = deque()
        self._durable = True

    def without_sync(self) -> "PostgresStore":
        """Stop waiting for the disk at each commit, for a store that is thrown away unless finished."""
        self._durable = False
        self.close()
        return self

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` in one exclusive transaction.

        Raises:
            Denied: ``foreign_store`` when the role may not write this database at all.
            Unavailable: ``store_unavailable``; whether the last commit went through may be unknown.
        """
        if self._grant is not None and not self._grant.writes:
            raise Denied(f"This process may not write the {self.name} database.", code="foreign_store")
        return self._run(self._writers, _BEGIN_WRITE, work)

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` on one snapshot. Raises Unavailable ``store_unavailable``."""
        return self._run(self._readers, _BEGIN_READ, work)

    def foreign_version(self) -> str:
        """Return which transactions are over: it changes with every commit, one's own included.

        The position in the log would not do: it grows before what was committed can be seen.
        (https://www.postgresql.org/docs/15/functions-info.html#FUNCTIONS-PG-SNAPSHOT)
        """
        return self._with_session(self._readers, _snapshot)

    def tidy(self) -> None:
        """Nothing: the server vacuums by itself."""

    def close(self) -> None:
        """Close every connection."""
        for stack in (self._writers, self._readers):
            while session := _taken(stack):
                session.close()

    def _run(self, stack: deque[Session], begin: str, work: Callable[[Tx], T]) -> T:
        return self._with_session(stack, lambda session: _transact(session, begin, work))

    def _with_session(self, stack: deque[Session], act: Callable[[Session], T]) -> T:
        """Run ``act`` on a borrowed connection, again where it was dead; at last on a new one.

        Raises:
            Unavailable: ``store_unavailable`` where it was the server that went.
        """
        while True:
            borrowed = _taken(stack)
            session = borrowed or self._connect()
            try:
                return self._use(stack, session, act)
            except _GoneUnused as gone:
                if borrowed is None:
                    raise self._unavailable(gone) from gone
            except psycopg2.Error as error:
                if session.closed or isinstance(error, _SERVERS_TROUBLE) or self._on_standby(stack, error):
                    raise self._unavailable(error) from error
                raise

    def _use(self, stack: deque[Session], session: Session, act: Callable[[Session], T]) -> T:
        try:
            result = act(session)
        except BaseException as error:
            idle = (
                not session.closed and session.connection.info.transaction_status == TRANSACTION_STATUS_IDLE
            )
            # The next connection looks for the server that writes.
            if idle and not self._on_standby(stack, error):
                stack.append(session)
            else:
                session.close()
            raise
        stack.append(session)
        return result

    def _on_standby(self, stack: deque[Session], error: BaseException) -> bool:
        """Tell whether a writer met a server that only reads; a reader that writes is a fault of ours."""
        return stack is self._writers and isinstance(error, ReadOnlySqlTransaction)

    def _unavailable(self, error: BaseException) -> Unavailable:
        metrics.DATABASE_ERRORS.add(self.name)
        said = str(error).strip().partition("\n")[0]
        return Unavailable(
            f"The {self.name} database does not answer ({said}). Look at the server, then try again.",
            code="store_unavailable",
            store=self.name,
            retry_after=1,
        )

    def _connect(self) -> Session:
        try:
            session = Session(self._dsn)
            session.execute(
                f"SET statement_timeout = '{STATEMENT_TIMEOUT_S}s';"
                f"SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_S}s';"
                f"SET synchronous_commit = {'on' if self._durable else 'off'}"
            )
        except psycopg2.Error as error:
            raise self._unavailable(error) from error
        return session


class _GoneUnused(Exception):
    """The connection died before anything was written on it; another may be tried."""


def _taken(stack: deque[Session]) -> Session | None:
    """Return a connection that nobody else has now; looking first would let two threads take one."""
    try:
        return stack.pop()
    except IndexError:
        return None


def _snapshot(session: Session) -> str:
    try:
        found = session.execute("SELECT pg_current_snapshot()::text").fetchone()
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise _GoneUnused(str(error)) from error
    assert found is not None
    return str(found[0])


def _transact(session: Session, begin: str, work: Callable[[Tx], T]) -> T:
    tx = PostgresTx(session)
    session.later(begin)
    committing = False
    try:
        result = work(tx)
        committing = True
        session.execute("COMMIT")
    except BaseException as error:
        tx.undo()
        session.drop_kept()
        if session.closed:
            # Nothing is lost by trying again what never reached its commit.
            if isinstance(error, psycopg2.Error) and not committing:
                raise _GoneUnused(str(error)) from error
        else:
            session.execute("ROLLBACK")
        raise
    return result
