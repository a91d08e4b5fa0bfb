"""The archiver: carries every item version and every act into the archive, the index and the ledger.

Its order, safe to be killed at every step and to begin again:

    (a) page and data keys     rows in the keystore; orphans are harmless
    (b) one transaction        records, sealed vocabulary, ledger entries; unique by (item, version)
    (c) index                  upsert by record id
    (d) tiles and checkpoint
    (e) outbox rows taken

It is at-least-once and idempotent: a row that comes again changes no count anywhere. Trouble in
the index or the ledger's files never stops sealing: rows then wait, sealed, in their outbox, and
senders are told how far sealing came (see :mod:`core.messaging.brake`).
"""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from audit.archive.indexes import IndexState, LiveIndexes
from audit.archive.intake import Intake, Outboxes, Place
from audit.archive.lease import Lease
from audit.archive.names import partition_id
from audit.archive.partitions import Partitions, WorkerPartition
from audit.archive.release_queue import ReleaseQueue
from audit.archive.reports import ReportKind, Reports
from audit.archive.sealer import Sealed, Sealer
from audit.archive.waiting import Lag, Waiting
from audit.ledger.publish import Publisher
from audit.search.port import ONE_INDEX, SearchRecord
from core.crypto.chat_keys import month_of
from core.errors import ChanceryError, Conflict, Unavailable
from core.store import Store
from core.types import Clock, from_ms, to_ms

BATCH: Final = 500
RETRY_SECONDS: Final = 5.0
"""How long the index or a missing partition is left alone after it failed; at least as long as it took."""
REFUSED_SECONDS: Final = 300.0
"""How long a document that the index refused is left alone."""
REFUSED_FOR_GOOD_MS: Final = 7 * 86_400_000
"""After how long a row that is sealed and logged leaves its outbox without the index; searches go on
saying that it is not indexed, and a rebuilt index has it if it then can."""

_log = structlog.get_logger(__name__)


