"""Which blobs the chat needs, and of which it knows: for whoever compares that with what is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from core.errors import ChanceryError
from core.messaging.files.model import FileState
from core.messaging.files.rows import open_file
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Store

PAGE: Final = 1_000
WHOLE: Final = (
    FileState.UPLOADED,
    FileState.RESERVED,
    FileState.CHECKING,
    FileState.STOPPED,
    FileState.SHOWN,
)
"""The states of a file of which every byte is there."""

_f, _b = chat.files.c, chat.file_blobs.c

_FILES = Statement(
    select(chat.files).where(_f.id > bindparam("last"), _f.state.in_(WHOLE)).order_by(_f.id).limit(PAGE)
)
_KNOWN = Statement(select(_b.blob_id).where(_b.blob_id > bindparam("last")).order_by(_b.blob_id).limit(PAGE))


@dataclass(frozen=True, slots=True)
class HeldBlob:
    """A blob that a file of the chat needs."""

    file: str
    blob: str
    size: int


class HeldBlobs:
    """Reads them, a page at a time."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store, self._vault = store, vault

    def needed(self) -> Iterator[HeldBlob]:
        """Yield every blob without which a file could not be shown as it was.

        What was noted for a file and never became part of it (its reader died) is needed by nobody.
        """
        last = ""
        while rows := self._store.read(lambda tx, at=last: tx.rows(_FILES, last=at)):  # type: ignore[misc]
            for row in rows:
                yield from self._of(row)
            last = rows[-1].id

    def known(self) -> Iterator[str]:
        """Yield every blob that was made for a file and was not removed since."""
        last = ""
        while rows := self._store.read(lambda tx, at=last: tx.rows(_KNOWN, last=at)):  # type: ignore[misc]
            yield from (row.blob_id for row in rows)
            last = rows[-1].blob_id

    def still(self, files: Iterable[str]) -> set[str]:
        """Return which of ``files`` are still there."""
        asked = sorted(set(files))
        there: set[str] = set()
        for start in range(0, len(asked), PAGE):
            part = Statement(select(_f.id).where(_f.id.in_(asked[start : start + PAGE]), _f.state.in_(WHOLE)))
            there |= {row.id for row in self._store.read(lambda tx, s=part: tx.rows(s))}  # type: ignore[misc]
        return there

    def _of(self, row: Row) -> Iterator[HeldBlob]:
        try:
            meta = open_file(self._vault, row).meta
        except ChanceryError:
            return  # its key was destroyed meanwhile, and it with it
        for part in (meta.original, *(meta.found.parts.values() if meta.found else ())):
            yield HeldBlob(row.id, part.id, part.size)
