"""The rows of files: read, attached to messages, and dropped with them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from core.errors import Conflict, NotFound
from core.messaging.files.model import PURPOSE, File, FileState, Meta, Role, Stored
from core.messaging.model import ItemState
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId

_f, _b, _i = chat.files.c, chat.file_blobs.c, chat.items.c

_ONE = Statement(select(chat.files).where(_f.id == bindparam("file")))
_OF_ITEM = Statement(
    select(chat.files).where(_f.item_id == bindparam("item"), _f.state != "gone").order_by(_f.position)
)
_ITEM_STATE = Statement(select(_i.state, _i.sender_id).where(_i.id == bindparam("item")))
_ATTACH = Statement(
    update(chat.files)
    .where(_f.id == bindparam("file"))
    .values(
        item_id=bindparam("to_item"),
        position=bindparam("place"),
        state="checking",
        month=bindparam("of_month"),
        sealed=bindparam("meta"),
        touched_ms=bindparam("at"),
    )
)
_FOUND = Statement(
    update(chat.files)
    .where(_f.id == bindparam("file"), _f.state == "checking")
    .values(sealed=bindparam("meta"), touched_ms=bindparam("at"))
)
_MOVE = Statement(
    update(chat.files)
    .where(_f.item_id == bindparam("item"), _f.state != "gone")
    .values(state=bindparam("to_state"))
)
_DROP = Statement(update(chat.files).where(_f.item_id == bindparam("item")).values(state="gone", sealed=None))
_RESERVE = Statement(
    update(chat.files)
    .where(_f.id == bindparam("file"), _f.state == "uploaded")
    .values(state="reserved", item_id=bindparam("to_item"), position=bindparam("place"))
)
_FREE = Statement(
    update(chat.files)
    .where(_f.item_id == bindparam("item"), _f.state == "reserved")
    .values(state="uploaded", item_id=None, touched_ms=bindparam("at"))
)
_LET_GO = Statement(
    update(chat.files)
    .where(_f.item_id == bindparam("item"), _f.state == "reserved")
    .values(state="gone", item_id=None, sealed=None)
)
_NOTE_BLOB = Statement(insert(chat.file_blobs))

_ANSWERABLE = frozenset({ItemState.NEEDS_CONFIRMATION, ItemState.NEEDS_REASON})


def open_file(vault: Vault, row: Row) -> File:
    """Return a row that is not gone, opened. Raises IntegrityError."""
    meta = vault.open(PURPOSE, row.conversation_id, row.month, row.id, row.sealed)
    return File(
        id=row.id,
        owner=row.owner_id,
        conversation=row.conversation_id,
        item=row.item_id,
        state=FileState(row.state),
        size=row.size,
        received=row.received,
        meta=msgspec.convert(meta, Meta),
    )


def seal_meta(vault: Vault, conversation: str, month: str, file: str, meta: Meta) -> bytes:
    """Return what :func:`open_file` opens."""
    return vault.seal(PURPOSE, conversation, month, file, msgspec.to_builtins(meta))


def file_row(tx: Tx, file: str) -> Row:
    """Return the row of a file that is there. Raises NotFound ``no_file``."""
    row = tx.one(_ONE, file=file)
    if row is None or row.sealed is None:
        raise no_file()
    return row


def no_file() -> NotFound:
    """Return what is raised for a file that is not there, or not for whoever asks."""
    return NotFound("This file is not there, or no longer.", code="no_file")


def files_of(tx: Tx, vault: Vault, item: str) -> tuple[File, ...]:
    """Return the files of a message, in its order."""
    return tuple(open_file(vault, row) for row in tx.rows(_OF_ITEM, item=item))


def check_sendable(
    tx: Tx, conversation: ConversationId, sender: PersonId, files: Sequence[str], *, reserved: bool = False
) -> list[Row]:
    """Return the rows of files that ``sender`` may send now: uploaded whole, or stopped with a question.

    ``reserved`` are those of a scheduled message, and no others may be sent with it.

    Raises:
        NotFound: ``no_file``.
        Conflict: ``file_unfinished``, ``file_sent``, ``file_scheduled``.
    """
    waits = FileState.RESERVED if reserved else FileState.UPLOADED
    rows = [file_row(tx, file) for file in files]
    for row in rows:
        if row.owner_id != sender or row.conversation_id != conversation:
            raise no_file()
        if row.state == FileState.UPLOADING:
            raise Conflict("A file is not uploaded to its end yet.", code="file_unfinished", file=row.id)
        if row.state == FileState.RESERVED and not reserved:
            raise file_scheduled(row.id)
        if row.state != waits and not _is_asked_about(tx, row):
            raise Conflict("This file was sent already. Add it again.", code="file_sent", file=row.id)
    return rows


def file_scheduled(file: str) -> Conflict:
    """Return what is raised for a file that goes with a scheduled message."""
    return Conflict(
        "This file goes with a message that you scheduled. Take that back first.",
        code="file_scheduled",
        file=file,
    )


def do_reserve(
    tx: Tx, conversation: ConversationId, sender: PersonId, files: Sequence[str], scheduled: str
) -> None:
    """Keep files for a scheduled message. Raises as :func:`check_sendable`."""
    check_sendable(tx, conversation, sender, files)
    for place, file in enumerate(files):
        if not tx.run(_RESERVE, file=file, to_item=scheduled, place=place):
            raise Conflict("This file was sent already. Add it again.", code="file_sent", file=file)


def do_free(tx: Tx, scheduled: str, at_ms: int) -> None:
    """Give the files of a scheduled message back to its sender, to be sent otherwise."""
    tx.run(_FREE, item=scheduled, at=at_ms)


def do_let_go(tx: Tx, scheduled: str) -> None:
    """Forget the files of a scheduled message that is taken back: as if they had never been sent."""
    tx.run(_LET_GO, item=scheduled)


def file_ids(tx: Tx, item: str) -> tuple[str, ...]:
    """Return the ids of the files of a message, or of a scheduled one, in its order."""
    return tuple(row.id for row in tx.rows(_OF_ITEM, item=item))


def _is_asked_about(tx: Tx, row: Row) -> bool:
    """Tell whether the file waits with a message that only needs its sender's answer."""
    item = tx.one(_ITEM_STATE, item=row.item_id) if row.state == FileState.STOPPED else None
    return item is not None and item.state in _ANSWERABLE


