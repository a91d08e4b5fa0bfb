"""The keys of the chat world: one a conversation and month, one an owner of names.

A conversation's month key is random, wrapped under the *period key* of its month and retention
class, and kept as a row. Period keys are files beside the ring's root: destroying one closes every
body of that month and class, in every process at once, whatever rows and backups remain. Owner
keys (people, conversation names and topics) are wrapped under the ring's root and live as long as
their owner.

Rows are reached through :class:`KeyRows`. ``ensure`` and ``ensure_owner`` write, so they are called
outside of any transaction; the other methods only read.
"""

import contextlib
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, Protocol, TypeVar

from core.crypto.envelope import (
    Key,
    associated,
    derive,
    keyed_hash,
    open_sealed,
    refused,
    seal,
)
from core.crypto.rings import Ring
from core.errors import Conflict, InvalidInput, NotFound

CACHED_KEYS: Final = 8192
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_TAG_BYTES: Final = 16

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ChatKeyRow:
    """A wrapped month key as the chat store keeps it."""

    conversation_id: str
    month: str
    retention_class: str
    wrapped: bytes


class KeyRows(Protocol):
    """Where wrapped chat keys are kept. Inserting what is there already changes nothing."""

    def load_chat_key(self, conversation_id: str, month: str) -> ChatKeyRow | None:
        """Return the row of a conversation and month."""
        ...

    def insert_chat_key(self, row: ChatKeyRow) -> None:
        """Add ``row`` durably, unless there is one for its conversation and month."""
        ...

    def load_owner_key(self, owner_id: str) -> bytes | None:
        """Return an owner's wrapped key."""
        ...

    def insert_owner_key(self, owner_id: str, wrapped: bytes) -> None:
        """Add an owner's wrapped key durably, unless there is one."""
        ...


def month_of(at: datetime) -> str:
    """Return the month of ``at`` in UTC, as ``YYYY-MM``: what keys and partitions are named by."""
    return at.astimezone(UTC).strftime("%Y-%m")


