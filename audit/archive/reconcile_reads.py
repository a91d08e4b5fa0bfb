"""What reconciling reads, a chunk at a time, so that no writer waits for it for long."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, select

from audit.archive.intake import Outboxes
from audit.archive.names import CONVERSATION_CLASSES
from audit.archive.records import Parsed
from audit.ledger import rows
from audit.ledger.entries import Log
from core.schema import archive, chat, keystore
from core.store import Row, Statement, Store

Version = tuple[str, int]

CHUNK: Final = 5_000
_OPENED_AT_ONCE: Final = 400

_v, _r, _c, _e, _k = (
    chat.versions.c, archive.records.c, chat.conversations.c, archive.ledger_entries.c, keystore.data_keys.c,
)  # fmt: skip

_VERSIONS = Statement(
    select(_v.item_id, _v.version)
    .where(
        (_v.item_id > bindparam("item"))
        | ((_v.item_id == bindparam("item")) & (_v.version > bindparam("ver")))
    )
    .order_by(_v.item_id, _v.version)
    .limit(CHUNK)
)
_COUNTERS = Statement(select(_c.id, _c.cseq, _c.stop_seq))
_RECORDS = Statement(
    select(
        _r.rid, _r.item_id, _r.version, _r.partition_id, _r.conversation_id, _r.cseq, _r.stop_seq,
        _r.ciphertext_hash, _r.leaf_index, _r.indexable,
    )
    .where(_r.partition_id == bindparam("part"))
)  # fmt: skip
_PARTITIONS = Statement(
    select(archive.partitions.c.partition_id, archive.partitions.c.retention_class).distinct()
)
_ENTRIES = Statement(
    select(_e.seq, _e.entry)
    .where(_e.log == bindparam("of"), _e.seq >= bindparam("low"), _e.seq < bindparam("high"))
    .order_by(_e.seq)
)
_KEYS = Statement(select(_k.rid).where(_k.rid > bindparam("last")).order_by(_k.rid).limit(CHUNK))
_DROPPED = Statement(select(archive.dropped_leaves.c.leaf_index))


class Reads:
    """Reads the stores for one reconciliation."""

    def __init__(
        self, chat_store: Store, archive_store: Store, keystore_store: Store, outboxes: Outboxes
    ) -> None:
        self._chat = chat_store
        self._archive = archive_store
        self._keystore = keystore_store
        self._outboxes = outboxes

    def counters(self) -> dict[str, Row]:
        """Return what each conversation counted, by its id."""
        return {row.id: row for row in self._chat.read(lambda tx: tx.rows(_COUNTERS))}

    def conversation_partitions(self) -> list[str]:
        """Return the partitions that are searched."""
        found = self._archive.read(lambda tx: tx.rows(_PARTITIONS))
        return [row.partition_id for row in found if row.retention_class in CONVERSATION_CLASSES]

    def dropped(self) -> set[int]:
        """Return the leaves whose records were destroyed with their partition."""
        return {row.leaf_index for row in self._archive.read(lambda tx: tx.rows(_DROPPED))}

    def versions_of(self, items: list[str]) -> set[Version]:
        """Return which versions of ``items`` the chat store has."""
        there: set[Version] = set()
        for start in range(0, len(items), _OPENED_AT_ONCE):
            part = Statement(
                select(_v.item_id, _v.version).where(_v.item_id.in_(items[start : start + _OPENED_AT_ONCE]))
            )
            there |= {(r.item_id, r.version) for r in self._chat.read(lambda tx, s=part: tx.rows(s))}  # type: ignore[misc]
        return there

    def versions(self) -> Iterator[Version]:
        """Yield every version that the chat store has."""
        item, version = "", 0
        while batch := self._chat.read(lambda tx, i=item, v=version: tx.rows(_VERSIONS, item=i, ver=v)):  # type: ignore[misc]
            for row in batch:
                yield row.item_id, row.version
            item, version = batch[-1].item_id, batch[-1].version

    def records(self) -> Iterator[Row]:
        """Yield every record of the archive."""
        for partition in self._archive.read(lambda tx: tx.rows(_PARTITIONS)):
            yield from self.of_partition(partition.partition_id)

    def of_partition(self, partition: str) -> list[Row]:
        """Return the records of one partition."""
        return self._archive.read(lambda tx: tx.rows(_RECORDS, part=partition))

    def pending(self) -> Iterator[Parsed]:
        """Yield what waits in an outbox, opened."""
        places = self._outboxes.places()
        for start in range(0, len(places), _OPENED_AT_ONCE):
            for intake in self._outboxes.read(places[start : start + _OPENED_AT_ONCE]):
                yield intake.parsed

    def entries(self, log: Log, size: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield number and fields of the first ``size`` entries of a log, as far as they are there."""
        for low in range(0, size, CHUNK):
            chunk = {"of": str(log), "low": low, "high": min(size, low + CHUNK)}
            for row in self._archive.read(lambda tx, c=chunk: tx.rows(_ENTRIES, **c)):  # type: ignore[misc]
                yield row.seq, orjson.loads(row.entry)

    def keys(self) -> Iterator[str]:
        """Yield the record of every data key."""
        last = ""
        while batch := self._keystore.read(lambda tx, at=last: tx.rows(_KEYS, last=at)):  # type: ignore[misc]
            yield from (row.rid for row in batch)
            last = batch[-1].rid

    def sizes(self) -> dict[Log, int]:
        """Return how long each log is."""
        return {log: self._archive.read(lambda tx, log=log: rows.size(tx, log)) for log in Log}  # type: ignore[misc]
