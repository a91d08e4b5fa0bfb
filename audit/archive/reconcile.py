"""Compares chat store, archive, index and ledger by ids and hashes: the worker's half.

Everything is read while others write. What is on its way is recognised by its outbox row, which goes
only after record, leaf and document are there: so the outbox is read before the records, for what is
missing there, and again before the index. Nothing that is merely late looks lost.
"""

import base64
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, select

from audit.archive.differences import DifferenceKind, Reconciliation, gaps
from audit.archive.intake import Outboxes
from audit.archive.names import CONVERSATION_CLASSES
from audit.archive.records import Parsed
from audit.ledger import rows
from audit.ledger.entries import Log
from audit.search.port import SearchIndex
from core.schema import archive, chat
from core.store import Row, Statement, Store

Version = tuple[str, int]

CHUNK: Final = 5_000
_OPENED_AT_ONCE: Final = 400

_v, _r, _c = chat.versions.c, archive.records.c, chat.conversations.c

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
_DROPPED = Statement(select(archive.dropped_leaves.c.leaf_index))


class Reconciler:
    """The worker's half of ``chancery archive reconcile``; it opens no record."""

    def __init__(
        self, *, chat_store: Store, archive_store: Store, outboxes: Outboxes, index: SearchIndex
    ) -> None:
        self._chat = chat_store
        self._archive = archive_store
        self._outboxes = outboxes
        self._index = index

    def run(self) -> Reconciliation:
        """Return every difference by name.

        Raises:
            Unavailable: ``index_unavailable``.
        """
        found = Reconciliation()
        counters = {row.id: row for row in self._chat.read(lambda tx: tx.rows(_COUNTERS))}
        versions = set(self._versions())
        before = {(p.item_id, p.version): p for p in self._pending()}
        sizes = {log: self._archive.read(lambda tx, log=log: rows.size(tx, log)) for log in Log}  # type: ignore[misc]
        kept = {(row.item_id, row.version): row for row in self._records()}
        dropped = {row.leaf_index for row in self._archive.read(lambda tx: tx.rows(_DROPPED))}
        after = {(p.item_id, p.version) for p in self._pending()}
        found.pending = len(before)
        found.compared = {"versions": len(versions), "records": len(kept)}
        destroyed = self._compare_ledger(found, sizes, kept, dropped)
        for item, version in versions - kept.keys() - before.keys() - destroyed:
            found.add(DifferenceKind.MISSING_RECORD, f"{item}/{version}")
        self._compare_index(found, kept, after)
        self._compare_counters(found, counters, before, sizes)
        self._compare_trail(found, sizes, before)
        found.differences.sort()
        return found

    def _compare_ledger(
        self, found: Reconciliation, sizes: dict[Log, int], kept: dict[Version, Row], dropped: set[int]
    ) -> set[Version]:
        """Compare records and leaves one to one; return the versions that were logged and destroyed."""
        by_leaf: dict[tuple[Log, int], Row] = {(_log_of(row), row.leaf_index): row for row in kept.values()}
        destroyed: set[Version] = set()
        seen: set[Version] = set()
        leaves = 0
        for log in Log:
            for seq, entry in self._entries(log, sizes[log]):
                leaves += 1
                version = _version_of(log, entry)
                name = f"{log} leaf {seq}"
                if version in seen:
                    found.add(DifferenceKind.VERSION_LOGGED_TWICE, name, _text(version))
                seen.add(version)
                row = by_leaf.pop((log, seq), None)
                if row is None:
                    if log is Log.ARCHIVE and seq in dropped:
                        destroyed.add(version)
                    else:
                        found.add(DifferenceKind.LEAF_WITHOUT_RECORD, name, _text(version))
                elif not _is_logged(log, entry, row):
                    found.add(DifferenceKind.RECORD_DIFFERS_FROM_LEAF, row.rid, name)
        found.compared["leaves"] = leaves
        for (log, seq), row in by_leaf.items():
            if seq < sizes[log]:
                found.add(DifferenceKind.RECORD_WITHOUT_LEAF, row.rid, f"{log} leaf {seq}")
        return destroyed

    def _compare_index(self, found: Reconciliation, kept: dict[Version, Row], pending: set[Version]) -> None:
        expected: dict[str, dict[str, Version]] = defaultdict(dict)
        for version, row in kept.items():
            expected[row.partition_id][row.rid] = version
        documents = 0
        for partition in self._archive.read(lambda tx: tx.rows(_PARTITIONS)):
            if partition.retention_class not in CONVERSATION_CLASSES:
                continue
            name = partition.partition_id
            there = set(self._index.ids(name))
            documents += len(there)
            wanted = expected[name]
            for rid in wanted.keys() - there:
                if kept[wanted[rid]].indexable and wanted[rid] not in pending:
                    found.add(DifferenceKind.MISSING_DOCUMENT, rid, name)
            unknown = there - wanted.keys()
            late = {row.rid for row in self._of_partition(name)} if unknown else set()
            for rid in unknown - late:
                found.add(DifferenceKind.EXTRA_DOCUMENT, rid, name)
        found.compared["documents"] = documents

    def _compare_counters(
        self,
        found: Reconciliation,
        counters: dict[str, Row],
        pending: dict[Version, Parsed],
        sizes: dict[Log, int],
    ) -> None:
        """Name holes in what each conversation counted: what people saw, and what was stopped."""
        seen: dict[tuple[str, str], set[int]] = defaultdict(set)
        for _, entry in self._entries(Log.ARCHIVE, sizes[Log.ARCHIVE]):
            for counter in ("cseq", "stop_seq"):
                if entry.get(counter) is not None and entry["conv"]:
                    seen[counter, entry["conv"]].add(entry[counter])
        for parsed in pending.values():
            if parsed.cseq is not None:
                seen["cseq", parsed.conversation_id].add(parsed.cseq)
            if parsed.stop_seq is not None:
                seen["stop_seq", parsed.conversation_id].add(parsed.stop_seq)
        kinds = {"cseq": DifferenceKind.CSEQ_GAP, "stop_seq": DifferenceKind.STOP_SEQ_GAP}
        conversations = counters.keys() | {conversation for _, conversation in seen}
        for conversation in conversations:
            row = counters.get(conversation)
            for counter, kind in kinds.items():
                # Read before anything else: what the counter names was logged or pending since.
                last = getattr(row, counter) if row is not None else None
                for missing in gaps(seen[counter, conversation], last):
                    found.add(kind, conversation, missing)

    def _compare_trail(
        self, found: Reconciliation, sizes: dict[Log, int], pending: dict[Version, Parsed]
    ) -> None:
        numbers: dict[str, set[int]] = defaultdict(set)
        for _, entry in self._entries(Log.AUDIT, sizes[Log.AUDIT]):
            numbers[entry["proc"]].add(entry["num"])
        for (process, number), parsed in pending.items():
            if not parsed.conversation_id:
                numbers[process].add(number)
        for process, present in numbers.items():
            for missing in gaps(present):
                found.add(DifferenceKind.TRAIL_GAP, process, missing)

    def _versions(self) -> Iterator[Version]:
        item, version = "", 0
        while batch := self._chat.read(lambda tx, i=item, v=version: tx.rows(_VERSIONS, item=i, ver=v)):  # type: ignore[misc]
            for row in batch:
                yield row.item_id, row.version
            item, version = batch[-1].item_id, batch[-1].version

    def _records(self) -> Iterator[Row]:
        for partition in self._archive.read(lambda tx: tx.rows(_PARTITIONS)):
            yield from self._of_partition(partition.partition_id)

    def _of_partition(self, partition: str) -> list[Row]:
        return self._archive.read(lambda tx: tx.rows(_RECORDS, part=partition))

    def _pending(self) -> Iterator[Parsed]:
        places = self._outboxes.places()
        for start in range(0, len(places), _OPENED_AT_ONCE):
            for intake in self._outboxes.read(places[start : start + _OPENED_AT_ONCE]):
                yield intake.parsed

    def _entries(self, log: Log, size: int) -> Iterator[tuple[int, dict[str, Any]]]:
        for low in range(0, size, CHUNK):
            high = min(size, low + CHUNK)
            entries = self._archive.read(lambda tx, a=low, b=high: rows.entries(tx, log, a, b))  # type: ignore[misc]
            for offset, entry in enumerate(entries):
                yield low + offset, orjson.loads(entry)


def _log_of(row: Row) -> Log:
    return Log.ARCHIVE if row.conversation_id else Log.AUDIT


def _version_of(log: Log, entry: dict[str, Any]) -> Version:
    return (entry["obj"], entry["ver"]) if log is Log.ARCHIVE else (entry["proc"], entry["num"])


def _is_logged(log: Log, entry: dict[str, Any], row: Row) -> bool:
    hash_ = base64.b64encode(bytes(row.ciphertext_hash)).decode("ascii")
    places = (
        (entry.get("conv"), entry.get("cseq"), entry.get("stop_seq"))
        == (row.conversation_id, row.cseq, row.stop_seq)
        if log is Log.ARCHIVE
        else True
    )
    return places and _version_of(log, entry) == (row.item_id, row.version) and entry["ct"] == hash_


def _text(version: Version) -> str:
    return f"{version[0]}/{version[1]}"
