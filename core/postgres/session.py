"""One connection of the driver, and the transaction that is open on it.

A statement whose answer nobody waits for is kept and sent with the next one that is waited for, or
with the commit: PostgreSQL takes several statements in one message and answers in one
(https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT). So a batch
of writes costs one round trip, however many rows it writes.

What comes again and again is prepared, so that it is parsed and planned once
(https://www.postgresql.org/docs/15/sql-prepare.html): planning costs more than most answers do.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import psycopg2
from psycopg2 import extensions
from sqlalchemy.dialects.postgresql.psycopg2 import dialect as postgres_dialect
from sqlalchemy.engine.interfaces import Dialect

from core.store import Compiled, Statement, Tx

DIALECT: Dialect = postgres_dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]

AGAIN: Final = 3
"""The how manieth use of a statement has it prepared."""
MOST_PREPARED: Final = 256
_NAMED: Final = re.compile(r"%\((\w+)\)s|%%")

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
        self._uses: dict[str, int] = {}
        self._prepared: dict[str, str] = {}
        self._unsure: list[str] = []
        self._named = 0

    @property
    def closed(self) -> bool:
        """Tell whether the server is gone from this connection."""
        return self.connection.closed != 0

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> extensions.cursor:
        """Run what was kept and then this, in one round trip; return the answer to this."""
        self.later(sql, parameters)
        text, self._kept = b";\n".join(self._kept), []
        self._cursor.execute(text)
        self._unsure.clear()
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
            again = self._again(sql)
            self._kept.append(self._cursor.mogrify(again, parameters))
        else:
            self._kept.append((sql % ()).encode())

    def _again(self, sql: str) -> str:
        """Return how to run ``sql``: as it stands, or from its third use on by its name."""
        call = self._prepared.get(sql)
        if call is not None or self._named >= MOST_PREPARED:
            return call or sql
        self._uses[sql] = self._uses.get(sql, 0) + 1
        if self._uses[sql] < AGAIN:
            return sql
        numbered, names = _numbered(sql)
        self._named += 1
        self._kept.append(f"PREPARE s{self._named} AS {numbered}".encode())
        values = ", ".join(f"%({each})s" for each in names)
        call = self._prepared[sql] = f"EXECUTE s{self._named}({values})"
        self._unsure.append(sql)
        return call

    def drop_kept(self) -> None:
        """Forget what was kept, and what may not have been prepared: the transaction is undone."""
        self._kept.clear()
        for sql in self._unsure:
            del self._prepared[sql]
        self._unsure.clear()

    def close(self) -> None:
        """Leave the server."""
        self.connection.close()


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return ``sql`` with ``$1`` and so on in place of its named values, and the names in that order."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

    return _NAMED.sub(number, sql), tuple(names)


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
