"""Compares chat store, archive, keystore, index, ledger and files by ids and hashes: the worker's half.

Everything is read while others write. What is on its way is recognised by its outbox row, which goes
only after record, leaf and document are there: so the outbox is read before the records, for what is
missing there, and again before the index. Keys are read after records and counters after entries, and what
a store seems to lack is looked for once more. Nothing that is merely late looks lost.
"""

import base64
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

from audit.archive.differences import DifferenceKind, Reconciliation, gaps
from audit.archive.intake import Outboxes
from audit.archive.reconcile_files import FileReconciler
from audit.archive.reconcile_reads import Reads, Version
from audit.archive.records import Parsed
from audit.ledger.entries import Log
from audit.ledger.publish import Publisher
from audit.search.port import SearchIndex
from core.store import Row, Store

_POISON_ITEM: Final = "poison-"
"""Begins the item of a row of which nothing but the row is known."""


class Reconciler:
    """The worker's half of ``chancery archive reconcile``; it opens no record."""

    def __init__(
        self,
        *,
        chat_store: Store,
        archive_store: Store,
        keystore_store: Store,
        outboxes: Outboxes,
        index: SearchIndex,
        publishers: Sequence[Publisher],
        files: FileReconciler,
    ) -> None:
        self._reads = Reads(chat_store, archive_store, keystore_store, outboxes)
        self._index = index
        self._publishers = publishers
        self._files = files

    def run(self) -> Reconciliation:
        """Return every difference by name.

        Raises:
            Unavailable: ``index_unavailable``, ``blobs_unavailable``.
            IntegrityError: a checkpoint was not signed by its log's key.
        """
        found = Reconciliation()
        published = {one.log: one.published() for one in self._publishers}
        counters = self._reads.counters()
        versions = set(self._reads.versions())
        before = {(p.item_id, p.version): p for p in self._reads.pending()}
        sizes = self._reads.sizes()
        kept = {(row.item_id, row.version): row for row in self._reads.records()}
        dropped = self._reads.dropped()
        after = {(p.item_id, p.version) for p in self._reads.pending()}
        for log, checkpoint in published.items():
            if checkpoint is not None and checkpoint.size > sizes[log]:
                found.add(DifferenceKind.CHECKPOINT_AHEAD, log, f"{checkpoint.size} over {sizes[log]}")
        found.pending = len(before)
        found.compared = {"versions": len(versions), "records": len(kept)}
        destroyed = self._compare_ledger(found, sizes, kept, dropped)
        for item, version in versions - kept.keys() - before.keys() - destroyed:
            found.add(DifferenceKind.MISSING_RECORD, f"{item}/{version}")
        self._compare_versions(found, kept, versions)
        self._compare_keys(found, kept)
        self._compare_index(found, kept, after)
        self._compare_counters(found, counters, before, sizes)
        self._compare_trail(found, sizes, before)
        self._files.compare(found)
        found.differences.sort()
        return found

    def _compare_ledger(
        self, found: Reconciliation, sizes: dict[Log, int], kept: dict[Version, Row], dropped: set[int]
    ) -> set[Version]:
        """Compare records and leaves one to one; return the versions that were logged and destroyed."""
        now = self._reads.sizes()
        by_leaf: dict[tuple[Log, int], Row] = {(_log_of(row), row.leaf_index): row for row in kept.values()}
        destroyed: set[Version] = set()
        seen: set[Version] = set()
        leaves = 0
        for log in Log:
            there: list[int] = []
            for seq, entry in self._reads.entries(log, sizes[log]):
                leaves += 1
                there.append(seq)
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
            for missing in gaps(there, sizes[log] - 1, first=0):
                found.add(DifferenceKind.MISSING_LEAF, log, missing)
        found.compared["leaves"] = leaves
        for (log, seq), row in by_leaf.items():
            # One between the sizes was written since, and its record with it.
            if not sizes[log] <= seq < now[log]:
                found.add(DifferenceKind.RECORD_WITHOUT_LEAF, row.rid, f"{log} leaf {seq}")
        return destroyed

    def _compare_versions(
        self, found: Reconciliation, kept: dict[Version, Row], versions: Collection[Version]
    ) -> None:
        """Name what is archived and was taken from the chat store, which never forgets that it was said."""
        unknown = [
            version
            for version, row in kept.items()
            if row.conversation_id and version not in versions and not version[0].startswith(_POISON_ITEM)
        ]
        for version in set(unknown) - self._reads.versions_of([item for item, _ in unknown]):
            found.add(DifferenceKind.MISSING_VERSION, _text(version))

    def _compare_keys(self, found: Reconciliation, kept: dict[Version, Row]) -> None:
        """Name records whose keys are gone although they were not dropped; keys alone are harmless."""
        keys = set(self._reads.keys())
        found.compared["keys"] = len(keys)
        lacking = {row.rid: row.partition_id for row in kept.values() if row.rid not in keys}
        for name in set(lacking.values()):
            # Keys go after the records of their partition: those may have been dropped meanwhile.
            for row in self._reads.of_partition(name):
                if row.rid in lacking:
                    found.add(DifferenceKind.MISSING_KEY, row.rid, name)

    def _compare_index(self, found: Reconciliation, kept: dict[Version, Row], pending: set[Version]) -> None:
        expected: dict[str, dict[str, Version]] = defaultdict(dict)
        for version, row in kept.items():
            expected[row.partition_id][row.rid] = version
        documents = 0
        for name in self._reads.conversation_partitions():
            counted = Counter(self._index.ids(name))
            there = counted.keys()
            documents += counted.total()
            for rid, count in counted.items():
                if count > 1:
                    found.add(DifferenceKind.DUPLICATE_DOCUMENT, rid, f"{count} in {name}")
            wanted = expected[name]
            for rid in wanted.keys() - there:
                if kept[wanted[rid]].indexable and wanted[rid] not in pending:
                    found.add(DifferenceKind.MISSING_DOCUMENT, rid, name)
            unknown = there - wanted.keys()
            late = {row.rid for row in self._reads.of_partition(name)} if unknown else set()
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
        for _, entry in self._reads.entries(Log.ARCHIVE, sizes[Log.ARCHIVE]):
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
        now = self._reads.counters()
        for conversation in conversations:
            row = counters.get(conversation)
            for counter, kind in kinds.items():
                # Read before anything else: what the counter names was logged or pending since.
                last = getattr(row, counter) if row is not None else None
                for missing in gaps(seen[counter, conversation], last):
                    found.add(kind, conversation, missing)
                reached = getattr(now[conversation], counter) if conversation in now else 0
                counted = max(seen[counter, conversation], default=0)
                if counted > reached:
                    detail = f"{counter} {reached}, {counted} is archived"
                    found.add(DifferenceKind.COUNTER_BEHIND, conversation, detail)

    def _compare_trail(
        self, found: Reconciliation, sizes: dict[Log, int], pending: dict[Version, Parsed]
    ) -> None:
        numbers: dict[str, set[int]] = defaultdict(set)
        for _, entry in self._reads.entries(Log.AUDIT, sizes[Log.AUDIT]):
            numbers[entry["proc"]].add(entry["num"])
        for (process, number), parsed in pending.items():
            if not parsed.conversation_id:
                numbers[process].add(number)
        for process, present in numbers.items():
            for missing in gaps(present):
                found.add(DifferenceKind.TRAIL_GAP, process, missing)


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