def do_attach(tx: Tx, vault: Vault, row: Row, item: ItemId, place: int, month: str, at_ms: int) -> File:
    """Let a message carry a file from now on: sealed under the month of the message, to die with it."""
    file = open_file(vault, row)
    sealed = seal_meta(vault, row.conversation_id, month, row.id, file.meta)
    tx.run(_ATTACH, file=row.id, to_item=item, place=place, of_month=month, meta=sealed, at=at_ms)
    return file


def do_note_found(tx: Tx, vault: Vault, file: str, meta: Meta, at_ms: int) -> None:
    """Keep what was found in a file that still is being checked. Raises NotFound ``no_file``."""
    row = file_row(tx, file)
    sealed = seal_meta(vault, row.conversation_id, row.month, file, meta)
    if not tx.run(_FOUND, file=file, meta=sealed, at=at_ms):
        raise no_file()


def do_note_blobs(tx: Tx, file: str, parts: Sequence[tuple[Role, Stored]]) -> None:
    """Note which blobs there are for a file, so that they are found when its keys are gone."""
    rows: list[dict[str, Any]] = [
        {"blob_id": part.id, "file_id": file, "role": str(role), "size": part.size} for role, part in parts
    ]
    tx.run_many(_NOTE_BLOB, rows)


def do_move_files(tx: Tx, item: str, state: FileState) -> None:
    """Bring the files of a message to ``state``."""
    tx.run(_MOVE, item=item, to_state=state)


def do_drop_files(tx: Tx, item: str) -> None:
    """Let the chat forget the files of a message: their keys go now, their blobs with the next sweep."""
    tx.run(_DROP, item=item)
