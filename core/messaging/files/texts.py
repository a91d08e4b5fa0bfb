"""The files of a message with the text that was read from them, for whoever decides."""

from dataclasses import dataclass

from core.blobs.sealed import Blobs
from core.messaging.files.checking import ReadFile
from core.messaging.files.model import File, Role
from core.messaging.files.rows import files_of
from core.messaging.vault import Vault
from core.store import Store
from core.types import ItemId


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

    def _text(self, file: File) -> str:
        stored = file.part(Role.TEXT)
        return self.blobs.whole(stored.blob()).decode("utf-8") if stored else ""
