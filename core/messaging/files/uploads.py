"""Uploading: a file comes in pieces of one size, in order, and goes on where it stopped.

Every piece is sealed and durable before it is answered. Nothing of it is shown to anybody before it was
sent with a message, read and decided.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from core.blobs.sealed import CHUNK, Blob, Blobs
from core.crypto.chat_keys import month_of
from core.errors import Conflict, InvalidInput, Limited, TooLarge
from core.messaging.files.model import FileState, Meta, Role, Stored
from core.messaging.files.names import clean_name
from core.messaging.files.rows import do_note_blobs, file_row, file_scheduled, no_file, open_file, seal_meta
from core.messaging.rooms import Rooms
from core.messaging.send import check_member
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import Clock, ConversationId, PersonId, new_id, to_ms

_f = chat.files.c

_NEW = Statement(insert(chat.files))
_OF_REQUEST = Statement(
    select(chat.files).where(_f.owner_id == bindparam("who"), _f.client_id == bindparam("client"))
)
_UNFINISHED = Statement(
    select(func.count().label("files"), func.coalesce(func.sum(_f.size), 0).label("bytes")).where(
        _f.owner_id == bindparam("who"), _f.state.in_(("uploading", "uploaded", "reserved"))
    )
)
_STARTED = Statement(
    select(_f.created_ms)
    # Files that came with a forwarded message were not uploaded; their request is their own id.
    .where(_f.owner_id == bindparam("who"), _f.created_ms > bindparam("since"), _f.client_id != _f.id)
    .order_by(_f.created_ms.desc())
    .limit(bindparam("most"))
)
_RECEIVED = Statement(
    update(chat.files)
    .where(_f.id == bindparam("file"), _f.received == bindparam("had"), _f.state == "uploading")
    .values(
        received=bindparam("has"),
        state=bindparam("new_state"),
        sealed=bindparam("meta"),
        touched_ms=bindparam("at"),
    )
)
_CANCEL = Statement(
    update(chat.files)
    .where(
        _f.id == bindparam("file"), _f.owner_id == bindparam("who"), _f.state.in_(("uploading", "uploaded"))
    )
    .values(state="gone", sealed=None)
)
_GONE = Statement(
    select(_f.id).where(
        _f.id == bindparam("file"), _f.owner_id == bindparam("who"), _f.state == "gone", _f.item_id.is_(None)
    )
)

MIB: Final = 1024 * 1024
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one file and one person may take, in bytes, and how many files somebody begins in a minute.

    ``by_policy`` asks the policy in force.
    """

    file: int
    unfinished: int
    count: int
    starts: int
    by_policy: Callable[[], int]

    def of_file(self) -> int:
        """Return how large a file may be now. Raises Unavailable ``policy_unavailable``."""
        return min(self.file, self.by_policy())


