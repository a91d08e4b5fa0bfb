"""Destroying what is due, at the worker: proposes what is due, and carries out a signed ``expire``.

The chat's copy goes with the period key of the same month and class, which is a file: what lingers
in a database's free pages or a backup is closed by that. Every step may be repeated.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, delete, func, insert, select, update

from audit.archive.blobs import drop_blobs
from audit.archive.indexes import IndexState, LiveIndexes, index_states
from audit.archive.names import month_end, parse_partition
from audit.archive.partitions import Partitions
from audit.archive.reports import ReportKind, Reports
from audit.retention.schedule import Schedule
from core.blobs.sealed import Blobs
from core.errors import InvalidInput, Unavailable
from core.messaging.files.rows import do_drop_files
from core.schema import archive, chat
from core.store import Statement, Store, Tx
from core.types import Clock, to_ms

BATCH: Final = 500
REPORT_AGAIN_SECONDS: Final = 3_600.0
"""How long until a partition that is still due, for example because it is held, is reported again."""

_o, _i, _c, _v, _k = (
    chat.outbox.c,
    chat.items.c,
    chat.conversations.c,
    chat.versions.c,
    chat.chat_keys.c,
)
_r, _w, _g, _p, _d = (
    archive.records.c,
    archive.vocabulary.c,
    archive.index_generations.c,
    archive.partitions.c,
    archive.dropping.c,
)

# Rows that are sealed under the month's key, or belong into the month's partition.
_ON_ITS_WAY = Statement(
    select(func.count()).where(
        _o.retention_class == bindparam("kind"),
        (_o.month == bindparam("of_month")) | (_o.at_ms < bindparam("until")),
    )
)
_OF_MONTH = (
    (_i.month == bindparam("of_month")),
    _i.conversation_id.in_(select(_c.id).where(_c.kind == bindparam("kind"))),
)
_UNDECIDED = Statement(select(func.count()).where(*_OF_MONTH, _i.state == "quarantined"))
_SOME_ITEMS = Statement(select(_i.id).where(*_OF_MONTH, _i.state != "expired").limit(BATCH))
_EXPIRE_ITEM = Statement(
    update(chat.items).where(_i.id == bindparam("item")).values(state="expired", view=None, expires_ms=None)
)
_EMPTY_VERSIONS = Statement(update(chat.versions).where(_v.item_id == bindparam("item")).values(body=None))
_DELETE_CHAT_KEYS = Statement(
    delete(chat.chat_keys).where(_k.month == bindparam("of_month"), _k.retention_class == bindparam("kind"))
)
_IS_DROPPING = Statement(select(_d.job_id).where(_d.partition_id == bindparam("part")))
_DROPPING = Statement(insert(archive.dropping))
_SOME_RECORDS = Statement(
    select(_r.rid, _r.leaf_index).where(_r.partition_id == bindparam("part")).limit(BATCH)
)
_ACCOUNT = Statement(insert(archive.dropped_leaves))
_DROP_RECORD = Statement(delete(archive.records).where(_r.rid == bindparam("record")))
_DROP_WORDS = Statement(delete(archive.vocabulary).where(_w.partition_id == bindparam("part")))
_DROP_INDEXES = Statement(delete(archive.index_generations).where(_g.partition_id == bindparam("part")))
_DROP_PARTITION = Statement(delete(archive.partitions).where(_p.partition_id == bindparam("part")))


_CARRIED = Statement(
    select(_i.id)
    .join(chat.files, chat.files.c.item_id == _i.id)
    .join(chat.file_blobs, chat.file_blobs.c.file_id == chat.files.c.id)
    .where(chat.file_blobs.c.blob_id == bindparam("blob"), _i.state != "expired")
    .limit(1)
)


class PeriodKeys(Protocol):
    """The chat ring's period keys (see :class:`core.crypto.chat_keys.ChatKeys`)."""

    def destroy_period(self, month: str, retention_class: str) -> None:
        """Destroy the key of a month and class for good; may be repeated."""
        ...


class SearchedMonths(Protocol):
    """The employees' search index (see :class:`audit.chat_search.indexer.ChatIndexer`)."""

    def drop(self, month: str, kind: str) -> None:
        """Forget what was said in a month and kind; may be repeated."""
        ...


