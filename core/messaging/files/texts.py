"""The files of a message with the text that was read from them, for whoever decides or searches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from core.blobs.sealed import Blobs
from core.errors import IntegrityError, NotFound
from core.messaging.files.checking import ReadFile
from core.messaging.files.model import File, FileState, Role
from core.messaging.files.rows import files_of, open_file
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Store
from core.types import ItemId

SEARCHED: Final = 100_000
"""How many characters of the files of one message employees find it by."""
_BYTES: Final = 4 * SEARCHED

_f = chat.files.c

Beginnings = Mapping[str, Mapping[str, str]]
"""For each message, by the id of each of its files, the beginning of what was read from it."""


@dataclass(frozen=True, slots=True)
class FileTexts:
    """Reads them back."""

    store: Store
    vault: Vault
    blobs: Blobs

    def files(self, item: ItemId) -> tuple[File, ...]:
        """Return the files of a message."""
        return self.store.read(lambda tx: files_of(tx, self.vault, item))

    def of_item(self, item: ItemId) -> tuple[ReadFile, ...]:
        """Return the files of a message that was read.

        Raises:
            NotFound: ``no_blob``.
            IntegrityError: what is kept is not what was written.
            Unavailable: ``blobs_unavailable``.
        """
        return tuple(ReadFile(file, self._text(file)) for file in self.files(item))

    def beginnings(self, items: Sequence[str]) -> Beginnings:
        """Return what the shown files of messages say, as far as those are found by it.

        A text that is gone, or whose key is, says nothing. Never called inside a transaction: it reads files.

        Raises:
            Unavailable: ``blobs_unavailable``.
        """
        shown = Statement(
            select(chat.files)
            .where(_f.item_id.in_(sorted(set(items))), _f.state == FileState.SHOWN)
            .order_by(_f.item_id, _f.position)
        )
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for row in self.store.read(lambda tx: tx.rows(shown)) if items else ():
            left = SEARCHED - sum(map(len, found[row.item_id].values()))
            if left > 0:
                found[row.item_id][row.id] = self._beginning(row)[:left]
        return found

    def _beginning(self, row: Row) -> str:
        try:
            stored = open_file(self.vault, row).part(Role.TEXT)
            pieces = self.blobs.read(stored.blob(), 0, _BYTES) if stored else ()
            return b"".join(pieces).decode("utf-8", "ignore")
        except (NotFound, IntegrityError):
            return ""

    def _text(self, file: File) -> str:
        stored = file.part(Role.TEXT)
        return self.blobs.whole(stored.blob()).decode("utf-8") if stored else ""
