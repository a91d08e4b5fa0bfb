"""Removes the blobs of files that the chat forgot. Evidence stays: the archive says when that may go."""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from core.blobs.sealed import Blobs
from core.messaging.files.model import Role
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import Clock, to_ms

_f, _b = chat.files.c, chat.file_blobs.c

_EXPIRE = Statement(
    update(chat.files)
    .where(_f.state.in_(("uploading", "uploaded")), _f.touched_ms < bindparam("before"))
    .values(state="gone", sealed=None)
)
# None of these is of another file, too: passed on is what a delivered message gives out, which is evidence.
_FORGOTTEN = Statement(
    select(_b.blob_id, _b.size)
    .join(chat.files, _f.id == _b.file_id)
    .where(_f.state == "gone", _f.item_id.is_(None) | _b.role.in_([r for r in Role if not r.is_evidence]))
    .limit(bindparam("most"))
)
_REMOVED = Statement(delete(chat.file_blobs).where(_b.blob_id == bindparam("blob")))
_NEVER_SENT = Statement(
    delete(chat.files).where(
        _f.state == "gone",
        _f.item_id.is_(None),
        _f.touched_ms < bindparam("before"),
        _f.id.not_in(select(_b.file_id)),
    )
)

PAGE: Final = 100


class Sweep:
    """A chore of the worker."""

    def __init__(self, store: Store, blobs: Blobs, clock: Clock, unfinished: timedelta) -> None:
        self._store, self._blobs, self._clock, self._unfinished = store, blobs, clock, unfinished

    def run(self) -> int:
        """Expire what was never sent, and remove what is forgotten; return how many blobs went.

        Raises:
            Unavailable: ``blobs_unavailable``; what is left is removed another time.
        """
        before = to_ms(self._clock.now() - self._unfinished)
        self._store.write(lambda tx: tx.run(_EXPIRE, before=before))
        removed = 0
        while rows := self._store.read(lambda tx: tx.rows(_FORGOTTEN, most=PAGE)):
            for row in rows:
                self._blobs.delete(row.blob_id, row.size)
            self._store.write(lambda tx, gone=rows: _note_removed(tx, gone))  # type: ignore[misc]
            removed += len(rows)
        self._store.write(lambda tx: tx.run(_NEVER_SENT, before=before))
        return removed


def _note_removed(tx: Tx, rows: list[Row]) -> None:
    tx.run_many(_REMOVED, [{"blob": row.blob_id} for row in rows])
