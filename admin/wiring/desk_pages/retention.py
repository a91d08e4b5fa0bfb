"""Retention for its page: every partition, when its time is over, what pins it, how far it is destroyed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from admin.wiring.retention import approved_rules
from audit.archive.names import CONVERSATION_CLASSES, month_end, parse_partition
from audit.retention.dispose import DispositionState
from audit.retention.legal_holds import pinning
from core.schema import archive, keystore
from core.store import Row, Statement
from core.types import from_ms, to_ms

_p, _r = archive.partitions.c, archive.records.c
_PARTITIONS = Statement(
    select(
        _p.partition_id, func.count(_r.rid.distinct()).label("records"), func.max(_r.at_ms).label("last_ms")
    )
    .join(archive.records, _r.partition_id == _p.partition_id)
    .where(_p.retention_class.in_(CONVERSATION_CLASSES))
    .group_by(_p.partition_id)
)
_DISPOSITIONS = Statement(select(keystore.dispositions))


class RetentionState(StrEnum):
    """Where a partition stands on its way to its end."""

    OPEN = "open"
    KEPT = "kept"
    FOREVER = "forever"
    HELD = "held"
    DUE = "due"
    CONDEMNED = "condemned"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """One partition: a month of conversations of one kind. Times in milliseconds.

    ``due_ms`` is None where no rule gives it an end. ``held_by`` are the numbers of the holds that pin
    any of it, due or not.
    """

    partition: str
    month: str
    kind: str
    state: RetentionState
    records: int | None
    due_ms: int | None
    held_by: tuple[int, ...] = ()
    by: str = ""
    done_ms: int | None = None


class RetentionPages:
    """Reads how far retention has come; decides nothing."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._services = services
        self._names = names
        self._rules = approved_rules(services.approvals)

    def lines(self) -> Sequence[RetentionLine]:
        """Return every partition that has or had records, the newest month first."""
        services = self._services
        ended = {row.partition_id: row for row in services.keystore.read(lambda tx: tx.rows(_DISPOSITIONS))}
        there = services.archive.read(lambda tx: tx.rows(_PARTITIONS))
        names = {**self._names.of_officers(), "schedule": "the schedule"}
        found = [self._kept(row) for row in there if row.partition_id not in ended]
        counts = {row.partition_id: row.records for row in there}
        for name, row in ended.items():
            found.append(_ended(row, counts.get(name), names.get(row.condemned_by, row.condemned_by)))
        return sorted(found, key=lambda one: (one.month, one.kind), reverse=True)

    def _kept(self, row: Row) -> RetentionLine:
        name = parse_partition(row.partition_id)
        days = {str(rule.kind): rule.days for rule in self._rules()}.get(name.retention_class)
        held = tuple(self._services.keystore.read(lambda tx: pinning(tx, row.partition_id)))
        now, due = self._services.clock.now(), None
        if days is None:
            state = RetentionState.FOREVER
        else:
            due = max(from_ms(row.last_ms) + timedelta(days=days), month_end(name.month))
            over = RetentionState.HELD if held else RetentionState.DUE
            state = over if due <= now else RetentionState.KEPT
        if month_end(name.month) > now:
            state = RetentionState.OPEN
        due_ms = to_ms(due) if due else None
        return RetentionLine(
            row.partition_id, name.month, name.retention_class, state, row.records, due_ms, held
        )


def _ended(row: Row, records: int | None, by: str) -> RetentionLine:
    name = parse_partition(row.partition_id)
    done = row.state == DispositionState.DESTROYED
    return RetentionLine(
        partition=row.partition_id,
        month=name.month,
        kind=name.retention_class,
        state=RetentionState.DESTROYED if done else RetentionState.CONDEMNED,
        records=records,
        due_ms=row.due_ms,
        by=by,
        done_ms=row.destroyed_ms if done else row.condemned_ms,
    )