class Expiry:
    """The worker's side of destruction."""

    def __init__(
        self,
        *,
        chat_store: Store,
        archive_store: Store,
        desk_store: Store,
        schedule: Schedule,
        partitions: Partitions,
        indexes: LiveIndexes,
        periods: PeriodKeys,
        chat_search: SearchedMonths,
        blobs: Blobs,
        clock: Clock,
        failpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._chat = chat_store
        self._archive = archive_store
        self._desk = desk_store
        self._schedule = schedule
        self._partitions = partitions
        self._indexes = indexes
        self._periods = periods
        self._chat_search = chat_search
        self._blobs = blobs
        self._clock = clock
        self._reports = Reports(clock)
        self._failpoint = failpoint
        self._reported: dict[str, float] = {}

    def post_due(self) -> list[str]:
        """Report partitions that are due and of which nothing is on its way; return those."""
        posted = []
        now = self._clock.monotonic()
        for due in self._schedule.due():
            if self._reported.get(due.partition, now) > now or self._is_busy(due.month, due.retention_class):
                continue
            payload = {"partition": due.partition, "due_ms": due.due_ms}
            self._desk.write(
                lambda tx, p=payload: self._reports.put(tx, ReportKind.PARTITION_DUE, **p)  # type: ignore[misc]
            )
            self._reported[due.partition] = now + REPORT_AGAIN_SECONDS
            posted.append(due.partition)
        return posted

    def expire(self, job_id: str, payload: Mapping[str, Any]) -> str:
        """Carry out an ``expire`` job whose signature was verified; return what was done.

        Raises:
            InvalidInput: ``partition`` if the payload does not agree with itself.
            Unavailable: ``month_busy`` while anything of the month is still on its way; try again.
        """
        partition = str(payload["partition"])
        month, kind = parse_partition(partition)
        if (payload["month"], payload["class"]) != (month, kind):
            raise InvalidInput("Month and class are not the partition's.", code="partition")
        expired = self._expire_items(month, kind)
        self._failpoint("expire.after_items")
        self._periods.destroy_period(month, kind)
        self._chat.write(lambda tx: tx.run(_DELETE_CHAT_KEYS, of_month=month, kind=kind))
        self._chat_search.drop(month, kind)
        self._failpoint("expire.after_period")
        dropped = self._drop_records(partition, job_id)
        self._failpoint("expire.after_records")
        drop_blobs(self._archive, self._blobs, partition, self._is_passed_on)
        self._failpoint("expire.after_blobs")
        self._drop_index(partition)
        self._failpoint("expire.after_index")
        self._drop_partition(partition)
        self._partitions.forget(partition)
        self._failpoint("expire.after_partition")
        self._desk.write(lambda tx: self._reports.put(tx, ReportKind.PARTITION_EXPIRED, partition=partition))
        return f"{partition}: {expired} items expired, {dropped} records dropped"

    def _is_passed_on(self, blob: str) -> bool:
        """Tell whether a message that has not expired carries the same bytes: it may not be archived yet."""
        return self._chat.read(lambda tx: tx.one(_CARRIED, blob=blob)) is not None

    def _is_busy(self, month: str, kind: str) -> bool:
        until = to_ms(month_end(month))
        return self._chat.read(
            lambda tx: bool(
                tx.value(_ON_ITS_WAY, of_month=month, kind=kind, until=until)
                or tx.value(_UNDECIDED, of_month=month, kind=kind)
            )
        )

    def _expire_items(self, month: str, kind: str) -> int:
        """Mark the chat's items; nothing can be written to one that is marked."""
        self._check_quiet(month, kind)
        expired = 0

        def work(tx: Tx) -> int:
            items = [{"item": row.id} for row in tx.rows(_SOME_ITEMS, of_month=month, kind=kind)]
            tx.run_many(_EXPIRE_ITEM, items)
            tx.run_many(_EMPTY_VERSIONS, items)
            for item in items:
                do_drop_files(tx, str(item["item"]))
            return len(items)

        while batch := self._chat.write(work):
            expired += batch
        # What was written to an item before it was marked must be archived before its key goes.
        self._check_quiet(month, kind)
        return expired

    def _check_quiet(self, month: str, kind: str) -> None:
        if self._is_busy(month, kind):
            raise Unavailable(
                f"Something of {month} is still on its way to the archive.", code="month_busy", month=month
            )

    def _drop_records(self, partition: str, job_id: str) -> int:
        dropped = 0

        def begin(tx: Tx) -> None:
            if tx.one(_IS_DROPPING, part=partition) is None:
                tx.run(_DROPPING, partition_id=partition, job_id=job_id)

        def work(tx: Tx) -> int:
            rows = tx.rows(_SOME_RECORDS, part=partition)
            leaves = [{"leaf_index": row.leaf_index, "partition_id": partition} for row in rows]
            tx.run_many(_ACCOUNT, leaves)
            tx.run_many(_DROP_RECORD, [{"record": row.rid} for row in rows])
            return len(rows)

        self._archive.write(begin)
        while batch := self._archive.write(work):
            dropped += batch
            self._failpoint("expire.dropping_records")
        return dropped

    def _drop_index(self, partition: str) -> None:
        state = self._archive.read(index_states).get(partition, IndexState())
        for generation in range(1, max(state.live, state.building or 0) + 1):
            self._indexes.drop(partition, generation)
        self._indexes.forget(partition)

    def _drop_partition(self, partition: str) -> None:
        def work(tx: Tx) -> None:
            tx.run(_DROP_WORDS, part=partition)
            tx.run(_DROP_INDEXES, part=partition)
            tx.run(_DROP_PARTITION, part=partition)

        self._archive.write(work)
