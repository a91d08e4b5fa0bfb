"""Searching and reading for an officer: inside a matter, with a reason, and on record before any text.

The index answers with ids. Records are then fetched under all checks, decrypted and marked. Every
page says what it was drawn from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audit.archive.blobs import Evidence, evidence_in
from audit.archive.presenting import Label, Shown, label, present
from audit.archive.reader import ArchiveReader
from audit.archive.scope import Coverage, Scopes
from audit.search.leaf import QueryWarning
from audit.search.port import Hit, SearchIndex
from audit.search.query import parse
from audit.search.run import PAGE, search
from core.errors import Denied, InvalidInput, NotFound
from core.identity.sealing import Recorder
from core.store import Store, Tx
from core.trail import Tag

QUEUE_PREFIX: Final = "queue/"
"""A purpose whose matter is ``queue/<item>`` reads that one item, for a decision of the release queue."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Who reads, in which matter (or release-queue entry), and why."""

    officer: str
    matter: str
    reason: str

    def covers(self, item: str | None) -> bool:
        """Tell whether this purpose reaches an item; None stands for more than one."""
        if not self.matter.startswith(QUEUE_PREFIX):
            return True
        return item is not None and self.matter == QUEUE_PREFIX + item


Admit = Callable[[Tx, Purpose], None]
"""Raises Denied unless the officer may read for this purpose; runs in the trail's transaction."""


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page: what was found, newest first, how much there is, and what it was drawn from.

    ``total`` is exact where ``total_exact``, else a lower bound. ``unreadable`` are candidates whose
    text could not be had, and which may or may not match.
    """

    rows: tuple[Shown, ...]
    total: int
    total_exact: bool
    next_page: Hit | None
    coverage: Coverage
    warnings: tuple[QueryWarning, ...]
    unreadable: tuple[str, ...]


class SearchService:
    """What the desk asks; every method leaves a trail row first."""

    def __init__(
        self,
        *,
        reader: ArchiveReader,
        scopes: Scopes,
        index: SearchIndex,
        desk_store: Store,
        admit: Admit,
        record: Recorder,
    ) -> None:
        self._reader = reader
        self._scopes = scopes
        self._index = index
        self._store = desk_store
        self._admit = admit
        self._record = record

    def search(
        self,
        purpose: Purpose,
        query: str,
        *,
        limit: int = PAGE,
        after: Hit | None = None,
        first_month: str = "",
        last_month: str = "",
    ) -> ResultPage:
        """Return a page of what ``query`` finds, in the months given (``YYYY-MM``; empty: no bound).

        Raises:
            Denied: the officer may not read for this purpose.
            InvalidInput: ``bad_query``, ``too_common`` or ``reason_missing``; nothing was searched.
            Unavailable: ``index_unavailable``.
        """
        parsed = parse(query)
        bounds = {"first_month": first_month, "last_month": last_month}
        months = {name: month for name, month in bounds.items() if month}
        self._note(Tag.ARCHIVE_SEARCHED, purpose, purpose.matter, {"query": query, **months})
        scope = self._scopes.open(**months)
        found = search(self._index, scope.partitions, parsed, self._reader, limit=limit, after=after)
        rids = [hit.rid for hit in found.hits]
        if rids:
            self._note(Tag.RECORD_READ, purpose, purpose.matter, {"records": rids, "found_by": query})
        return ResultPage(
            rows=tuple(present(r, parsed.tree, excerpt=True) for r in self._reader.records(rids)),
            total=found.total,
            total_exact=found.total_exact,
            next_page=found.next_page,
            coverage=scope.coverage,
            warnings=found.warnings,
            unreadable=found.unverified,
        )

    def versions(self, purpose: Purpose, item: str, *, query: str = "") -> tuple[Shown, ...]:
        """Return every version of an item, the first one first.

        Raises:
            Denied: the officer may not read for this purpose.
            NotFound: ``no_record``.
        """
        tree = parse(query).tree if query else None
        self._note(Tag.RECORD_READ, purpose, item, {"versions": True}, item=item)
        records = self._reader.versions_of(item)
        if not records:
            raise NotFound("There is no such record.", code="no_record")
        return tuple(present(record, tree) for record in records)

    def file(self, purpose: Purpose, item: str, file: str) -> Evidence:
        """Return where a file of an item is, as its sender sent it.

        Raises:
            Denied: the officer may not read for this purpose.
            NotFound: ``no_file``.
        """
        self._note(Tag.FILE_READ, purpose, item, {"file": file}, item=item)
        for record in reversed(self._reader.versions_of(item)):
            found = evidence_in(record.fields or {}, file)
            if found is not None:
                return found
        raise NotFound("This file is not in the archive, or can no longer be read.", code="no_file")

    def context(
        self, purpose: Purpose, conversation: str, at_ms: int, *, before: int = 10, after: int = 10
    ) -> tuple[Shown, ...]:
        """Return what was said around a moment in a conversation, oldest first; raises Denied."""
        detail = {"context": {"at_ms": at_ms, "before": before, "after": after}}
        self._note(Tag.RECORD_READ, purpose, conversation, detail)
        records = self._reader.context(conversation, at_ms, before=before, after=after)
        return tuple(present(record) for record in records)

    def read(self, purpose: Purpose, rids: Sequence[str]) -> tuple[Shown, ...]:
        """Return records by id, whole; raises Denied."""
        self._note(Tag.RECORD_READ, purpose, purpose.matter, {"records": list(rids)})
        return tuple(present(record) for record in self._reader.records(rids))

    def labels(self, officer: str, items: Mapping[str, str], reason: str) -> Mapping[str, Label]:
        """Return who sent what waits in the release queue, where, and which rules stopped it; no text of it.

        Takes the record of each item, and returns what is told of each item that the archive has.

        Raises:
            Denied: one of them is not in the queue.
        """
        if not items:
            return {}

        def work(tx: Tx) -> None:
            for item in items:
                self._admit(tx, Purpose(officer, QUEUE_PREFIX + item, reason))
            seen = {"reason": reason, "records": list(items.values())}
            self._record(tx, Tag.RELEASE_QUEUE_SEEN, officer, "", seen)

        self._store.write(work)
        records = {record.rid: record for record in self._reader.records(list(items.values()))}
        return {item: label(records[rid]) for item, rid in items.items() if rid in records}

    def whereabouts(self, purpose: Purpose, rids: Sequence[str]) -> Mapping[str, Label]:
        """Return who was where when records were written; no text of them. Raises Denied."""
        self._note(Tag.RECORD_READ, purpose, purpose.matter, {"records": list(rids)})
        return {record.rid: label(record) for record in self._reader.records(rids)}

    def coverage(self) -> Coverage:
        """Return what a search over everything would reach; holds no text, leaves no trail."""
        return self._scopes.open().coverage

    def _note(
        self,
        tag: Tag,
        purpose: Purpose,
        subject: str,
        detail: Mapping[str, Any],
        *,
        item: str | None = None,
    ) -> None:
        if not purpose.covers(item):
            raise Denied(
                "An entry of the release queue opens its own message only. Read more inside a matter.",
                code="not_in_matter",
            )
        if not purpose.reason.strip():
            raise InvalidInput("Say why you look: every reading is on record.", code="reason_missing")
        full = {"matter": purpose.matter, "reason": purpose.reason, **detail}

        def work(tx: Tx) -> None:
            self._admit(tx, purpose)
            self._record(tx, tag, purpose.officer, subject, full)

        self._store.write(work)
