"""The desk's way to the keys of records: partition keys from files, pages and data keys from rows.

A partition whose key file is gone is closed at once, whatever was remembered of it.
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select

from core.crypto.cache import KeyCache
from core.crypto.envelope import Key
from core.crypto.hybrid import HybridPrivate
from core.crypto.keystore import DataKeyRow, PageKey, PageRow, open_data_key, open_page
from core.crypto.partitions import PartitionKeys
from core.errors import IntegrityError
from core.schema import keystore
from core.store import Statement, Store

PAGES_CACHED: Final = 4096
PRIVATE_CACHED: Final = 256

Place = tuple[str, int]
"""A partition and a generation of its keys."""


class KeyReader:
    """Opens the keys of records; one object a desk process."""

    def __init__(self, *, keystore_store: Store, keys: PartitionKeys, tenant: str) -> None:
        self._store = keystore_store
        self._keys = keys
        self._tenant = tenant
        self._pages: KeyCache[str, PageKey] = KeyCache(PAGES_CACHED)
        self._private: KeyCache[Place, HybridPrivate] = KeyCache(PRIVATE_CACHED)

    def is_open(self, place: Place) -> bool:
        """Tell whether a partition's keys are there."""
        if self._keys.exists(*place):
            return True
        self._private.drop(place)
        return False

    def private(self, place: Place) -> HybridPrivate:
        """Return a partition's private key.

        Raises:
            NotFound: ``keys_missing`` if it was destroyed.
        """
        held = self._private.get(place)
        if held is None or not self.is_open(place):
            held = self._keys.private(*place)
            self._private.put(place, held)
        return held

    def index_key(self, place: Place) -> Key:
        """Return the key of a partition's blind tokens; raises as :meth:`private`."""
        return self._keys.index_key(*place)

    def data_keys(self, rids: Collection[str]) -> Mapping[str, Key]:
        """Return the keys of records by id; without those that are gone or do not verify."""
        column = keystore.data_keys.c.rid
        wrapped = Statement(select(keystore.data_keys).where(column.in_(list(rids))))
        rows = self._store.read(lambda tx: tx.rows(wrapped))
        missing = {row.page_id for row in rows if self._pages.get(row.page_id) is None}
        found = Statement(select(keystore.pages).where(keystore.pages.c.page_id.in_(missing)))
        pages = {row.page_id: row for row in self._store.read(lambda tx: tx.rows(found))} if missing else {}
        keys: dict[str, Key] = {}
        for row in rows:
            try:
                page = self._page(row.page_id, pages)
                if page is not None:
                    keys[row.rid] = open_data_key(page, DataKeyRow(*row))
            except IntegrityError:
                continue
        return keys

    def _page(self, page_id: str, rows: Mapping[str, PageRow]) -> PageKey | None:
        page = self._pages.get(page_id)
        if page is None:
            row = rows.get(page_id)
            if row is None or not self.is_open((row.partition_id, row.generation)):
                return None
            private = self.private((row.partition_id, row.generation))
            page = open_page(private, PageRow(*row), tenant=self._tenant)  # type: ignore[misc]
            self._pages.put(page_id, page)
        if self.is_open((page.partition_id, page.generation)):
            return page
        self._pages.drop(page_id)
        return None
