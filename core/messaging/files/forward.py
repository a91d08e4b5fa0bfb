"""Forwarding a message with its files: each is a file of the new message from then on, over the same bytes.

It has a row, keys and a record of its own, so that what becomes of the one message changes nothing for
the other; the bytes go when nobody refers to them any more. It is what others are given of the first one
(without metadata, where policy took that out), and it is read and decided anew for whoever is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import insert

from core.messaging.files.model import File, FileState, Role
from core.messaging.files.rows import do_note_blobs, files_of, no_file, seal_meta
from core.messaging.files.send import SendFiles
from core.messaging.model import Conversation
from core.messaging.send import request_key
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Statement, Tx
from core.types import ItemId, new_id

_NEW: Final = Statement(insert(chat.files))


@dataclass(frozen=True, slots=True)
class ForwardFiles(SendFiles):
    """One person forwards a message that has files."""

    source_item: ItemId = field(kw_only=True)

    def fingerprint(self) -> str:
        """Return the same as for a message without files: a retry may come when they are gone."""
        return request_key(self.conversation, self.text, self.thread_root, self.confirms, self.carries)

    def check_files(self, tx: Tx, conversation: Conversation) -> None:
        """Refuse what its readers can no longer open. Raises NotFound ``no_file``."""
        _shown(tx, self.vault, self.source_item)

    def do_attach(
        self, tx: Tx, conversation: Conversation, item: ItemId, month: str, at_ms: int
    ) -> Sequence[File]:
        """Make a file of the new message for each."""
        return [
            self._do_pass_on(tx, file, item, place, month, at_ms)
            for place, file in enumerate(_shown(tx, self.vault, self.source_item))
        ]

    def _do_pass_on(self, tx: Tx, source: File, item: ItemId, place: int, month: str, at_ms: int) -> File:
        file, meta = new_id(), source.passed_on()
        size = meta.original.size
        row: dict[str, Any] = {
            "id": file,
            "owner_id": self.sender,
            "client_id": file,
            "conversation_id": self.conversation,
            "item_id": item,
            "position": place,
            "state": FileState.CHECKING,
            "size": size,
            "received": size,
            "month": month,
            "sealed": seal_meta(self.vault, self.conversation, month, file, meta),
            "created_ms": at_ms,
            "touched_ms": at_ms,
        }
        tx.run_many(_NEW, [row])
        do_note_blobs(tx, file, [(Role.ORIGINAL, meta.original)])
        return File(
            file, self.sender, self.conversation, item, FileState.CHECKING, size, received=size, meta=meta
        )


def _shown(tx: Tx, vault: Vault, item: ItemId) -> tuple[File, ...]:
    """Return the files of a message that its readers can open. Raises NotFound ``no_file``."""
    files = files_of(tx, vault, item)
    if not files or any(file.state is not FileState.SHOWN for file in files):
        raise no_file()
    return files
