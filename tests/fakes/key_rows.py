"""Wrapped chat keys in memory."""

from collections.abc import Iterable

from core.crypto.chat_keys import ChatKeyRow


class MemoryKeyRows:
    """A :class:`core.crypto.chat_keys.KeyRows` of dictionaries."""

    def __init__(self) -> None:
        self.chat: dict[tuple[str, str], ChatKeyRow] = {}
        self.owners: dict[str, bytes] = {}

    def load_chat_key(self, conversation_id: str, month: str) -> ChatKeyRow | None:
        return self.chat.get((conversation_id, month))

    def insert_chat_key(self, row: ChatKeyRow) -> None:
        self.chat.setdefault((row.conversation_id, row.month), row)

    def load_owner_key(self, owner_id: str) -> bytes | None:
        return self.owners.get(owner_id)

    def load_owner_keys(self, owner_ids: Iterable[str]) -> dict[str, bytes]:
        return {owner: self.owners[owner] for owner in owner_ids if owner in self.owners}

    def insert_owner_key(self, owner_id: str, wrapped: bytes) -> None:
        self.owners.setdefault(owner_id, wrapped)
