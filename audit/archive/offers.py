"""The desk's side of partitions: keys made three months ahead, offered to the worker, and closed.

The row of an offer outlives its keys: a partition that was destroyed is never made again.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from audit.archive.names import CLASSES, check_month, month_after, partition_id
from audit.archive.reports import Report, ReportKind, Reports
from core.crypto.chat_keys import month_of
from core.crypto.hybrid import HybridPublic
from core.crypto.partitions import PartitionKeys, PartitionOffer, signed_offer
from core.crypto.signing import Signer
from core.errors import Conflict, InvalidInput, NotFound
from core.identity.sealing import Recorder
from core.schema import desk
from core.store import Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, PartitionId, to_ms

MONTHS_AHEAD: Final = 3
FIRST_GENERATION: Final = 1
_BATCH: Final = 100

_o = desk.offers.c

_KNOWN = Statement(select(_o.partition_id))
_OFFER = Statement(
    select(_o.offer).where(_o.partition_id == bindparam("part"), _o.generation == bindparam("gen"))
)
_ADD = Statement(insert(desk.offers))
_REPLACE = Statement(
    update(desk.offers)
    .where(_o.partition_id == bindparam("part"), _o.generation == bindparam("gen"))
    .values(offer=bindparam("new_offer"))
)


class Offers:
    """Makes and offers the keys of partitions; runs at the desk only."""

    def __init__(
        self,
        *,
        keys: PartitionKeys,
        identity: Signer,
        worker: HybridPublic,
        desk_store: Store,
        clock: Clock,
        record: Recorder,
    ) -> None:
        self._keys = keys
        self._identity = identity
        self._worker = worker
        self._store = desk_store
        self._clock = clock
        self._record = record
        self._reports = Reports(clock)

    def offer_months(self, *, actor: str, history_from: str | None = None) -> list[PartitionId]:
        """Offer every partition up to three months ahead that was never offered; return those.

        ``history_from`` (YYYY-MM) begins in the past, for imports and demonstrations.

        Raises:
            InvalidInput: ``month`` if ``history_from`` is no month or lies in the future.
        """
        now = month_of(self._clock.now())
        first = check_month(history_from) if history_from else now
        if first > now:
            raise InvalidInput("History begins in the past: name an earlier month.", code="month")
        known = {row.partition_id for row in self._store.read(lambda tx: tx.rows(_KNOWN))}
        wanted = [name for name in _months(first, month_after(now, MONTHS_AHEAD)) if name not in known]
        for start in range(0, len(wanted), _BATCH):
            self._offer(wanted[start : start + _BATCH], actor)
        return wanted

    def handle_reports(self) -> None:
        """Act on what the worker told: delete sealed index keys of closed partitions, renew lost ones."""
        kinds = (ReportKind.PARTITION_CLOSED, ReportKind.INDEX_KEY_NEEDED)
        for report in self._store.read(lambda tx: self._reports.waiting(tx, *kinds)):
            partition, generation = str(report.payload["partition"]), int(report.payload["generation"])
            offer = self._closed(partition, generation)
            if report.kind is ReportKind.INDEX_KEY_NEEDED and self._keys.exists(partition, generation):
                offer = self._keys.offer_again(partition, generation, self._worker)

            self._replace(offer, report)

    def _replace(self, offer: PartitionOffer, report: Report) -> None:
        def work(tx: Tx) -> None:
            tx.run(_REPLACE, part=offer.partition, gen=offer.generation, new_offer=offer.to_bytes())
            self._reports.take(tx, report)

        self._store.write(work)

    def _offer(self, partitions: list[PartitionId], actor: str) -> None:
        rows = [self._row(partition) for partition in partitions]

        def work(tx: Tx) -> None:
            tx.run_many(_ADD, rows)
            self._record(tx, Tag.PARTITION_OFFERED, actor, partitions[0], {"partitions": partitions})

        self._store.write(work)

    def _row(self, partition: PartitionId) -> dict[str, object]:
        try:
            offer = self._keys.make(partition, FIRST_GENERATION, self._worker)
        except Conflict:  # the keys were made, and the process died before the row was written
            offer = self._keys.offer_again(partition, FIRST_GENERATION, self._worker)
        public = signed_offer(self._identity, partition, FIRST_GENERATION, offer.public, b"")
        return {
            "partition_id": partition,
            "generation": FIRST_GENERATION,
            "offer": offer.to_bytes(),
            # Over the offer without its index key: what the archive keeps for good.
            "signature": public.signature,
            "at_ms": to_ms(self._clock.now()),
        }

    def _closed(self, partition: str, generation: int) -> PartitionOffer:
        row = self._store.read(lambda tx: tx.one(_OFFER, part=partition, gen=generation))
        if row is None:
            raise NotFound(f"{partition} was never offered.", code="no_such_partition")
        offer = PartitionOffer.from_bytes(row.offer)
        return signed_offer(self._identity, partition, generation, offer.public, b"")


def _months(first: str, last: str) -> Iterator[PartitionId]:
    month = first
    while month <= last:
        yield from (partition_id(month, name) for name in CLASSES)
        month = month_after(month)
