"""What the worker tells the desk: rows of ids and counts, never text.

The worker writes them, the desk takes them by deleting; alarms, on which nobody acts, stay. A report
may come twice; whoever acts on one must be idempotent.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, delete, insert, select

from core.schema import desk
from core.store import Row, Statement, Tx
from core.types import Clock, to_ms

_BATCH: Final = 1000
_r = desk.reports.c

_PUT = Statement(
    insert(desk.reports).values(kind=bindparam("about"), payload=bindparam("content"), at_ms=bindparam("now"))
)
_NEWEST = Statement(select(desk.reports).order_by(_r.id.desc()).limit(bindparam("most")))
_DELETE = Statement(delete(desk.reports).where(_r.id == bindparam("taken")))


class ReportKind(StrEnum):
    """What a report is about."""

    ALARM = "alarm"
    PARTITION_CLOSED = "partition_closed"
    INDEX_KEY_NEEDED = "index_key_needed"
    PARTITION_DUE = "partition_due"
    PARTITION_EXPIRED = "partition_expired"


@dataclass(frozen=True, slots=True)
class Report:
    """One report as the desk reads it."""

    id: int
    kind: ReportKind
    payload: dict[str, Any]
    at_ms: int


class Reports:
    """The ``reports`` table of the desk store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def put(self, tx: Tx, kind: ReportKind, **payload: Any) -> None:
        """Write one report; ``payload`` holds ids, counts and codes only."""
        tx.run(_PUT, about=kind, content=orjson.dumps(payload), now=to_ms(self._clock.now()))

    def waiting(self, tx: Tx, *kinds: ReportKind) -> list[Report]:
        """Return the oldest reports of ``kinds``; they stay until :meth:`take`."""
        oldest = select(desk.reports).where(_r.kind.in_(kinds)).order_by(_r.id).limit(_BATCH)
        return [_report(row) for row in tx.rows(Statement(oldest))]

    def newest(self, tx: Tx, most: int) -> list[Report]:
        """Return the last reports of every kind, the oldest of them first."""
        return [_report(row) for row in reversed(tx.rows(_NEWEST, most=most))]

    def take(self, tx: Tx, report: Report) -> None:
        """Remove a report that was acted on."""
        tx.run(_DELETE, taken=report.id)


def _report(row: Row) -> Report:
    return Report(row.id, ReportKind(row.kind), orjson.loads(row.payload), row.at_ms)