class ChatKeys:
    """The chat ring's keys in one process; may be used from several threads."""

    def __init__(self, ring: Ring, rows: KeyRows, *, cached: int = CACHED_KEYS) -> None:
        self._ring = ring
        self._rows = rows
        self._tags = ring.subkey("tags")
        self._months: _Cache[tuple[str, str], tuple[Key, str]] = _Cache(cached)
        self._periods: _Cache[str, Key] = _Cache(cached)
        self._owners: _Cache[str, Key] = _Cache(cached)

    def ensure(self, conversation: str, month: str, retention_class: str) -> None:
        """Make the key of ``conversation`` in ``month`` if there is none, outside any transaction.

        Two processes that do this at once end up with one key.

        Raises:
            Conflict: ``key_destroyed`` if that month's keys were destroyed.
            InvalidInput: ``month`` is not of the form YYYY-MM.
        """
        if self._cached_month(conversation, month) is not None:
            return
        if self._rows.load_chat_key(conversation, month) is None:
            period = self._period(month, retention_class, create=True)
            bound = associated("chat-key/v1", conversation, month, retention_class)
            wrapped = seal(period, Key.generate().material, bound)
            self._rows.insert_chat_key(ChatKeyRow(conversation, month, retention_class, wrapped))
        self.key(conversation, month)

    def key(self, conversation: str, month: str) -> Key:
        """Return the key of ``conversation`` in ``month``.

        Raises:
            IntegrityError: there is none, it was destroyed, or its row was altered.
        """
        cached = self._cached_month(conversation, month)
        if cached is not None:
            return cached
        row = self._rows.load_chat_key(conversation, month)
        if row is None:
            raise refused()
        try:
            period = self._period(month, row.retention_class, create=False)
        except NotFound:
            raise refused() from None
        bound = associated("chat-key/v1", conversation, month, row.retention_class)
        key = Key(open_sealed(period, row.wrapped, bound))
        self._months.put((conversation, month), (key, row.retention_class))
        return key

    def text_hash(self, conversation: str, month: str, text: str) -> str:
        """Return a keyed hash of ``text`` as 64 hexadecimal digits; it dies with the month's key.

        Raises:
            IntegrityError: the month's key is not there.
        """
        key = derive(self.key(conversation, month), "text-hash")
        return keyed_hash(key, "text", conversation, month, text).hex()

    def destroy_period(self, month: str, retention_class: str) -> None:
        """Destroy the period key of a month and class, for every process and for good; repeatable."""
        destroyed = _destroyed_name(month, retention_class)
        with contextlib.suppress(Conflict):
            self._ring.write_secret(destroyed, b"")
        self._ring.destroy_secret(_period_name(month, retention_class))
        self._periods.drop(_period_name(month, retention_class))

    def period_exists(self, month: str, retention_class: str) -> bool:
        """Tell whether bodies of that month and class can be read."""
        return self._ring.has_secret(_period_name(month, retention_class))

    def ensure_owner(self, owner_id: str) -> None:
        """Make the key of an owner if there is none, outside any transaction."""
        if self._owners.get(owner_id) is None and self._rows.load_owner_key(owner_id) is None:
            wrapped = self._ring.root.wrap(Key.generate().material, associated("owner-key/v1", owner_id))
            self._rows.insert_owner_key(owner_id, wrapped)

    def owner_key(self, owner_id: str) -> Key:
        """Return the key of a person, or of a conversation's names.

        Raises:
            IntegrityError: there is none, or its row was altered.
        """
        key = self._owners.get(owner_id)
        if key is None:
            wrapped = self._rows.load_owner_key(owner_id)
            if wrapped is None:
                raise refused()
            key = Key(self._ring.root.unwrap(wrapped, associated("owner-key/v1", owner_id)))
            self._owners.put(owner_id, key)
        return key

    def seal_for_owner(self, owner_id: str, purpose: str, plaintext: bytes) -> bytes:
        """Return ``plaintext`` sealed under the owner's key, bound to owner and purpose.

        Raises:
            IntegrityError: the owner has no key yet (see :meth:`ensure_owner`).
        """
        return seal(self.owner_key(owner_id), plaintext, associated("owned/v1", owner_id, purpose))

    def open_for_owner(self, owner_id: str, purpose: str, sealed: bytes) -> bytes:
        """Return what :meth:`seal_for_owner` sealed.

        Raises:
            IntegrityError: another owner's, another purpose's, or altered.
        """
        return open_sealed(self.owner_key(owner_id), sealed, associated("owned/v1", owner_id, purpose))

    def tag(self, purpose: str, value: str) -> str:
        """Return a keyed tag of ``value``, 32 hexadecimal digits: equal values meet, nothing is told."""
        return keyed_hash(self._tags, "tag", purpose, value)[:_TAG_BYTES].hex()

    def _cached_month(self, conversation: str, month: str) -> Key | None:
        cached = self._months.get((conversation, month))
        if cached is None:
            return None
        key, retention_class = cached
        # Another process may have destroyed the period since; the file system tells in microseconds.
        if self._ring.has_secret(_period_name(month, retention_class)):
            return key
        self._months.drop((conversation, month))
        return None

    def _period(self, month: str, retention_class: str, *, create: bool) -> Key:
        name = _period_name(month, retention_class)
        key = self._periods.get(name)
        if key is not None and self._ring.has_secret(name):
            return key
        self._periods.drop(name)
        if create and not self._ring.has_secret(name):
            self._make_period(month, retention_class)
        key = Key(self._ring.read_secret(name))
        self._periods.put(name, key)
        return key

    def _make_period(self, month: str, retention_class: str) -> None:
        name = _period_name(month, retention_class)
        try:
            self._ring.write_secret(name, Key.generate().material)
        except Conflict:
            return
        # Checked after writing, so that a destruction in between is seen and not undone.
        if self._ring.has_secret(_destroyed_name(month, retention_class)):
            self._ring.destroy_secret(name)
            raise Conflict(
                f"The {retention_class} keys of {month} were destroyed; nothing can be written there.",
                code="key_destroyed",
            )


class _Cache(Generic[K, V]):
    """A bounded map without a lock.

    Single dictionary operations are atomic, and a lock made under a patched ``threading`` must not
    be shared between an event loop and its thread pool.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        self._entries[key] = value
        while len(self._entries) > self._size:
            try:
                oldest = next(iter(self._entries))
            except (StopIteration, RuntimeError):  # another thread is evicting
                return
            self._entries.pop(oldest, None)

    def drop(self, key: K) -> None:
        self._entries.pop(key, None)


def _period_name(month: str, retention_class: str) -> str:
    return f"periods/{_checked(month)}.{retention_class}.key"


def _destroyed_name(month: str, retention_class: str) -> str:
    return f"periods/{_checked(month)}.{retention_class}.destroyed"


def _checked(month: str) -> str:
    if not _MONTH.fullmatch(month):
        raise InvalidInput(f"{month!r} is no month: write YYYY-MM.", code="month")
    return month
