"""Who is given which file: whoever sees its message now, and its sender while nobody else does."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from core.blobs.sealed import Blobs
from core.errors import NotFound
from core.messaging.files.model import File, FileState, Role, Stored
from core.messaging.files.rows import file_row, no_file, open_file
from core.messaging.model import Person
from core.messaging.naming import named
from core.messaging.rooms import Rooms
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import ConversationId, PersonId, from_ms, rfc3339

_f, _i = chat.files.c, chat.items.c

_ITEM = Statement(select(_i.state, _i.created_cseq).where(_i.id == bindparam("item")))
_LIST = Statement(
    select(chat.files, _i.sender_id, _i.created_ms.label("said_ms"), _i.created_cseq)
    .join(chat.items, _i.id == _f.item_id)
    .where(
        _f.conversation_id == bindparam("conv"),
        _f.state == "shown",
        _i.created_cseq > bindparam("sees_from"),
        _i.created_cseq < bindparam("before"),
    )
    .order_by(_i.created_cseq.desc(), _f.position)
    .limit(bindparam("count"))
)

PAGE: Final = 60
_NEWEST: Final = 2**53
_SENDERS_OWN: Final = frozenset(
    {FileState.UPLOADED, FileState.RESERVED, FileState.CHECKING, FileState.STOPPED}
)


@dataclass(frozen=True, slots=True)
class Given:
    """A file, or a part of it, that may be given to whoever asked."""

    file: File
    stored: Stored
    type: str


class ShownFiles:
    """Gives files out; who asks is looked at each time."""

    def __init__(self, *, store: Store, vault: Vault, rooms: Rooms, blobs: Blobs) -> None:
        self._store, self._vault, self._rooms, self._blobs = store, vault, rooms, blobs

    def get(self, person: PersonId, file: str, role: Role | None = None) -> Given:
        """Return a file as it is served, or one of its pictures.

        Raises:
            NotFound: ``no_file``; also for whoever may not have it.
        """
        opened = self._store.read(lambda tx: self._visible(tx, person, file))
        if role is None:
            kind = opened.meta.found.type if opened.meta.found else ""
            return Given(opened, opened.served, kind)
        stored = opened.part(role)
        if stored is None or role.is_evidence:
            raise no_file()
        return Given(opened, stored, stored.type)

    def read(self, given: Given, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to before ``end``. Raises as ``Blobs.read``."""
        return self._blobs.read(given.stored.blob(), start, end)

    def list(self, person: PersonId, conversation: ConversationId, before: int | None) -> dict[str, Any]:
        """Return a page of the files that were sent in a conversation, newest first.

        Raises:
            NotFound: ``no_conversation``.
        """

        def read(tx: Tx) -> tuple[list[Row], Collection[Person]]:
            self._rooms.load_for(tx, conversation, person)
            rows = tx.rows(
                _LIST,
                conv=conversation,
                sees_from=self._rooms.sees_from(tx, conversation, person),
                before=_NEWEST if before is None else before,
                count=PAGE,
            )
            return rows, self._rooms.gone(tx, {conversation: {row.sender_id for row in rows}})

        rows, gone = self._store.read(read)
        # A message is listed whole: what of the last one may be missing comes with the next page.
        whole = _whole(rows) if len(rows) == PAGE else rows
        files = [self._told(row) for row in whole]
        return {"files": files, "more": len(rows) == PAGE, "former": named(gone)}

    def _told(self, row: Row) -> dict[str, Any]:
        return {
            **open_file(self._vault, row).view(),
            "item": row.item_id,
            "sender": row.sender_id,
            "at": rfc3339(from_ms(row.said_ms)),
            "cseq": row.created_cseq,
        }

    def _visible(self, tx: Tx, person: PersonId, file: str) -> File:
        row = file_row(tx, file)
        try:
            room = self._rooms.load_for(tx, ConversationId(row.conversation_id), person)
        except NotFound:
            raise no_file() from None
        if row.state in _SENDERS_OWN and row.owner_id == person:
            return open_file(self._vault, row)
        item = tx.one(_ITEM, item=row.item_id) if row.state == FileState.SHOWN else None
        seen = item is not None and (item.created_cseq or 0) > self._rooms.sees_from(tx, room.id, person)
        if not seen:
            raise no_file()
        return open_file(self._vault, row)


def _whole(rows: list[Row]) -> list[Row]:
    last = rows[-1].created_cseq
    return [row for row in rows if row.created_cseq != last] or rows
