"""Page keys and data keys: how a record's key is kept without the worker being able to read back.

The worker makes a random *page key*, seals it once to the partition's public key and forgets it
after at most 1,024 records or ten minutes. Every record has a data key of its own, wrapped under
the page key in a row of its own. Only the holder of the partition's private key opens a page
again. Every clear column of a row is associated data, so rows cannot be swapped.

Pure functions on values; the rows are stored by others.
"""

from dataclasses import dataclass
from typing import Final

from core.crypto.envelope import Key, associated, open_sealed, seal
from core.crypto.hybrid import HybridPrivate, HybridPublic, open_with, seal_to

PAGE_RECORDS: Final = 1024
"""After this many records a page key is forgotten."""
PAGE_SECONDS: Final = 600.0
"""After this many seconds a page key is forgotten."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A sealed page key as the keystore keeps it; ``at_ms`` is when it was made."""

    page_id: str
    partition_id: str
    generation: int
    sealed: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class PageKey:
    """An open page key and the place that it is bound to."""

    page_id: str
    partition_id: str
    generation: int
    key: Key


@dataclass(frozen=True, slots=True)
class DataKeyRow:
    """A record's wrapped key and what retention and holds need to find it."""

    rid: str
    page_id: str
    partition_id: str
    wrapped: bytes
    conversation_id: str
    audience_id: str
    at_ms: int


def new_page(
    public: HybridPublic, *, tenant: str, partition_id: str, generation: int, page_id: str, at_ms: int
) -> tuple[PageKey, PageRow]:
    """Return a fresh page key, and its row sealed to the partition."""
    key = Key.generate()
    info = _page_info(tenant, partition_id, generation, page_id, at_ms)
    row = PageRow(page_id, partition_id, generation, seal_to(public, key.material, info), at_ms)
    return PageKey(page_id, partition_id, generation, key), row


def open_page(private: HybridPrivate, row: PageRow, *, tenant: str) -> PageKey:
    """Return the page key of ``row``.

    Raises:
        IntegrityError: another partition, another place, or an altered row.
    """
    info = _page_info(tenant, row.partition_id, row.generation, row.page_id, row.at_ms)
    key = Key(open_with(private, row.sealed, info))
    return PageKey(row.page_id, row.partition_id, row.generation, key)


def new_data_key(
    page: PageKey, *, rid: str, conversation_id: str, audience_id: str, at_ms: int
) -> tuple[Key, DataKeyRow]:
    """Return a fresh data key for the record ``rid``, and its row wrapped under the page."""
    key = Key.generate()
    aad = _data_key_aad(page.page_id, page.partition_id, rid, conversation_id, audience_id, at_ms)
    wrapped = seal(page.key, key.material, aad)
    row = DataKeyRow(rid, page.page_id, page.partition_id, wrapped, conversation_id, audience_id, at_ms)
    return key, row


def open_data_key(page: PageKey, row: DataKeyRow) -> Key:
    """Return the data key of ``row``.

    Raises:
        IntegrityError: another page's row, or any of its columns was altered.
    """
    aad = _data_key_aad(
        row.page_id, row.partition_id, row.rid, row.conversation_id, row.audience_id, row.at_ms
    )
    return Key(open_sealed(page.key, row.wrapped, aad))


def _page_info(tenant: str, partition: str, generation: int, page: str, at_ms: int) -> bytes:
    return associated("page-key/v1", tenant, partition, generation, page, at_ms)


def _data_key_aad(page: str, partition: str, rid: str, conversation: str, audience: str, at_ms: int) -> bytes:
    return associated("data-key/v1", page, partition, rid, conversation, audience, at_ms)
