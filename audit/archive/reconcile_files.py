"""Compares the blobs that chat and archive refer to with those that are kept.

What is kept is listed first. A blob is noted before it is written, so what was listed and is known to
nobody afterwards never had an owner, or lost it. And a blob is removed before its note goes: what seems to
be missing is looked for once more, and whoever needed it is asked again.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select, tuple_

from audit.archive.differences import DifferenceKind, Reconciliation
from core.blobs.port import BlobStore
from core.blobs.sealed import blob_of, objects_of
from core.errors import NotFound
from core.messaging.files.held import HeldBlobs
from core.schema import archive
from core.store import Row, Statement, Store
from core.types import Clock, to_ms

CHUNK: Final = 1_000

_b = archive.blob_references.c

_REFERENCES = Statement(
    select(archive.blob_references)
    .where(tuple_(_b.blob_id, _b.partition_id) > tuple_(bindparam("blob"), bindparam("part")))
    .order_by(_b.blob_id, _b.partition_id)
    .limit(CHUNK)
)
_REFERENCE = Statement(
    select(_b.blob_id).where(_b.blob_id == bindparam("blob"), _b.partition_id == bindparam("part"))
)


class FileReconciler:
    """Part of the worker's half; it opens no blob."""

    def __init__(
        self, *, held: HeldBlobs, archive_store: Store, kept: BlobStore, clock: Clock, grace: timedelta
    ) -> None:
        self._held, self._archive, self._kept = held, archive_store, kept
        self._clock, self._grace = clock, grace

    def compare(self, found: Reconciliation) -> None:
        """Name what is referred to and missing, and what is kept for nobody and older than the grace time.

        Raises:
            Unavailable: ``blobs_unavailable``.
        """
        names = set(self._kept.names())
        known = set(self._held.known())
        needed = list(self._held.needed())
        references = list(self._references())
        known |= {row.blob_id for row in references}
        found.compared["blobs"] = len({blob_of(name) for name in names})
        lacking = [one for one in needed if self._lacks(one.blob, one.size, names)]
        still = self._held.still(one.file for one in lacking)
        for one in lacking:
            if one.file in still:
                found.add(DifferenceKind.MISSING_BLOB, one.blob, f"file {one.file} of the chat")
        for row in references:
            if self._lacks(row.blob_id, row.size, names) and self._is_referred(row):
                found.add(DifferenceKind.MISSING_BLOB, row.blob_id, row.partition_id)
        orphans = Counter(
            blob_of(name) for name in names if blob_of(name) not in known and self._is_old(name)
        )
        for blob, objects in orphans.items():
            found.add(DifferenceKind.ORPHAN_BLOB, blob, f"{objects} objects")

    def _lacks(self, blob: str, size: int, names: set[str]) -> bool:
        return any(name not in names and not self._is_there(name) for name in objects_of(blob, size))

    def _is_there(self, name: str) -> bool:
        try:
            self._kept.written_ms(name)
        except NotFound:
            return False
        return True

    def _is_old(self, name: str) -> bool:
        try:
            return self._kept.written_ms(name) < to_ms(self._clock.now() - self._grace)
        except NotFound:
            return False

    def _references(self) -> Iterator[Row]:
        blob, partition = "", ""
        while rows := self._archive.read(
            lambda tx, b=blob, p=partition: tx.rows(_REFERENCES, blob=b, part=p)  # type: ignore[misc]
        ):
            yield from rows
            blob, partition = rows[-1].blob_id, rows[-1].partition_id

    def _is_referred(self, row: Row) -> bool:
        given = {"blob": row.blob_id, "part": row.partition_id}
        return self._archive.read(lambda tx: tx.one(_REFERENCE, **given)) is not None
