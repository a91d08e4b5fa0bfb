"""Destroying what is due, at the desk: condemn, destroy the keys, let the worker expire the rest.

    worker  posts *due*                                                          (expire.py)
    desk    computes it again, checks holds and condemns in one keystore transaction
            destroys the partition's key files: from here on nobody can read it
            signs ``expire``
    worker  destroys the chat's period key and its copies, drops index and archive partition, reports
    desk    deletes the key rows and calls the partition *destroyed*

The state in the keystore says which step is next. Every step may be repeated, and dying between any
two leaves a state from which :meth:`Disposal.run` goes on.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from audit.archive.names import parse_partition
from audit.archive.reports import Report, ReportKind, Reports
from audit.retention.legal_holds import pinning
from audit.retention.schedule import Due, Schedule
from core.crypto.partitions import PartitionKeys
from core.identity.sealing import Recorder
from core.schema import keystore
from core.store import Row, Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, to_ms

EXPIRE: Final = "expire"
BATCH: Final = 500

_d, _k, _p = keystore.dispositions.c, keystore.data_keys.c, keystore.pages.c

_ALL = Statement(select(keystore.dispositions).order_by(_d.partition_id))
_ONE = Statement(select(keystore.dispositions).where(_d.partition_id == bindparam("part")))
_CONDEMN = Statement(insert(keystore.dispositions))
_MOVE = Statement(
    update(keystore.dispositions)
    .where(_d.partition_id == bindparam("part"), _d.state == bindparam("old"))
    .values(state=bindparam("new"))
)
_FINISH = Statement(
    update(keystore.dispositions)
    .where(_d.partition_id == bindparam("part"))
    .values(state="destroyed", destroyed_ms=bindparam("at"))
)
_SOME_KEYS = select(_k.rid).where(_k.partition_id == bindparam("part")).limit(BATCH).scalar_subquery()
_DELETE_KEYS = Statement(delete(keystore.data_keys).where(_k.rid.in_(_SOME_KEYS)))
_DELETE_PAGES = Statement(delete(keystore.pages).where(_p.partition_id == bindparam("part")))

Post = Callable[[Tx, str, dict[str, object]], str]
"""Signs a job of a kind with a payload, in the desk's transaction; returns its id."""


class DispositionState(StrEnum):
    """How far a partition's destruction has come."""

    CONDEMNED = "condemned"
    KEYLESS = "keyless"
    EXPIRING = "expiring"
    DESTROYED = "destroyed"


class Disposal:
    """The desk's side of destruction. ``record`` writes into the keystore's own outbox."""

    def __init__(
        self,
        *,
        keystore_store: Store,
        desk_store: Store,
        schedule: Schedule,
        keys: PartitionKeys,
        post: Post,
        clock: Clock,
        record: Recorder,
        failpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._keystore = keystore_store
        self._desk = desk_store
        self._schedule = schedule
        self._keys = keys
        self._post = post
        self._clock = clock
        self._record = record
        self._reports = Reports(clock)
        self._failpoint = failpoint
        self._posted: set[str] = set()

    def run(self, *, actor: str = "schedule") -> None:
        """Act on what the worker reported and bring every disposition one step on, or as far as it goes."""
        for report in self._waiting(ReportKind.PARTITION_DUE):
            self.condemn(str(report.payload["partition"]), actor=actor)
            self._take(report)
        for row in self._keystore.read(lambda tx: tx.rows(_ALL)):
            self._go_on(row)
        for report in self._waiting(ReportKind.PARTITION_EXPIRED):
            self._finish(str(report.payload["partition"]), actor=actor)
            self._take(report)

    def condemn(self, partition: str, *, actor: str) -> bool:
        """Condemn a partition if it is due and nothing pins it; tell whether it is condemned now.

        A partition that is pinned or not due stays as it is: the worker will report it again.
        """
        due = self._schedule.is_due(partition)

        def work(tx: Tx) -> bool:
            if tx.one(_ONE, part=partition) is not None:
                return True
            if due is None or pinning(tx, partition):
                return False
            self._condemn(tx, due, actor)
            return True

        condemned = self._keystore.write(work)
        self._failpoint("dispose.after_condemned")
        return condemned

    def states(self) -> dict[str, DispositionState]:
        """Return how far each partition has come that was ever condemned."""
        rows = self._keystore.read(lambda tx: tx.rows(_ALL))
        return {row.partition_id: DispositionState(row.state) for row in rows}

    def pinned(self) -> dict[str, list[int]]:
        """Return the partitions that are due but held, with the numbers of the holds."""
        found = {
            due.partition: self._keystore.read(lambda tx, p=due.partition: pinning(tx, p))  # type: ignore[misc]
            for due in self._schedule.due()
        }
        return {partition: numbers for partition, numbers in found.items() if numbers}

    def _condemn(self, tx: Tx, due: Due, actor: str) -> None:
        tx.run(
            _CONDEMN,
            partition_id=due.partition,
            state=DispositionState.CONDEMNED,
            due_ms=due.due_ms,
            condemned_by=actor,
            condemned_ms=to_ms(self._clock.now()),
            destroyed_ms=None,
        )
        detail = {"due_ms": due.due_ms, "last_ms": due.last_ms}
        self._record(tx, Tag.PARTITION_CONDEMNED, actor, due.partition, detail)

    def _go_on(self, row: Row) -> None:
        partition, state = row.partition_id, row.state
        if state == DispositionState.CONDEMNED:
            self._keys.destroy(partition)
            self._failpoint("dispose.after_keys")
            self._move(partition, DispositionState.CONDEMNED, DispositionState.KEYLESS)
            state = DispositionState.KEYLESS
        # A job that was lost, or given up after many tries, is posted again by the next process.
        if state == DispositionState.KEYLESS or (
            state == DispositionState.EXPIRING and partition not in self._posted
        ):
            name = parse_partition(partition)
            payload: dict[str, object] = {
                "partition": partition,
                "month": name.month,
                "class": name.retention_class,
            }
            self._desk.write(lambda tx: self._post(tx, EXPIRE, payload))
            self._posted.add(partition)
            self._failpoint("dispose.after_job")
            self._move(partition, DispositionState.KEYLESS, DispositionState.EXPIRING)

    def _finish(self, partition: str, *, actor: str) -> None:
        """Delete the key rows and call the partition destroyed; nothing if it is, or was never condemned."""
        row = self._keystore.read(lambda tx: tx.one(_ONE, part=partition))
        if row is None or row.state == DispositionState.DESTROYED or self._keys.generations(partition):
            return
        while self._keystore.write(lambda tx: tx.run(_DELETE_KEYS, part=partition)):
            self._failpoint("dispose.deleting_rows")

        def work(tx: Tx) -> None:
            tx.run(_DELETE_PAGES, part=partition)
            tx.run(_FINISH, part=partition, at=to_ms(self._clock.now()))
            self._record(tx, Tag.PARTITION_DESTROYED, actor, partition, {})

        self._keystore.write(work)

    def _move(self, partition: str, old: DispositionState, new: DispositionState) -> None:
        self._keystore.write(lambda tx: tx.run(_MOVE, part=partition, old=old, new=new))

    def _waiting(self, kind: ReportKind) -> list[Report]:
        return self._desk.read(lambda tx: self._reports.waiting(tx, kind))

    def _take(self, report: Report) -> None:
        self._desk.write(lambda tx: self._reports.take(tx, report))
