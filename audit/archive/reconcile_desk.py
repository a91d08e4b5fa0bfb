"""The desk's half of reconciling: opens every record and every part of the vocabulary.

What it finds is named by id; no text leaves it, so it needs no matter.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import bindparam, select

from audit.archive.differences import DifferenceKind, Reconciliation
from audit.archive.key_reader import KeyReader
from audit.archive.reader import ArchiveReader, RecordState
from audit.archive.records import POISON
from audit.archive.sealer import vocabulary_info
from audit.search.vocabulary import decode_delta
from core.crypto.hybrid import open_with
from core.errors import ChanceryError
from core.schema import archive
from core.store import Row, Statement, Store

CHUNK: Final = 400

_r, _v = archive.records.c, archive.vocabulary.c

_RIDS = Statement(select(_r.rid).where(_r.rid > bindparam("last")).order_by(_r.rid).limit(CHUNK))
_DELTAS = Statement(select(archive.vocabulary).where(_v.id > bindparam("last")).order_by(_v.id).limit(CHUNK))


class DeskReconciler:
    """Opens what the worker's half can only count."""

    def __init__(self, *, archive_store: Store, reader: ArchiveReader, keys: KeyReader, tenant: str) -> None:
        self._store = archive_store
        self._reader = reader
        self._keys = keys
        self._tenant = tenant

    def run(self) -> Reconciliation:
        """Return by id what does not open; what was destroyed is as it should be."""
        found = Reconciliation(compared={"records": 0, "destroyed": 0, "vocabulary": 0})
        for rids in self._rids():
            for record in self._reader.records(rids):
                found.compared["records"] += 1
                if record.state is RecordState.DESTROYED:
                    found.compared["destroyed"] += 1
                elif record.state is RecordState.PENDING:
                    found.pending += 1
                elif record.state is RecordState.UNREADABLE:
                    found.add(DifferenceKind.UNREADABLE_RECORD, record.rid, record.error)
                elif record.clear.kind == POISON:
                    found.add(DifferenceKind.POISON, record.rid, str((record.fields or {}).get("error")))
                elif record.fields is not None and not _is_at_home(record.fields, record.clear.item_id):
                    found.add(DifferenceKind.RECORD_MOVED, record.rid, record.clear.item_id)
        for row in self._deltas():
            found.compared["vocabulary"] += 1
            if not self._opens(row):
                found.add(DifferenceKind.UNREADABLE_VOCABULARY, row.partition_id, str(row.id))
        found.differences.sort()
        return found

    def _opens(self, row: Row) -> bool:
        place = (row.partition_id, row.generation)
        if not self._keys.is_open(place):
            return True
        try:
            info = vocabulary_info(self._tenant, *place)
            for _ in decode_delta(open_with(self._keys.private(place), bytes(row.sealed), info)):
                pass
        except ChanceryError:
            return False
        return True

    def _rids(self) -> Iterator[list[str]]:
        last = ""
        while batch := self._store.read(lambda tx, at=last: tx.rows(_RIDS, last=at)):  # type: ignore[misc]
            yield [row.rid for row in batch]
            last = batch[-1].rid

    def _deltas(self) -> Iterator[Row]:
        last = 0
        while batch := self._store.read(lambda tx, at=last: tx.rows(_DELTAS, last=at)):  # type: ignore[misc]
            yield from batch
            last = batch[-1].id


def _is_at_home(fields: object, item: str) -> bool:
    assert isinstance(fields, dict)
    return fields["id"] == item if "id" in fields else item == f"trail-{fields['process']}"
