"""Reads the archive: nothing is returned as open that was not checked in every way.

Before a record's fields are handed out: the hash of its ciphertext, its entry in the ledger, the
entry's place under a signed checkpoint, its keys, its clear columns and its commitment. What cannot
be opened is a state with a name, never an exception: one bad record hides no other.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, select

from audit.archive.key_reader import KeyReader
from audit.archive.ledger_view import LedgerView
from audit.archive.records import Clear, open_fields, search_record
from audit.ledger.entries import Log, fields_of
from audit.search.port import SearchRecord
from core.crypto.envelope import Key
from core.errors import ChanceryError, IntegrityError, NotFound
from core.schema import archive
from core.store import Row, Statement, Store

BATCH: Final = 400

_r, _l = archive.records.c, archive.ledger_entries.c

_OF_ITEM = Statement(select(_r.rid).where(_r.item_id == bindparam("item")).order_by(_r.version))
_BEFORE = Statement(
    select(_r.rid)
    .where(_r.conversation_id == bindparam("conv"), _r.at_ms < bindparam("at"))
    .order_by(_r.at_ms.desc(), _r.leaf_index.desc())
    .limit(bindparam("most"))
)
_SINCE = Statement(
    select(_r.rid)
    .where(_r.conversation_id == bindparam("conv"), _r.at_ms >= bindparam("at"))
    .order_by(_r.at_ms, _r.leaf_index)
    .limit(bindparam("most"))
)


class RecordState(StrEnum):
    """Whether a record can be read, and if not, why."""

    OPEN = "open"
    PENDING = "pending"
    DESTROYED = "destroyed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its clear columns, and its fields if its state is *open*.

    *pending*: not under a checkpoint yet. *destroyed*: the keys of its partition are gone.
    *unreadable*: it does not verify; ``error`` is the code of what failed.
    """

    clear: Clear
    leaf_index: int
    state: RecordState
    fields: Mapping[str, Any] | None = None
    error: str = ""

    @property
    def rid(self) -> str:
        """The record's id."""
        return self.clear.rid


class ArchiveReader:
    """Reads records for the desk."""

    def __init__(self, *, archive_store: Store, keys: KeyReader, views: Mapping[Log, LedgerView]) -> None:
        self._store = archive_store
        self._keys = keys
        self._views = views

    def records(self, rids: Sequence[str], *, prove: bool = True) -> list[Record]:
        """Return records in the order of ``rids``; ids that are not in the archive are left out.

        ``prove=False`` skips the proof of inclusion; for what is compared and not shown.
        """
        rows: dict[str, Row] = {}
        keys: dict[str, Key] = {}
        entries: dict[tuple[str, int], bytes] = {}
        for start in range(0, len(rids), BATCH):
            part = list(rids[start : start + BATCH])
            found = Statement(select(archive.records).where(_r.rid.in_(part)))
            rows |= {row.rid: row for row in self._store.read(lambda tx, f=found: tx.rows(f))}  # type: ignore[misc]
            keys |= self._keys.data_keys(part)
        if prove:
            entries = self._entries(list(rows.values()))
        return [self._open(rows[rid], keys.get(rid), entries, prove=prove) for rid in rids if rid in rows]

    def versions_of(self, item: str) -> list[Record]:
        """Return every version of an item, the first one first."""
        return self.records([row.rid for row in self._store.read(lambda tx: tx.rows(_OF_ITEM, item=item))])

    def context(self, conversation: str, at_ms: int, *, before: int, after: int) -> list[Record]:
        """Return records of a conversation around ``at_ms``, oldest first; those at ``at_ms`` are after."""
        earlier, later = self._store.read(
            lambda tx: (
                tx.rows(_BEFORE, conv=conversation, at=at_ms, most=before),
                tx.rows(_SINCE, conv=conversation, at=at_ms, most=after),
            )
        )
        return self.records([row.rid for row in (*reversed(earlier), *later)])

    def texts(self, rids: Sequence[str]) -> Mapping[str, SearchRecord]:
        """Return what can be read of ``rids``, as it is searched."""
        return {
            record.rid: search_record(record.fields, rid=record.rid, partition=record.clear.partition_id)
            for record in self.records(rids, prove=False)
            if record.fields is not None and record.clear.indexable
        }

    def _entries(self, rows: Sequence[Row]) -> dict[tuple[str, int], bytes]:
        found: dict[tuple[str, int], bytes] = {}
        for log in Log:
            leaves = [row.leaf_index for row in rows if _log_of(row) is log]
            for start in range(0, len(leaves), BATCH):
                part = leaves[start : start + BATCH]
                statement = Statement(select(_l.seq, _l.entry).where(_l.log == str(log), _l.seq.in_(part)))
                read = self._store.read(lambda tx, s=statement: tx.rows(s))  # type: ignore[misc]
                found |= {(str(log), row.seq): bytes(row.entry) for row in read}
        return found

    def _open(
        self, row: Row, key: Key | None, entries: Mapping[tuple[str, int], bytes], *, prove: bool
    ) -> Record:
        clear = clear_of(row)
        if key is None:
            there = self._keys.is_open((clear.partition_id, clear.generation))
            state = RecordState.UNREADABLE if there else RecordState.DESTROYED
            return Record(clear, row.leaf_index, state, error="keys_missing" if there else "")
        try:
            if hashlib.sha256(row.sealed).digest() != row.ciphertext_hash:
                raise IntegrityError("The ciphertext is not the one that was archived.")
            if prove:
                self._check_logged(row, clear, entries.get((str(_log_of(row)), row.leaf_index)))
            fields = open_fields(key, clear, row.sealed)
        except NotFound as error:
            if error.code != "not_logged":
                raise
            return Record(clear, row.leaf_index, RecordState.PENDING)
        except ChanceryError as error:
            return Record(clear, row.leaf_index, RecordState.UNREADABLE, error=error.code)
        return Record(clear, row.leaf_index, RecordState.OPEN, fields)

    def _check_logged(self, row: Row, clear: Clear, entry: bytes | None) -> None:
        if entry is None or not _is_entry_of(fields_of(entry), clear, row):
            raise IntegrityError("The ledger's entry is not this record's.", code="entry_differs")
        self._views[_log_of(row)].check(row.leaf_index, entry)


def clear_of(row: Row) -> Clear:
    """Return the clear columns of a row of ``records``."""
    return Clear(**{name: getattr(row, name) for name in Clear.__slots__})


def _log_of(row: Row) -> Log:
    return Log.ARCHIVE if row.conversation_id else Log.AUDIT


def _is_entry_of(entry: Mapping[str, Any], clear: Clear, row: Row) -> bool:
    named = (
        (entry.get("obj"), entry.get("ver"), entry.get("conv"), entry.get("cseq"), entry.get("stop_seq"))
        == (clear.item_id, clear.version, clear.conversation_id, clear.cseq, clear.stop_seq)
        if _log_of(row) is Log.ARCHIVE
        else (entry.get("proc"), entry.get("num")) == (clear.item_id, clear.version)
    )
    return (
        named
        and entry.get("cm") == _b64(clear.commitment)
        and entry.get("ct") == _b64(bytes(row.ciphertext_hash))
    )


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
