"""One connection of the driver, and the transaction that is open on it.

A statement whose answer nobody waits for is kept and sent with the next one that is waited for, or
with the commit: PostgreSQL takes several statements in one message and answers in one
(https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT). So a batch
of writes costs one round trip, however many rows it writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg2
from psycopg2 import extensions
from sqlalchemy.dialects.postgresql.psycopg2 import dialect as postgres_dialect
from sqlalchemy.engine.interfaces import Dialect

from core.store import Compiled, Statement, Tx

DIALECT: Dialect = postgres_dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]

_BYTEA_OID = 17
# The driver gives memoryviews; everything above compares and joins bytes.
_BYTES: Any = extensions.new_type(
    (_BYTEA_OID,),
    "BYTES",
    lambda value, cursor: None if value is None else bytes(psycopg2.BINARY(value, cursor)),
)


class Session:
    """Runs statements on one connection, and keeps back what can go with the next."""

    def __init__(self, dsn: str) -> None:
        self.connection: extensions.connection = psycopg2.connect(dsn)
        # Transactions are opened and ended in so many words, so that they can travel with statements.
        self.connection.autocommit = True
        self._cursor: extensions.cursor = self.connection.cursor()
        extensions.register_type(_BYTES, self._cursor)
        self._kept: list[bytes] = []

    @property
    def closed(self) -> bool:
        """Tell whether the server is gone from this connection."""
        return self.connection.closed != 0

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> extensions.cursor:
        """Run what was kept and then this, in one round trip; return the answer to this."""
        self.later(sql, parameters)
        text, self._kept = b";\n".join(self._kept), []
        self._cursor.execute(text)
        return self._cursor

    def executemany(self, sql: str, parameters: Iterable[Mapping[str, Any]], /) -> None:
        """Keep one statement for each of ``parameters``."""
        for values in parameters:
            self.later(sql, values)

    def later(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> None:
        """Keep a statement until the next that is waited for.

        With ``parameters``, be they none, a percent sign is written twice, as the driver's style has it.
        """
        if parameters is None:
            self._kept.append(sql.encode())
        elif parameters:
            self._kept.append(self._cursor.mogrify(sql, parameters))
        else:
            self._kept.append((sql % ()).encode())

    def drop_kept(self) -> None:
        """Forget what was kept: the transaction it belongs to is undone."""
        self._kept.clear()

    def close(self) -> None:
        """Leave the server."""
        self.connection.close()


class PostgresTx(Tx):
    """A transaction that sends what needs no answer together with what does."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        super().__init__(session, DIALECT)
        self._session = session

    def put(self, statement: Statement, **values: Any) -> None:
        """Write with the next statement that is waited for."""
        compiled: Compiled = statement.compiled(DIALECT)
        self._session.later(compiled.text, compiled.bind(values))

    def run_many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write all with the next statement that is waited for."""
        for row in rows:
            self.put(statement, **row)

    def _control(self, sql: str) -> None:
        self._session.later(sql)
