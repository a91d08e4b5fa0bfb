"""Both halves of the evidence world on real stores, keys, ledger and grants, around one messaging core."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from audit.archive.archiver import Archiver
from audit.archive.indexes import LiveIndexes
from audit.archive.intake import Outboxes
from audit.archive.key_reader import KeyReader
from audit.archive.lease import Lease
from audit.archive.ledger_view import LedgerView
from audit.archive.offers import Offers
from audit.archive.partitions import Partitions
from audit.archive.reader import ArchiveReader
from audit.archive.reconcile_files import FileReconciler
from audit.archive.record_keys import RecordKeys
from audit.archive.release_queue import ReleaseQueue
from audit.archive.scope import Scopes
from audit.archive.sealer import Sealer
from audit.archive.search_service import Purpose, SearchService
from audit.ledger.entries import Log
from audit.ledger.publish import Publisher
from audit.search.port import SearchIndex
from core.access import Database, grant_for
from core.blobs.folder import FolderBlobs
from core.crypto.envelope import associated
from core.crypto.hybrid import open_with, seal_to
from core.crypto.partitions import PartitionKeys
from core.crypto.rings import LOG_ARCHIVE, LOG_AUDIT, ProcessRole, Ring, RingName, create_ring
from core.errors import Denied
from core.messaging.files.held import HeldBlobs
from core.messaging.vault import Vault
from core.outbox import Outbox
from core.schema import archive, desk
from core.schema import chat as chat_schema
from core.store import Statement, Store, Tx
from core.trail import Tag, Trail
from tests.factories.chat import Chat, make_chat
from tests.factories.stores import empty_store, opened_store
from tests.fakes.clock import DrivenClock
from tests.fakes.search_index import FakeSearchIndex

TENANT = "acme"
TRAIL_INFO = associated("trail/v1", "desk")


class Killed(BaseException):
    """What a failpoint raises: nothing above it may tidy up."""


@dataclass
class Evidence:
    """A chat, its archive, and a desk. ``worker()`` starts a worker anew, as after a crash."""

    folder: Path
    chat: Chat
    stores: dict[Database, Store]
    archive_ring: Ring
    ledger_ring: Ring
    discovery: Ring
    index: SearchIndex
    offers: Offers
    desk_trail: Trail
    fail_at: set[str] = field(default_factory=set)
    opened: list[Store] = field(default_factory=list)

    @property
    def clock(self) -> DrivenClock:
        return self.chat.clock

    @property
    def partition_keys(self) -> PartitionKeys:
        return PartitionKeys(self.discovery)

    def store(self, role: ProcessRole, database: Database) -> Store:
        """Return a database as a process of ``role`` may use it."""
        opened = opened_store(self.folder, database, grant_for(role, database))
        self.opened.append(opened)
        return opened

    def worker(self, index: SearchIndex | None = None) -> "Worker":
        return Worker(self, index or self.index)

    def desk(self) -> "Desk":
        return Desk(self)

    def failpoint(self, name: str) -> None:
        if name in self.fail_at:
            self.fail_at.discard(name)
            raise Killed(name)

    def files(self, worker: "Worker") -> FileReconciler:
        return FileReconciler(
            held=HeldBlobs(worker.chat, Vault(self.chat.keys)),
            archive_store=worker.archive,
            kept=FolderBlobs(self.folder / "blobs"),
            clock=self.clock,
            grace=timedelta(days=1),
        )

    def publishers(self, store: Store) -> tuple[Publisher, Publisher]:
        return (
            self._publisher(Log.ARCHIVE, LOG_ARCHIVE, store),
            self._publisher(Log.AUDIT, LOG_AUDIT, store),
        )

    def act(self, tag: Tag = Tag.MATTER_OPENED, **detail: Any) -> None:
        """Let an officer do something that is on record."""
        self.stores[Database.DESK].write(
            lambda tx: self.desk_trail.record(tx, tag, "officer-1", "matter-1", detail)
        )

    def counts(self) -> dict[str, int]:
        """Return how much there is of everything."""
        tables = {
            "records": (Database.ARCHIVE, archive.records),
            "leaves": (Database.ARCHIVE, archive.ledger_entries),
            "queue": (Database.DESK, desk.queue),
            "chat outbox": (Database.CHAT, chat_schema.outbox),
            "desk outbox": (Database.DESK, desk.outbox),
        }
        counted = {name: self.count(database, table) for name, (database, table) in tables.items()}
        partitions = {row.partition_id for row in self.rows(Database.ARCHIVE, archive.records)}
        return {**counted, "indexed": sum(self.index.count(name) for name in partitions)}

    def count(self, database: Database, table: Any) -> int:
        statement = Statement(select(func.count()).select_from(table))
        return int(self.stores[database].read(lambda tx: tx.value(statement)))

    def rows(self, database: Database, table: Any) -> list[Any]:
        return self.stores[database].read(lambda tx: tx.rows(Statement(select(table))))

    def reports(self) -> list[Any]:
        return self.rows(Database.DESK, desk.reports)

    def close(self) -> None:
        for store in (*self.opened, *self.stores.values()):
            store.close()

    def _publisher(self, log: Log, key: str, store: Store) -> Publisher:
        return Publisher(
            log=log,
            folder=self.folder / "ledger" / log,
            origin=f"archive.example/{TENANT}/{log}",
            signer=self.ledger_ring.signer(key),
            archive=store,
        )


class Worker:
    """The worker's half, with only the worker's rings and grants."""

    def __init__(self, evidence: Evidence, index: SearchIndex) -> None:
        worker = ProcessRole.WORKER
        self.chat = evidence.store(worker, Database.CHAT)
        self.archive = evidence.store(worker, Database.ARCHIVE)
        self.keystore = evidence.store(worker, Database.KEYSTORE)
        self.desk = evidence.store(worker, Database.DESK)
        clock, mailbox = evidence.clock, evidence.archive_ring.mailbox()
        self.lease = Lease(self.archive, clock, "archiver")
        self.partitions = Partitions(
            desk_store=self.desk,
            archive_store=self.archive,
            identity=evidence.discovery.signer().verifier,
            mailbox=mailbox,
            clock=clock,
        )
        self.publishers = evidence.publishers(self.archive)
        self.record_keys = RecordKeys(keystore_store=self.keystore, clock=clock, tenant=TENANT)
        self.indexes = LiveIndexes(index, self.archive)
        self.outboxes = Outboxes(
            chat_store=self.chat,
            desk_store=self.desk,
            archive_store=self.archive,
            opener=Vault(evidence.chat.keys),
            open_chat_trail=lambda sealed: sealed,
            open_desk_trail=lambda sealed: open_with(mailbox, sealed, TRAIL_INFO),
        )
        self.archiver = Archiver(
            outboxes=self.outboxes,
            partitions=self.partitions,
            sealer=Sealer(
                archive_store=self.archive,
                partitions=self.partitions,
                keys=self.record_keys,
                lease=self.lease,
                clock=clock,
                tenant=TENANT,
                checkpoint=self.publishers[0].published,
                failpoint=evidence.failpoint,
            ),
            queue=ReleaseQueue(desk_store=self.desk, chat_store=self.chat),
            indexes=self.indexes,
            publishers=self.publishers,
            lease=self.lease,
            desk_store=self.desk,
            clock=clock,
            failpoint=evidence.failpoint,
        )


class Desk:
    """The desk's half, with only the desk's ring and grants. ``barred`` officers are refused."""

    def __init__(self, evidence: Evidence) -> None:
        role = ProcessRole.DESK
        self.archive = evidence.store(role, Database.ARCHIVE)
        self.keystore = evidence.store(role, Database.KEYSTORE)
        self.desk = evidence.store(role, Database.DESK)
        self.barred: set[str] = set()
        self.trail: list[tuple[str, str, str, dict[str, Any]]] = []
        self.views = {
            log: LedgerView(
                log=log,
                folder=evidence.folder / "ledger" / log,
                origin=f"archive.example/{TENANT}/{log}",
                verifier=evidence.ledger_ring.signer(key).verifier,
                desk_store=self.desk,
                clock=evidence.clock,
            )
            for log, key in ((Log.ARCHIVE, LOG_ARCHIVE), (Log.AUDIT, LOG_AUDIT))
        }
        self.keys = KeyReader(
            keystore_store=self.keystore, keys=PartitionKeys(evidence.discovery), tenant=TENANT
        )
        self.reader = ArchiveReader(archive_store=self.archive, keys=self.keys, views=self.views)
        self.scopes = Scopes(
            archive_store=self.archive,
            keystore_store=self.keystore,
            keys=self.keys,
            index=evidence.index,
            tenant=TENANT,
        )
        self.search = SearchService(
            reader=self.reader,
            scopes=self.scopes,
            index=evidence.index,
            desk_store=self.desk,
            admit=self._admit,
            record=self._record,
        )

    def rid(self, item: str, version: int = 1) -> str:
        records = self.archive.read(lambda tx: tx.rows(Statement(select(archive.records))))
        (rid,) = [r.rid for r in records if (r.item_id, r.version) == (item, version)]
        return str(rid)

    def _admit(self, tx: Tx, purpose: Purpose) -> None:
        if purpose.officer in self.barred:
            raise Denied("This matter is not yours.", code="not_in_matter")

    def _record(self, tx: Tx, tag: Tag, actor: str, subject: str, detail: Mapping[str, Any]) -> None:
        self.trail.append((tag, actor, subject, dict(detail)))


def make_evidence(folder: Path, *, index: SearchIndex | None = None, offered: bool = True) -> Evidence:
    """Return a chat with an archive; ``offered``: partitions from March 2026 exist."""
    chat = make_chat(folder)
    stores = {Database.CHAT: chat.store}
    for database in (Database.ARCHIVE, Database.KEYSTORE, Database.DESK):
        stores[database] = empty_store(folder, database)
    keys = folder / "keys"
    archive_ring = create_ring(RingName.ARCHIVE, keys, ProcessRole.WORKER)
    ledger_ring = create_ring(RingName.LEDGER, keys, ProcessRole.WORKER)
    discovery = create_ring(RingName.DISCOVERY, keys, ProcessRole.DESK)
    mailbox = archive_ring.mailbox().public
    outbox = Outbox(desk.outbox)

    def put(tx: Tx, sealed: bytes, at_ms: int) -> None:
        outbox.put(tx, kind="trail", payload=sealed, at_ms=at_ms)

    trail = Trail(chat.clock, "desk", put, lambda plain: seal_to(mailbox, plain, TRAIL_INFO))
    offers = Offers(
        keys=PartitionKeys(discovery),
        identity=discovery.signer(),
        worker=mailbox,
        desk_store=stores[Database.DESK],
        clock=chat.clock,
        record=trail.record,
    )
    if offered:
        offers.offer_months(actor="init", history_from="2026-03")
    return Evidence(
        folder, chat, stores, archive_ring, ledger_ring, discovery, index or FakeSearchIndex(), offers, trail
    )
