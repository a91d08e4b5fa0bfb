"""Wrapped chat keys in the chat store: :class:`core.crypto.chat_keys.KeyRows` on a real database."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, bindparam, exists, insert, select

from core.crypto.chat_keys import ChatKeyRow
from core.schema.chat import chat_keys, owner_keys
from core.store import Among, Statement, Store


def _insert_if_absent(table: Table) -> Statement:
    values = [bindparam(column.name, type_=column.type) for column in table.c]
    taken = exists().where(*(column == bindparam(column.name) for column in table.primary_key))
    return Statement(insert(table).from_select([c.name for c in table.c], select(*values).where(~taken)))


_ADD_CHAT_KEY = _insert_if_absent(chat_keys)
_ADD_OWNER_KEY = _insert_if_absent(owner_keys)
_CHAT_KEY = Statement(
    select(chat_keys).where(
        chat_keys.c.conversation_id == bindparam("conversation"), chat_keys.c.month == bindparam("of_month")
    )
)
_OWNER_KEY = Statement(select(owner_keys.c.wrapped).where(owner_keys.c.owner_id == bindparam("owner")))

_OWNER_KEYS = Among(select(owner_keys), owner_keys.c.owner_id)


class StoredKeyRows:
    """The ``chat_keys`` and ``owner_keys`` tables. Every insert is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load_chat_key(self, conversation_id: str, month: str) -> ChatKeyRow | None:
        """Return the row of a conversation and month."""
        row = self._store.read(lambda tx: tx.one(_CHAT_KEY, conversation=conversation_id, of_month=month))
        if row is None:
            return None
        return ChatKeyRow(row.conversation_id, row.month, row.retention_class, bytes(row.wrapped))

    def insert_chat_key(self, row: ChatKeyRow) -> None:
        """Add ``row`` durably, unless there is one for its conversation and month."""
        self._store.write(
            lambda tx: tx.run(
                _ADD_CHAT_KEY,
                conversation_id=row.conversation_id,
                month=row.month,
                retention_class=row.retention_class,
                wrapped=row.wrapped,
            )
        )

    def load_owner_key(self, owner_id: str) -> bytes | None:
        """Return an owner's wrapped key."""
        wrapped: Any = self._store.read(lambda tx: tx.value(_OWNER_KEY, owner=owner_id))
        return None if wrapped is None else bytes(wrapped)

    def load_owner_keys(self, owner_ids: Iterable[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those owners that have one."""
        rows: list[Any] = self._store.read(lambda tx: _OWNER_KEYS.rows(tx, owner_ids))
        return {row.owner_id: bytes(row.wrapped) for row in rows}

    def insert_owner_key(self, owner_id: str, wrapped: bytes) -> None:
        """Add an owner's wrapped key durably, unless there is one."""
        self._store.write(lambda tx: tx.run(_ADD_OWNER_KEY, owner_id=owner_id, wrapped=wrapped))
