"""When a partition is due: the commit of its last item, and the days that the policy gives its class.

A retention class is a kind of conversation. Entries on people and the trail are always kept. Both
sides compute this for themselves: the worker to propose, the desk to decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, func, select

from audit.archive.names import CONVERSATION_CLASSES, month_end
from core.schema import archive
from core.store import Row, Statement, Store
from core.types import Clock, RetentionRule, from_ms, to_ms

_p, _r, _d = archive.partitions.c, archive.records.c, archive.dropping.c

_PARTITIONS = Statement(
    select(_p.partition_id, _p.month, _p.retention_class)
    .where(_p.retention_class.in_(CONVERSATION_CLASSES))
    .distinct()
    .order_by(_p.partition_id)
)
_ONE = Statement(
    select(_p.partition_id, _p.month, _p.retention_class).where(_p.partition_id == bindparam("part"))
)
_LAST = Statement(select(func.max(_r.at_ms)).where(_r.partition_id == bindparam("part")))
_DROPPING = Statement(select(_d.partition_id))

Rules = Callable[[], Sequence[RetentionRule]]
"""The retention rules in force; none means that nothing is due."""


@dataclass(frozen=True, slots=True)
class Due:
    """A partition whose time is over. Times are milliseconds since 1970."""

    partition: str
    month: str
    retention_class: str
    last_ms: int
    due_ms: int


class Schedule:
    """Tells what is due."""

    def __init__(self, *, archive_store: Store, rules: Rules, clock: Clock) -> None:
        self._store = archive_store
        self._rules = rules
        self._clock = clock

    def due(self) -> list[Due]:
        """Return every partition that is due and not being dropped yet, the oldest month first."""
        dropping = {row.partition_id for row in self._store.read(lambda tx: tx.rows(_DROPPING))}
        partitions = self._store.read(lambda tx: tx.rows(_PARTITIONS))
        found = (self._check(row) for row in partitions if row.partition_id not in dropping)
        return [due for due in found if due is not None]

    def is_due(self, partition: str) -> Due | None:
        """Return when and why a partition is due, or None."""
        row = self._store.read(lambda tx: tx.one(_ONE, part=partition))
        return None if row is None else self._check(row)

    def _check(self, row: Row) -> Due | None:
        now = self._clock.now()
        days = {str(rule.kind): rule.days for rule in self._rules()}.get(row.retention_class)
        if days is None or month_end(row.month) > now:
            return None
        last = self._store.read(lambda tx: tx.value(_LAST, part=row.partition_id))
        if last is None:
            return None
        due = from_ms(last) + timedelta(days=days)
        if due > now:
            return None
        return Due(row.partition_id, row.month, row.retention_class, last, to_ms(due))
