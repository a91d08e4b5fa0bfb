"""Files of archived records: which blobs a partition keeps, and how one of them is opened again.

The key of a blob stands in the records that refer to it, under their own seal. What the archive holds in
the clear is that a partition needs a blob, and how long it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select

from core.blobs.sealed import Blob, Blobs
from core.schema import archive
from core.store import Statement, Store, Tx

BATCH: Final = 100

_b = archive.blob_references.c

_ADD = Statement(insert(archive.blob_references))
_OF_PARTITION = Statement(
    select(_b.blob_id, _b.size).where(_b.partition_id == bindparam("part")).limit(BATCH)
)
_REFERRED = Statement(
    select(func.count()).where(_b.blob_id == bindparam("blob"), _b.partition_id != bindparam("part"))
)
_DROP = Statement(
    delete(archive.blob_references).where(
        _b.blob_id == bindparam("blob"), _b.partition_id == bindparam("part")
    )
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file of a record: its name and type as they were, and where its bytes are."""

    id: str
    name: str
    type: str
    blob: Blob


def blobs_in(fields: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    """Yield the blobs that a record's fields refer to, with their sizes."""
    for file in files_in(fields):
        for stored in file["blobs"].values():
            yield str(stored["id"]), int(stored["size"])


def files_in(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the files of a record as they were archived."""
    data = fields.get("data")
    return list(data.get("files", ())) if isinstance(data, Mapping) else []


def evidence_in(fields: Mapping[str, Any], file: str) -> Evidence | None:
    """Return one file of a record as its sender sent it."""
    for told in files_in(fields):
        if told["id"] == file:
            stored = dict(told["blobs"]["original"])
            return Evidence(file, str(told["name"]), str(told.get("type", "")), Blob.from_dict(stored))
    return None


def do_refer(tx: Tx, partition: str, blobs: Mapping[str, int]) -> None:
    """Note that a partition's records refer to ``blobs``; in the transaction of the records."""
    if not blobs:
        return
    there = Statement(select(_b.blob_id).where(_b.partition_id == partition, _b.blob_id.in_(sorted(blobs))))
    known = {row.blob_id for row in tx.rows(there)}
    rows = [
        {"blob_id": blob, "partition_id": partition, "size": size}
        for blob, size in sorted(blobs.items())
        if blob not in known
    ]
    tx.run_many(_ADD, rows)


def drop_blobs(store: Store, blobs: Blobs, partition: str, is_needed: Callable[[str], bool]) -> int:
    """Remove the blobs that only a dropped partition needed; return how many. May be repeated.

    ``is_needed`` tells of what the chat passed on and the archive does not know of yet.

    Raises:
        Unavailable: ``blobs_unavailable``; what is left is removed when it is tried again.
    """
    removed = 0
    while rows := store.read(lambda tx: tx.rows(_OF_PARTITION, part=partition)):
        for row in rows:
            referred = store.read(lambda tx, b=row.blob_id: tx.value(_REFERRED, blob=b, part=partition))  # type: ignore[misc]
            if not referred and not is_needed(row.blob_id):
                blobs.delete(row.blob_id, row.size)
                removed += 1
        gone = [{"blob": row.blob_id, "part": partition} for row in rows]
        store.write(lambda tx, g=gone: tx.run_many(_DROP, g))  # type: ignore[misc]
    return removed