class Archiver:
    """Carries outbox rows; one at a time, which its lease makes sure of."""

    def __init__(
        self,
        *,
        outboxes: Outboxes,
        partitions: Partitions,
        sealer: Sealer,
        queue: ReleaseQueue,
        indexes: LiveIndexes,
        publishers: Sequence[Publisher],
        lease: Lease,
        desk_store: Store,
        clock: Clock,
        failpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._outboxes = outboxes
        self._partitions = partitions
        self._sealer = sealer
        self._queue = queue
        self._indexes = indexes
        self._publishers = publishers
        self._lease = lease
        self._desk = desk_store
        self._clock = clock
        self._reports = Reports(clock)
        self._failpoint = failpoint
        self._waiting: dict[Place, Waiting] = {}
        self._deferred: dict[Place, float] = {}
        self._alarmed: set[str] = set()
        self._index_rests_until = 0.0
        self._resting: dict[str, float] = {}
        self._published = False

    def run_once(self, limit: int = BATCH) -> int:
        """Carry up to ``limit`` new rows and what waited before; return how many were sealed or taken.

        Raises:
            Conflict: ``lease_lost`` while another archiver works.
        """
        self._lease.hold()
        intakes = self._outboxes.read(self._fresh(limit))
        sealed = self._seal(intakes)
        states = self._indexes.states()
        self._index(sealed, states)
        self._failpoint("archiver.after_index")
        self._publish(bool(sealed))
        self._failpoint("archiver.after_tiles")
        taken = self._take(states)
        self._note_sealed(sealed)
        return len(sealed) + taken

    def run_until_idle(self) -> int:
        """Carry everything that can be carried now; return how many steps rows went forward."""
        steps = 0
        while forward := self.run_once():
            steps += forward
        return steps

    def step_down(self) -> None:
        """Let another process carry on at once, which would wait until the lease is over."""
        self._lease.release()

    def lag(self) -> Lag:
        """Return how much waits; sealing lag is what may slow down sending."""
        unsealed = [place for place in self._outboxes.places() if place not in self._waiting]
        unindexed = [row.at_ms for row in self._waiting.values() if row.indexable and row.indexed is None]
        return Lag(
            len(unsealed), self._outboxes.oldest(unsealed), len(unindexed), min(unindexed, default=None)
        )

    def refused(self) -> int:
        """Return how many sealed rows the index does not take."""
        now = self._clock.monotonic()
        return sum(row.indexable and row.rests_until > now for row in self._waiting.values())

    def close_partitions(self) -> list[str]:
        """Forget the index keys of partitions whose month is over and of which nothing waits."""
        oldest = self.lag().sealing_oldest_ms
        waiting = {row.partition for row in self._waiting.values()}
        closed = self._partitions.close_over(waiting, None if oldest is None else from_ms(oldest))
        for partition in closed:
            self._sealer.forget(partition)
            self._indexes.forget(partition)
        return closed

    def _fresh(self, limit: int) -> list[Place]:
        """Return rows that are not sealed, and whose partition is not known to be missing."""
        now = self._clock.monotonic()
        self._deferred = {place: until for place, until in self._deferred.items() if until > now}
        skipped = self._waiting.keys() | self._deferred.keys()
        places = self._outboxes.places(len(skipped) + limit)
        return [place for place in places if place not in skipped][:limit]

    def _seal(self, intakes: Sequence[Intake]) -> list[Sealed]:
        batch = self._with_partitions(intakes)
        if not batch:
            return []
        try:
            sealed = self._sealer.seal(batch)
        except Conflict as error:
            if error.code != "partition_changed":
                raise
            self._partitions.accept_offers()
            return []
        for intake, _ in batch:
            if intake.error:
                self._alarm(
                    f"poison:{intake.place}", "record_poisoned", item=intake.parsed.item_id, code=intake.error
                )
        for one in sealed:
            self._waiting[one.place] = Waiting(
                one.rid, one.partition.partition, one.parsed.at_ms, one.parsed.indexable
            )
        self._failpoint("archiver.after_archive")
        self._queue.follow([(one.rid, one.parsed) for one in sealed])
        return sealed

    def _with_partitions(self, intakes: Sequence[Intake]) -> list[tuple[Intake, WorkerPartition]]:
        """Return rows with the partition of their commit month; those without one wait."""
        names = [partition_id(month_of(from_ms(i.parsed.at_ms)), i.parsed.retention_class) for i in intakes]
        if any(not self._partitions.knows(name) for name in names):
            self._partitions.accept_offers()
        batch = []
        for intake, name in zip(intakes, names, strict=True):
            try:
                batch.append((intake, self._partitions.to_seal(name)))
            except Unavailable as error:
                self._deferred[intake.place] = self._clock.monotonic() + RETRY_SECONDS
                self._alarm(f"partition:{name}", error.code, partition=name)
        return batch

    def _index(self, sealed: Sequence[Sealed], states: dict[str, IndexState]) -> None:
        """Index what was just sealed, and as much again of what waited."""
        now = self._clock.monotonic()
        if now < self._index_rests_until:
            return
        self._resting = {name: until for name, until in self._resting.items() if until > now}
        fresh = {one.place for one in sealed}
        late = [
            place
            for place, row in self._waiting.items()
            if place not in fresh and self._wants_index(row, states)
        ][:BATCH]
        again = self._sealer.seal(self._with_partitions(self._outboxes.read(late))) if late else []
        groups: dict[str, list[Sealed]] = {}
        for one in (*again, *sealed):
            if one.record is not None and one.partition.partition not in self._resting:
                groups.setdefault(one.partition.partition, []).append(one)
        for name, group in groups.items():
            if not self._index_group(group[0].partition, states.get(name, IndexState()), group):
                return

    def _index_group(self, partition: WorkerPartition, state: IndexState, group: Sequence[Sealed]) -> bool:
        """Index records of one partition; tell whether the engine can be asked for more."""
        if partition.index_key is None:
            self._partitions.need_index_key(partition)
            self._partitions.accept_offers()
            return True
        records: list[SearchRecord] = [one.record for one in group if one.record is not None]
        name, begun = partition.partition, self._clock.monotonic()
        try:
            refused = self._indexes.put(partition, state, records)
        except ChanceryError as error:
            ended = self._clock.monotonic()
            # An engine that hangs costs the worker at most half of its time.
            until = ended + max(RETRY_SECONDS, ended - begun)
            if error.code in ONE_INDEX:
                self._resting[name] = until
                self._alarm(f"index:{name}", error.code, partition=name)
                return True
            self._index_rests_until = until
            self._alarm("index", error.code, partition=name)
            return False
        self._alarmed -= {"index", f"index:{name}"}
        for one in group:
            row = self._waiting[one.place]
            if one.rid in refused:
                row.rests_until = self._clock.monotonic() + REFUSED_SECONDS
                row.given_up = to_ms(self._clock.now()) - row.at_ms > REFUSED_FOR_GOOD_MS
                self._alarm(f"refused:{one.rid}", "index_refused", rid=one.rid)
            else:
                row.indexed = state.live
        return True

    def _wants_index(self, row: Waiting, states: dict[str, IndexState]) -> bool:
        if row.partition in self._resting:
            return False
        live = states.get(row.partition, IndexState()).live
        return row.indexable and row.indexed != live and row.rests_until <= self._clock.monotonic()

    def _publish(self, changed: bool) -> None:
        """Publish both logs where entries were added, or an earlier attempt failed."""
        if not changed and self._published:
            return
        self._published = False
        try:
            for publisher in self._publishers:
                publisher.publish()
        except ChanceryError as error:
            self._alarm("ledger", error.code)
            return
        self._alarmed.discard("ledger")
        self._published = True

    def _take(self, states: dict[str, IndexState]) -> int:
        """Take the rows that are archived, indexed and published; return how many."""
        if not self._published:
            return 0
        done = [
            place
            for place, row in self._waiting.items()
            if row.is_done(states.get(row.partition, IndexState()))
        ]
        for start in range(0, len(done), BATCH):
            self._outboxes.take(done[start : start + BATCH])
        for place in done:
            del self._waiting[place]
        return len(done)

    def _note_sealed(self, sealed: Sequence[Sealed]) -> None:
        """Tell senders how far sealing came, where rows stay in their outbox for another reason."""
        staying = [row for source, row in (one.place for one in sealed) if source == "chat"]
        if not any(("chat", row) in self._waiting for row in staying):
            return
        # Rows come in the order of their numbers, so those before the last are sealed or deferred.
        unsealed = [row for source, row in self._deferred if source == "chat"]
        self._outboxes.note_sealed(min([max(staying), *(row - 1 for row in unsealed)]))

    def _alarm(self, about: str, alarm: str, **payload: str) -> None:
        """Log and report, once until it is well again; ids and codes only."""
        if about not in self._alarmed:
            self._alarmed.add(about)
            _log.error("archiver", alarm=alarm, **payload)
            self._desk.write(lambda tx: self._reports.put(tx, ReportKind.ALARM, alarm=alarm, **payload))
