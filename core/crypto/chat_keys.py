"""The keys of the chat world: one a conversation and month, one an owner of names.

A conversation's month key is random, wrapped under the *period key* of its month and retention
class, and kept as a row. Period keys are files beside the ring's root: destroying one closes every
body of that month and class, in every process at once, whatever rows and backups remain. Names and
topics are sealed under owner keys (see :mod:`core.crypto.owner_keys`), which live as long as the
conversation.

Rows are reached through :class:`KeyRows`. ``ensure`` writes, so it is called outside of any
transaction; the other methods only read.
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from core.crypto.cache import KeyCache
from core.crypto.envelope import Key, associated, derive, keyed_hash, open_sealed, refused, seal
from core.crypto.owner_keys import CACHED_KEYS, OwnerKeyRows, OwnerKeys
from core.crypto.rings import Ring
from core.errors import Conflict, InvalidInput, NotFound

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class ChatKeyRow:
    """A wrapped month key as the chat store keeps it."""

    conversation_id: str
    month: str
    retention_class: str
    wrapped: bytes


class KeyRows(OwnerKeyRows, Protocol):
    """Where wrapped chat keys are kept. Inserting what is there already changes nothing."""

    def load_chat_key(self, conversation_id: str, month: str) -> ChatKeyRow | None:
        """Return the row of a conversation and month."""
        ...

    def insert_chat_key(self, row: ChatKeyRow) -> None:
        """Add ``row`` durably, unless there is one for its conversation and month."""
        ...


def month_of(at: datetime) -> str:
    """Return the month of ``at`` in UTC, as ``YYYY-MM``: what keys and partitions are named by."""
    return at.astimezone(UTC).strftime("%Y-%m")


class ChatKeys:
    """The chat ring's keys in one process; may be used from several threads."""

    def __init__(self, ring: Ring, rows: KeyRows, *, cached: int = CACHED_KEYS) -> None:
        self._ring = ring
        self._rows = rows
        self.owners = OwnerKeys(ring, rows, cached=cached)
        self._months: KeyCache[tuple[str, str], tuple[Key, Path]] = KeyCache(cached)
        self._periods: KeyCache[str, Key] = KeyCache(cached)

    def ensure(self, conversation: str, month: str, retention_class: str) -> None:
        """Make the keys that ``conversation`` needs in ``month`` if missing, outside any transaction.

        Two processes that do this at once end up with one key.

        Raises:
            Conflict: ``key_destroyed`` if that month's keys were destroyed.
            InvalidInput: ``month`` is not of the form YYYY-MM.
        """
        if self._cached_month(conversation, month) is not None:
            return
        self._refuse_destroyed(month, retention_class)
        self.owners.ensure(conversation)
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
        self._months.put(
            (conversation, month), (key, self._ring.path_of(_period_name(month, row.retention_class)))
        )
        return key

    def text_hash(self, conversation: str, month: str, text: str) -> str:
        """Return a keyed hash of ``text`` as 64 hexadecimal digits; it dies with the month's key.

        Raises:
            IntegrityError: the month's key is not there.
        """
        key = derive(self.key(conversation, month), "text-hash")
        return keyed_hash(key, "text", conversation, month, text).hex()

    def index_key(self, month: str, retention_class: str) -> Key:
        """Return the key of the employees' search index of a month and class; it dies with the period's.

        Raises:
            NotFound: the period has no key, or no longer.
        """
        return derive(self._period(month, retention_class, create=False), "search-index")

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

    def _cached_month(self, conversation: str, month: str) -> Key | None:
        cached = self._months.get((conversation, month))
        if cached is None:
            return None
        key, period = cached
        # Another process may have destroyed the period since; the file system tells in microseconds.
        if period.exists():
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
        try:
            self._refuse_destroyed(month, retention_class)
        except Conflict:
            self._ring.destroy_secret(name)
            raise

    def _refuse_destroyed(self, month: str, retention_class: str) -> None:
        if self._ring.has_secret(_destroyed_name(month, retention_class)):
            raise Conflict(
                f"The {retention_class} keys of {month} were destroyed; nothing can be written there.",
                code="key_destroyed",
            )


def _period_name(month: str, retention_class: str) -> str:
    return f"periods/{_checked(month)}.{retention_class}.key"


def _destroyed_name(month: str, retention_class: str) -> str:
    return f"periods/{_checked(month)}.{retention_class}.destroyed"


def _checked(month: str) -> str:
    if not _MONTH.fullmatch(month):
        raise InvalidInput(f"{month!r} is no month: write YYYY-MM.", code="month")
    return month
