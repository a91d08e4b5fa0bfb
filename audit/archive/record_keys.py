"""The worker's keys for new records: page keys that are soon forgotten, a data key for each record.

Rows are written before the records that need them; rows that no record came to use are harmless.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import insert, select

from audit.archive.partitions import WorkerPartition
from core.crypto.envelope import Key
from core.crypto.keystore import (
    PAGE_RECORDS,
    PAGE_SECONDS,
    DataKeyRow,
    PageKey,
    PageRow,
    new_data_key,
    new_page,
)
from core.schema import keystore
from core.store import Statement, Store, Tx
from core.types import Clock, new_id, to_ms

_ADD_PAGE = Statement(insert(keystore.pages))
_ADD_DATA_KEY = Statement(insert(keystore.data_keys))
_ADD_MEMBER = Statement(insert(keystore.audiences))
_REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What a record's key row says in the clear; ``people`` may each be put on hold."""

    partition: WorkerPartition
    rid: str
    conversation_id: str
    people: tuple[str, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class RecordKey:
    """A record's own key and the page that its wrapped form belongs to."""

    key: Key
    page_id: str


@dataclass(slots=True)
class _Page:
    page: PageKey
    made: float
    used: int = 0


class RecordKeys:
    """Makes keys and writes their rows; one object a worker."""

    def __init__(self, *, keystore_store: Store, clock: Clock, tenant: str) -> None:
        self._store = keystore_store
        self._clock = clock
        self._tenant = tenant
        self._pages: dict[tuple[str, int], _Page] = {}
        self._audiences: set[str] = set()

    def make(self, requests: Sequence[KeyRequest]) -> list[RecordKey]:
        """Return a fresh key for each request; all of their rows are durable then."""
        pages: list[PageRow] = []
        rows: list[DataKeyRow] = []
        keys: list[RecordKey] = []
        for request in requests:
            page = self._page(request.partition, pages)
            key, row = new_data_key(
                page,
                rid=request.rid,
                conversation_id=request.conversation_id,
                audience_id=audience_id(request.people),
                at_ms=request.at_ms,
            )
            rows.append(row)
            keys.append(RecordKey(key, page.page_id))
        audiences = {audience_id(request.people): request.people for request in requests if request.people}
        unknown = {name: people for name, people in audiences.items() if name not in self._audiences}

        def work(tx: Tx) -> None:
            tx.run_many(_ADD_PAGE, [asdict(page) for page in pages])
            tx.run_many(_ADD_MEMBER, _members(tx, unknown))
            tx.run_many(_ADD_DATA_KEY, [asdict(row) for row in rows])

        try:
            self._store.write(work)
        except BaseException:
            # A page whose row may be missing must not be used again.
            self._pages.clear()
            raise
        if len(self._audiences) > _REMEMBERED:
            self._audiences.clear()
        self._audiences |= unknown.keys()
        return keys

    def forget(self) -> None:
        """Forget every page key."""
        self._pages.clear()

    def _page(self, partition: WorkerPartition, made: list[PageRow]) -> PageKey:
        place = (partition.partition, partition.generation)
        held = self._pages.get(place)
        now = self._clock.monotonic()
        if held is None or held.used >= PAGE_RECORDS or now - held.made >= PAGE_SECONDS:
            page, row = new_page(
                partition.public,
                tenant=self._tenant,
                partition_id=partition.partition,
                generation=partition.generation,
                page_id=new_id(),
                at_ms=to_ms(self._clock.now()),
            )
            made.append(row)
            held = self._pages[place] = _Page(page, now)
        held.used += 1
        return held.page


def audience_id(people: Sequence[str]) -> str:
    """Return the name of a set of people: equal sets share one, and their rows."""
    return hashlib.sha256("\n".join(sorted(set(people))).encode()).hexdigest()[:32]


def _members(tx: Tx, audiences: dict[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """Return the rows of audiences that are not there yet."""
    column = keystore.audiences.c.audience_id
    there = {
        row.audience_id for row in tx.rows(Statement(select(column).where(column.in_(audiences)).distinct()))
    }
    return [
        {"audience_id": name, "person_id": person}
        for name, people in audiences.items()
        if name not in there
        for person in dict.fromkeys(people)
    ]
