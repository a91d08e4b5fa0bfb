"""The outbox: what a store's transactions hand to the worker.

Rows are taken by deleting them, never by "id greater than the last one": transactions commit in
another order than they take numbers. Taking is at-least-once; whoever takes must be idempotent.
"""

from collections.abc import Sequence

from sqlalchemy import Table, bindparam, delete, func, insert, select

from core.store import Row, Statement, Tx


class Outbox:
    """The ``outbox`` table of one store."""

    def __init__(self, table: Table) -> None:
        self._insert = Statement(
            insert(table).values({c.name: bindparam(c.name) for c in table.c if c.name != "id"})
        )
        self._first = Statement(select(table).order_by(table.c.id).limit(bindparam("count")))
        self._delete = Statement(delete(table).where(table.c.id == bindparam("taken")))
        self._lag = Statement(select(func.count(), func.min(table.c.at_ms)))

    def put(self, tx: Tx, **row: object) -> None:
        """Write one row; every column but ``id`` is named."""
        tx.put(self._insert, **row)

    def put_many(self, tx: Tx, rows: Sequence[dict[str, object]]) -> None:
        """Write many rows."""
        tx.run_many(self._insert, rows)

    def first(self, tx: Tx, count: int) -> list[Row]:
        """Return up to ``count`` of the oldest rows; they stay until :meth:`take`."""
        return tx.rows(self._first, count=count)

    def take(self, tx: Tx, ids: Sequence[int]) -> None:
        """Remove rows that were carried."""
        tx.run_many(self._delete, [{"taken": row} for row in ids])

    def lag(self, tx: Tx) -> tuple[int, int | None]:
        """Return how many rows wait, and the time of the oldest in milliseconds."""
        row = tx.one(self._lag)
        return (row[0], row[1]) if row else (0, None)