class Uploads:
    """Takes files in."""

    def __init__(
        self, *, store: Store, vault: Vault, rooms: Rooms, blobs: Blobs, clock: Clock, limits: UploadLimits
    ) -> None:
        self._store, self._vault, self._rooms = store, vault, rooms
        self._blobs, self._clock, self.limits = blobs, clock, limits

    def start(
        self, owner: PersonId, client_id: str, conversation: ConversationId, name: str, size: int
    ) -> dict[str, Any]:
        """Begin an upload, or find the one that this request began before.

        Raises:
            NotFound: ``no_conversation``.
            InvalidInput: ``empty_file``.
            TooLarge: ``file_too_large``, ``files_off``.
            Limited: ``too_much_unfinished``; ``rate``, with ``retry_after`` in seconds.
            Conflict: ``client_id_reused``, ``conversation_closed``.
        """
        kind = self._store.read(lambda tx: self._check(tx, owner, conversation))
        self._check_size(size)
        now = self._clock.now()
        month = month_of(now)
        self._vault.ensure(conversation, month, kind)
        blob = Blob.new(size)
        row: dict[str, Any] = {
            "id": new_id(),
            "owner_id": owner,
            "client_id": client_id,
            "conversation_id": conversation,
            "item_id": None,
            "position": 0,
            "state": FileState.UPLOADING,
            "size": size,
            "received": 0,
            "month": month,
            "created_ms": to_ms(now),
            "touched_ms": to_ms(now),
        }
        meta = Meta(clean_name(name), Stored.of(blob))
        row["sealed"] = seal_meta(self._vault, conversation, month, row["id"], meta)

        def work(tx: Tx) -> Row:
            found = tx.one(_OF_REQUEST, who=owner, client=client_id)
            if found is None:
                self._check_pace(tx, owner, to_ms(now))
                self._check_quota(tx, owner, size)
                tx.run_many(_NEW, [row])
                do_note_blobs(tx, row["id"], [(Role.ORIGINAL, meta.original)])
                found = tx.sole(_OF_REQUEST, who=owner, client=client_id)
            return found

        found = self._store.write(work)
        if (found.conversation_id, found.size) != (conversation, size) or found.sealed is None:
            raise Conflict(
                "This upload id was used for another file. Add the file again.", code="client_id_reused"
            )
        return self._told(found)

    def write(self, owner: PersonId, file: str, offset: int, content: bytes) -> dict[str, Any]:
        """Take the piece at ``offset``; one that is there already is answered like the first time.

        Raises:
            NotFound: ``no_file``.
            Conflict: ``wrong_offset`` with ``received``: where to go on.
            InvalidInput: ``wrong_length``.
        """
        row = self._own(owner, file)
        if offset < row.received or (offset == row.received == row.size and not content):
            return self._told(row)
        if offset > row.received or offset % CHUNK:
            raise Conflict(
                "This is not the next piece of the file.", code="wrong_offset", received=row.received
            )
        if len(content) != min(CHUNK, row.size - offset):
            raise InvalidInput("This piece of the file has the wrong length.", code="wrong_length")
        meta = open_file(self._vault, row).meta
        self._blobs.put_chunk(meta.original.blob(), offset // CHUNK, content)
        # Another request for the same place may still be on its way to the store, and arrive after the
        # file was read and decided: only the piece that is noted here is ever given out.
        meta = msgspec.structs.replace(meta, original=meta.original.with_piece(content))
        sealed = seal_meta(self._vault, ConversationId(row.conversation_id), row.month, file, meta)
        has = offset + len(content)
        state = FileState.UPLOADED if has == row.size else FileState.UPLOADING
        at = to_ms(self._clock.now())
        self._store.write(
            lambda tx: tx.run(_RECEIVED, file=file, had=offset, has=has, new_state=state, meta=sealed, at=at)
        )
        return self._told(self._own(owner, file))

    def state(self, owner: PersonId, file: str) -> dict[str, Any]:
        """Return how far an upload came. Raises NotFound ``no_file``."""
        return self._told(self._own(owner, file))

    def cancel(self, owner: PersonId, file: str) -> None:
        """Forget a file that was not sent; may be repeated.

        Raises:
            NotFound: ``no_file``.
            Conflict: ``file_sent``, ``file_scheduled``.
        """
        if self._store.write(lambda tx: tx.run(_CANCEL, file=file, who=owner)):
            return
        if self._store.read(lambda tx: tx.one(_GONE, file=file, who=owner)):
            return
        if self._own(owner, file).state == FileState.RESERVED:
            raise file_scheduled(file)
        raise Conflict("This file was sent already. Take the message back instead.", code="file_sent")

    def _check(self, tx: Tx, owner: PersonId, conversation: ConversationId) -> Any:
        room = self._rooms.load_for(tx, conversation, owner)
        check_member(room, owner)
        return room.kind

    def _check_size(self, size: int) -> None:
        if size < 1:
            raise InvalidInput("This file is empty.", code="empty_file")
        limit = self.limits.of_file()
        if limit < 1:
            raise TooLarge("Your firm's policy lets no files be sent.", code="files_off", limit=0)
        if size > limit:
            raise TooLarge(
                # Rounded up: a byte too much must not look like the limit itself.
                f"This file has {ceil(size * 10 / MIB) / 10:,.1f} MB; the limit is {limit // MIB:,} MB.",
                code="file_too_large",
                limit=limit,
            )

    def _check_pace(self, tx: Tx, owner: PersonId, now_ms: int) -> None:
        """Refuse what begins too fast, also where it was cancelled: bytes lie on the disk until the sweep."""
        minute = int(MINUTE.total_seconds() * 1000)
        started = tx.rows(_STARTED, who=owner, since=now_ms - minute, most=self.limits.starts)
        if len(started) < self.limits.starts:
            return
        wait = max(1, -(-(started[-1].created_ms + minute - now_ms) // 1000))
        raise Limited(
            "You are adding files too fast. Each of them goes on in a moment.", code="rate", retry_after=wait
        )

    def _check_quota(self, tx: Tx, owner: PersonId, size: int) -> None:
        held = tx.sole(_UNFINISHED, who=owner)
        if held.files >= self.limits.count or int(held.bytes) + size > self.limits.unfinished:
            raise Limited(
                "You have too many files here that were not sent. Send or remove some first.",
                code="too_much_unfinished",
            )

    def _own(self, owner: PersonId, file: str) -> Row:
        row = self._store.read(lambda tx: file_row(tx, file))
        if row.owner_id != owner:
            raise no_file()
        return row

    def _told(self, row: Row) -> dict[str, Any]:
        return {
            "id": row.id,
            "conversation": row.conversation_id,
            "name": open_file(self._vault, row).meta.name,
            "size": row.size,
            "received": row.received,
            "state": row.state,
            "chunk": CHUNK,
        }
