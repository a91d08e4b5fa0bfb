"""The worker's side of partitions: which it may seal to, and the index keys of those still open.

A partition exists for the worker once the pinned discovery identity has signed an offer of it; the
public part stands in the archive for good. An index key is held from the offer until the partition
closes: its month is over and nothing of it waits to be indexed.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, insert, select

from audit.archive.names import CLASSES, month_after, month_end, parse_partition, partition_id
from audit.archive.reports import ReportKind, Reports
from core.crypto.chat_keys import month_of
from core.crypto.envelope import Key
from core.crypto.hybrid import HybridPrivate, HybridPublic
from core.crypto.partitions import PartitionOffer, accept_offer, check_offer
from core.crypto.signing import Verifier
from core.errors import ChanceryError, Conflict, Unavailable
from core.schema import archive, desk
from core.store import Row, Statement, Store, Tx
from core.types import Clock

GRACE: Final = timedelta(days=1)
"""How long after its month a partition stays open for transactions that took long to commit."""

_p, _o, _d = archive.partitions.c, desk.offers.c, archive.dropping.c

_OFFERS = Statement(select(desk.offers))
_ENTERED = Statement(select(_p.partition_id, _p.generation, _p.offer))
_ENTER = Statement(insert(archive.partitions))
_NEWEST = Statement(select(func.max(_p.generation)).where(_p.partition_id == bindparam("part")))
_DROPPING = Statement(select(_d.partition_id).where(_d.partition_id == bindparam("part")))


@dataclass(frozen=True, slots=True)
class WorkerPartition:
    """A partition that records may be sealed to; without an index key it can not be indexed."""

    partition: str
    generation: int
    public: HybridPublic
    index_key: Key | None


class Partitions:
    """What the worker knows of partitions; one object a process."""

    def __init__(
        self,
        *,
        desk_store: Store,
        archive_store: Store,
        identity: Verifier,
        mailbox: HybridPrivate,
        clock: Clock,
    ) -> None:
        self._desk = desk_store
        self._archive = archive_store
        self._identity = identity
        self._mailbox = mailbox
        self._clock = clock
        self._reports = Reports(clock)
        self._known: dict[str, WorkerPartition] = {}
        self._asked: set[str] = set()
        self._closed: set[str] = set()
        self._refused: set[tuple[str, int]] = set()
        self._keyless: dict[str, bytes] = {}

    def accept_offers(self) -> list[str]:
        """Take up every offer that the pinned identity signed; return the partitions that are new.

        An offer that does not verify is left alone and raises an alarm.
        """
        offers = self._desk.read(lambda tx: tx.rows(_OFFERS))
        entered = {(r.partition_id, r.generation) for r in self._archive.read(lambda tx: tx.rows(_ENTERED))}
        new: list[dict[str, object]] = []
        accepted: list[str] = []
        for row in offers:
            held = self._known.get(row.partition_id)
            if held is not None and held.generation >= row.generation and not self._wants_key(held):
                continue
            if held is not None and self._keyless.get(row.partition_id) == row.offer:
                # Looked at before: the key that is wanted is still not there.
                continue
            try:
                partition, public_offer = self._checked(row)
            except ChanceryError as error:
                self._refuse(row, error)
                continue
            if (row.partition_id, row.generation) not in entered:
                if self._is_dropped(row.partition_id):
                    continue
                name = parse_partition(row.partition_id)
                new.append(
                    {
                        "partition_id": row.partition_id,
                        "generation": row.generation,
                        "month": name.month,
                        "retention_class": name.retention_class,
                        "public_key": partition.public.to_bytes(),
                        "offer": public_offer.to_bytes(),
                    }
                )
                accepted.append(row.partition_id)
            if held is None or held.generation <= row.generation:
                self._known[row.partition_id] = partition
                if partition.index_key is None:
                    self._keyless[row.partition_id] = row.offer
                else:
                    self._asked.discard(row.partition_id)
                    self._closed.discard(row.partition_id)
        if new:
            self._archive.write(lambda tx: tx.run_many(_ENTER, new))
        return accepted

    def knows(self, partition: str) -> bool:
        """Tell whether a partition was accepted."""
        return partition in self._known

    def to_seal(self, partition: str) -> WorkerPartition:
        """Return the partition that a record of now is sealed to.

        Raises:
            Unavailable: ``no_partition`` while the desk has not offered it, or where it was destroyed.
        """
        known = self._known.get(partition)
        if known is None:
            raise Unavailable(
                f"There are no keys for {partition}: run `chancery keys rotate` at the desk.",
                code="no_partition",
                partition=partition,
            )
        return known

    def check_current(self, tx: Tx, partition: WorkerPartition) -> None:
        """Return if, inside the archive's transaction, this generation is the newest and not dropped.

        Raises:
            Conflict: ``partition_changed``; accept the offers again and seal anew.
        """
        newest = tx.value(_NEWEST, part=partition.partition)
        dropped = tx.one(_DROPPING, part=partition.partition) is not None
        if newest != partition.generation or dropped:
            self._known.pop(partition.partition, None)
            raise Conflict(f"{partition.partition} was changed in the meantime.", code="partition_changed")

    def need_index_key(self, partition: WorkerPartition) -> None:
        """Ask the desk, once, to seal the index key of a closed partition to the worker again."""
        if partition.partition not in self._asked:
            self._asked.add(partition.partition)
            self._report(ReportKind.INDEX_KEY_NEEDED, partition)

    def close_over(self, waiting: Collection[str], unsealed_since: datetime | None) -> list[str]:
        """Forget the index keys of partitions whose month is over and of which nothing waits.

        ``waiting`` are partitions with records to index; ``unsealed_since`` is the time of the oldest
        row that is not sealed yet.
        """
        closed = []
        reached = self._clock.now() - GRACE
        if unsealed_since is not None:
            reached = min(reached, unsealed_since)
        for name, partition in list(self._known.items()):
            over = month_end(parse_partition(name).month) <= reached
            if over and partition.index_key is not None and name not in waiting:
                self._report(ReportKind.PARTITION_CLOSED, partition)
                self._known[name] = replace(partition, index_key=None)
                self._closed.add(name)
                closed.append(name)
        return closed

    def forget(self, partition: str) -> None:
        """Forget a partition that is destroyed."""
        self._known.pop(partition, None)

    def missing_ahead(self) -> list[str]:
        """Return the partitions of this and the next month that are not offered yet: an alarm if any."""
        now = month_of(self._clock.now())
        wanted = [partition_id(month, name) for month in (now, month_after(now)) for name in CLASSES]
        return [name for name in wanted if name not in self._known]

    def _checked(self, row: Row) -> tuple[WorkerPartition, PartitionOffer]:
        """Verify a row of the desk's offers, whatever its columns claim."""
        offer = PartitionOffer.from_bytes(row.offer)
        public_offer = PartitionOffer(offer.partition, offer.generation, offer.public, b"", row.signature)
        public = check_offer(self._identity, public_offer)
        if (offer.partition, offer.generation) != (row.partition_id, row.generation):
            raise Conflict("The offer stands in another partition's row.", code="offer_moved")
        parse_partition(offer.partition)
        if not offer.sealed_index_key:
            check_offer(self._identity, offer)
            return WorkerPartition(offer.partition, offer.generation, public, None), public_offer
        accepted = accept_offer(self._identity, self._mailbox, offer)
        return (
            WorkerPartition(accepted.partition, accepted.generation, accepted.public, accepted.index_key),
            public_offer,
        )

    def _is_dropped(self, partition: str) -> bool:
        return self._archive.read(lambda tx: tx.one(_DROPPING, part=partition)) is not None

    def _report(self, kind: ReportKind, partition: WorkerPartition) -> None:
        payload = {"partition": partition.partition, "generation": partition.generation}
        self._desk.write(lambda tx: self._reports.put(tx, kind, **payload))

    def _wants_key(self, held: WorkerPartition) -> bool:
        """Tell whether an index key is missing that was not given up on purpose."""
        given_up = held.partition in self._closed and held.partition not in self._asked
        return held.index_key is None and not given_up

    def _refuse(self, row: Row, error: ChanceryError) -> None:
        if (row.partition_id, row.generation) not in self._refused:
            self._refused.add((row.partition_id, row.generation))
            payload = {"alarm": "offer_refused", "partition": row.partition_id, "code": error.code}
            self._desk.write(lambda tx: self._reports.put(tx, ReportKind.ALARM, **payload))
