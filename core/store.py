"""What a database is to the rooms: statements compiled once, transactions, and nothing pooled.

A statement is written in SQLAlchemy Core and executed on a plain driver connection. So the same
code runs in a thread, in a thread pool beside an event loop, and in a process of its own: no
engine, lock or logger of anybody else is ever entered inside a transaction.

A :class:`Store` is one database. ``write`` runs a function inside one exclusive transaction,
``read`` inside one snapshot. A function that is given a :class:`Tx` must not wait for anything.
"""

from collections import namedtuple
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Insert, Select, bindparam
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.elements import ClauseElement

T = TypeVar("T")
Row = Any


class Statement:
    """A SQLAlchemy Core expression that is compiled at first use and kept.

    Values named by ``bindparam("x")`` are given at each call; values written into the expression
    (``column == value``, ``column.in_(values)``) are part of it, so build such a statement anew.
    """

    __slots__ = ("_compiled", "_element")

    def __init__(self, element: ClauseElement) -> None:
        self._element = element
        self._compiled: dict[Dialect, Compiled] = {}

    def compiled(self, dialect: Dialect) -> "Compiled":
        """Return the text and the parameters of this statement in ``dialect``."""
        compiled = self._compiled.get(dialect)
        if compiled is None:
            compiled = self._compiled[dialect] = Compiled(self._element, dialect)
        return compiled


class Among:
    """A selection where a column has one of any number of values, in as few statements as that takes.

    It is compiled for few lengths; a shorter list is filled up with its last value.
    """

    _SIZES = (1, 8, 64, 512)

    def __init__(self, selection: Select[Any], column: ColumnElement[Any]) -> None:
        self._statements = {
            size: Statement(selection.where(column.in_([bindparam(f"among{n}") for n in range(size)])))
            for size in self._SIZES
        }

    def rows(self, tx: "Tx", values: Iterable[Any], **more: Any) -> list[Row]:
        """Return the rows where the column has one of ``values``; ``more`` is what else it needs."""
        wanted = list(dict.fromkeys(values))
        most = self._SIZES[-1]
        found: list[Row] = []
        for part in (wanted[start : start + most] for start in range(0, len(wanted), most)):
            size = next(size for size in self._SIZES if size >= len(part))
            filled = [*part, *[part[-1]] * (size - len(part))]
            given = {f"among{n}": value for n, value in enumerate(filled)}
            found += tx.rows(self._statements[size], **given, **more)
        return found


class Compiled:
    """A statement's text in one dialect, its own values, and the names it still needs."""

    __slots__ = ("needs", "row", "text", "values")

    def __init__(self, element: ClauseElement, dialect: Dialect) -> None:
        # Without this, some dialects ask for the number of each new row, and need the right to read it.
        plain = element.inline() if isinstance(element, Insert) else element
        compiled: Any = plain.compile(dialect=dialect)
        self.needs = frozenset(name for bind, name in compiled.bind_names.items() if bind.required)
        # Spells out lists that are written into the expression; wants a value for every name.
        expanded = compiled.construct_expanded_state(dict.fromkeys(self.needs), escape_names=False)
        self.text = expanded.statement
        self.values = {k: v for k, v in expanded.parameters.items() if k not in self.needs}
        self.row: Callable[..., Row] | None = None

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of one execution.

        Raises:
            TypeError: a value is missing or unknown; statement and call disagree.
        """
        if given.keys() != self.needs:
            raise TypeError(f"statement takes {sorted(self.needs)}, was given {sorted(given)}: {self.text}")
        return {**self.values, **given} if self.values else dict(given)


class Driver(Protocol):
    """What a driver's connection gives us."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for many rows."""
        ...


class Tx:
    """One open transaction. It dies with the function that it was given to.

    ``known`` is for what was read and need not be read again; whoever writes keeps it current or clears
    it. What a savepoint undoes clears it.
    """

    __slots__ = ("_connection", "_dialect", "_undo", "known")

    def __init__(self, connection: Driver, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._undo: list[Callable[[], None]] = []
        self.known: dict[Hashable, Any] = {}

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Return all rows, each a named tuple of the selected columns."""
        compiled = statement.compiled(self._dialect)
        cursor = self._connection.execute(compiled.text, compiled.bind(values))
        if compiled.row is None:
            fields = [column[0] for column in cursor.description]
            row_type: Any = namedtuple("Row", fields, rename=True)  # type: ignore[misc]  # noqa: PYI024
            compiled.row = row_type._make
        make = compiled.row
        return [make(row) for row in cursor.fetchall()]

    def one(self, statement: Statement, **values: Any) -> Row | None:
        """Return the first row, or None."""
        rows = self.rows(statement, **values)
        return rows[0] if rows else None

    def sole(self, statement: Statement, **values: Any) -> Row:
        """Return the one row that has to be there.

        Raises:
            LookupError: it is not; the store is not what the code believes.
        """
        row = self.one(statement, **values)
        if row is None:
            raise LookupError("a row that must exist does not")
        return row

    def value(self, statement: Statement, **values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def run(self, statement: Statement, **values: Any) -> int:
        """Execute and return how many rows were touched."""
        compiled = statement.compiled(self._dialect)
        return int(self._connection.execute(compiled.text, compiled.bind(values)).rowcount)

    def put(self, statement: Statement, **values: Any) -> None:
        """Execute without an answer; a store may send it later, with what is waited for.

        If it fails, what fails is the statement that it was sent with, or the commit.
        """
        self.run(statement, **values)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo, if the block raises, what it wrote, and nothing else of the transaction."""
        self._control("SAVEPOINT part")
        before = len(self._undo)
        try:
            yield
        except BaseException:
            self._control("ROLLBACK TO part")
            self._control("RELEASE part")
            self.undo(before)
            self.known.clear()
            raise
        self._control("RELEASE part")

    def on_undo(self, act: Callable[[], None]) -> None:
        """Call ``act`` if what is written here is undone: for what is kept in memory beside it."""
        self._undo.append(act)

    def undo(self, down_to: int = 0) -> None:
        """Call what :meth:`on_undo` was given, the newest first; for whoever undid the rest."""
        while len(self._undo) > down_to:
            self._undo.pop()()

    def run_many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once for each mapping of values."""
        if rows:
            compiled = statement.compiled(self._dialect)
            self._connection.executemany(compiled.text, [compiled.bind(row) for row in rows])

    def _control(self, sql: str) -> None:
        self._connection.execute(sql)


class Store(Protocol):
    """One database, as a process role may use it."""

    name: str

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` in one exclusive, durable transaction; commit if it returns, else undo."""
        ...

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` on one consistent snapshot; it sees all that was committed before."""
        ...

    def foreign_version(self) -> Hashable:
        """Return what changes when another process has committed, and may change when this one has."""
        ...

    def tidy(self) -> None:
        """Do what the database needs every few minutes."""
        ...

    def without_sync(self) -> "Store":
        """Stop waiting for the disk at each commit: for a store that is thrown away unless finished."""
        ...

    def close(self) -> None:
        """Give back every connection."""
        ...
