"""What the messaging core seals and opens: bodies, views, answers and the way out to the archive.

Everything is JSON under the conversation's month key, bound to its purpose and place, so that no
sealed value can stand in for another.
"""

from typing import Any, Protocol

import orjson

from core.crypto.envelope import Key, associated, open_sealed, seal
from core.types import ConversationId, ConversationKind


class MonthKeys(Protocol):
    """The keys of conversations, one a month (see ``core.crypto.chat_keys``)."""

    def ensure(self, conversation: str, month: str, retention_class: str) -> None:
        """Make the key if there is none, outside any transaction."""
        ...

    def key(self, conversation: str, month: str) -> Key:
        """Return the key. Raises IntegrityError ``integrity`` when it was destroyed."""
        ...

    def text_hash(self, conversation: str, month: str, text: str) -> str:
        """Return a keyed hash of ``text`` that dies with the month's key."""
        ...


class Vault:
    """Seals values of one conversation and month."""

    def __init__(self, keys: MonthKeys) -> None:
        self._keys = keys

    def ensure(self, conversation: ConversationId, month: str, kind: ConversationKind) -> None:
        """Make the month's key before a transaction that needs it."""
        self._keys.ensure(conversation, month, kind)

    def seal(self, purpose: str, conversation: str, month: str, place: str, value: Any) -> bytes:
        """Return ``value`` sealed for ``purpose`` at ``place`` (an id, an id and a version)."""
        key = self._keys.key(conversation, month)
        return seal(key, orjson.dumps(value, default=_plain), associated(purpose, conversation, month, place))

    def open(self, purpose: str, conversation: str, month: str, place: str, sealed: bytes) -> Any:
        """Return what :meth:`seal` was given. Raises IntegrityError."""
        key = self._keys.key(conversation, month)
        return orjson.loads(open_sealed(key, sealed, associated(purpose, conversation, month, place)))

    def text_hash(self, conversation: str, month: str, text: str) -> str:
        """Return the keyed hash that receipts and attempts keep of a text."""
        return self._keys.text_hash(conversation, month, text)


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    raise TypeError
