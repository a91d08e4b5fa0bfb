"""What the worker is made of: both worlds' ends that it may hold, and nothing of the discovery ring."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.chat_search import chat_indexer
from admin.wiring.evidence import LOG_KEYS, ledger_folder, ledger_origin
from admin.wiring.files import FileServices, file_services
from admin.wiring.ground import Ground, open_chat_trail, open_desk_trail
from admin.wiring.indexes import archive_index
from admin.wiring.retention import expiry
from audit.archive.archiver import Archiver
from audit.archive.indexes import LiveIndexes
from audit.archive.intake import Outboxes
from audit.archive.lease import Lease
from audit.archive.partitions import Partitions
from audit.archive.rebuild import IndexSwitch
from audit.archive.record_keys import RecordKeys
from audit.archive.release_queue import ReleaseQueue
from audit.archive.sealer import Sealer
from audit.chat_search.indexer import ChatIndexer
from audit.ledger.entries import Log
from audit.ledger.publish import Publisher
from audit.retention.expire import Expiry
from audit.search.port import SearchIndex
from core.access import Database
from core.blocking import InlineBlocking
from core.crypto.pins import DISCOVERY_IDENTITY, Pins
from core.crypto.rings import Ring, RingName
from core.errors import Denied
from core.identity.permissions import Permission, Principal, PrincipalKind, check_permission
from core.messaging.scheduled_sender import ScheduledSender
from core.store import Store, Tx
from core.trail import Tag
from core.types import Clock, PersonId

CONFIRM_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class WorkerServices:
    """The bridge between the worlds."""

    chat: ChatServices
    archive: Store
    keystore: Store
    desk: Store
    archive_ring: Ring
    partitions: Partitions
    index: SearchIndex
    indexes: LiveIndexes
    publishers: tuple[Publisher, ...]
    outboxes: Outboxes
    archiver: Archiver
    expiry: Expiry
    switch: IndexSwitch
    scheduled: ScheduledSender
    chat_indexer: ChatIndexer
    search_lease: Lease
    files: FileServices


def worker_services(ground: Ground) -> WorkerServices:
    """Build the worker."""
    settings, clock = ground.settings, ground.clock
    blocking = InlineBlocking()
    chat = chat_services(ground, blocking=blocking)
    # The text of files takes longer to decide than a confirmation of the policy holds.
    blocking.pause = _now_and_then(chat.gate.refresh, clock)
    ring = ground.ring(RingName.ARCHIVE)
    archive, keystore, desk = (
        ground.store(database) for database in (Database.ARCHIVE, Database.KEYSTORE, Database.DESK)
    )
    partitions = _partitions(ground, ring, archive, desk)
    publishers = worker_publishers(ground, archive)
    lease = Lease(archive, clock, "archiver")
    index = archive_index(settings, spare=ground.is_in_use)
    indexes = LiveIndexes(index, archive)
    outboxes = Outboxes(
        chat_store=chat.store,
        desk_store=desk,
        archive_store=archive,
        opener=chat.messaging.vault,
        open_chat_trail=lambda sealed: open_chat_trail(chat.ring, sealed),
        open_desk_trail=lambda sealed: open_desk_trail(ring, sealed),
    )
    archiver = Archiver(
        outboxes=outboxes,
        partitions=partitions,
        sealer=Sealer(
            archive_store=archive,
            partitions=partitions,
            keys=RecordKeys(keystore_store=keystore, clock=clock, tenant=settings.tenant),
            lease=lease,
            clock=clock,
            tenant=settings.tenant,
            checkpoint=publishers[0].published,
            failpoint=ground.reach,
        ),
        queue=ReleaseQueue(desk_store=desk, chat_store=chat.store),
        indexes=indexes,
        publishers=publishers,
        lease=lease,
        desk_store=desk,
        clock=clock,
        failpoint=ground.reach,
    )
    files = file_services(chat)
    indexer = chat_indexer(chat, files.texts, spare=ground.is_in_use)
    expires = expiry(
        ground,
        chat=chat.store,
        archive=archive,
        desk=desk,
        gate=chat.gate,
        partitions=partitions,
        indexes=indexes,
        periods=chat.keys,
        chat_search=indexer,
        blobs=files.blobs,
    )
    switch = IndexSwitch(archive_store=archive, indexes=indexes, clock=clock)
    return WorkerServices(
        chat, archive, keystore, desk, ring, partitions, index, indexes, publishers, outboxes, archiver,
        expires, switch, scheduled_sender(ground, chat), indexer, Lease(archive, clock, "chat search"), files,
    )  # fmt: skip


def scheduled_sender(ground: Ground, chat: ChatServices) -> ScheduledSender:
    """Return what sends messages at their time, for senders who may still send."""

    def check_sender(tx: Tx, person: PersonId) -> None:
        known = chat.people.get(tx, person)
        if not known.active:
            raise Denied("Whoever wrote this has left.", code="sender_left")
        roles = chat.people.mapping.roles_for(known.profile)
        check_permission(Principal(PrincipalKind.CHAT, person, roles), Permission.MESSAGE_SEND)

    def record_not_sent(tx: Tx, person: PersonId, conversation: str, code: str) -> None:
        chat.trail.record(tx, Tag.SCHEDULED_NOT_SENT, person, conversation, {"code": code})

    return ScheduledSender(
        store=chat.store,
        scheduled=chat.messaging.scheduled,
        messaging=chat.messaging,
        clock=chat.clock,
        check_sender=check_sender,
        record_not_sent=record_not_sent,
        reach=ground.reach,
    )


def worker_partitions(ground: Ground) -> Partitions:
    """Return what the worker knows of partitions, without anything else of it."""
    return _partitions(
        ground, ground.ring(RingName.ARCHIVE), ground.store(Database.ARCHIVE), ground.store(Database.DESK)
    )


def worker_publishers(ground: Ground, archive: Store) -> tuple[Publisher, ...]:
    """Return who signs the two logs."""
    ring = ground.ring(RingName.LEDGER)
    return tuple(
        Publisher(
            log=log,
            folder=ledger_folder(ground.settings, log),
            origin=ledger_origin(ground.settings, log),
            signer=ring.signer(LOG_KEYS[log]),
            archive=archive,
        )
        for log in (Log.ARCHIVE, Log.AUDIT)
    )


def _partitions(ground: Ground, ring: Ring, archive: Store, desk: Store) -> Partitions:
    return Partitions(
        desk_store=desk,
        archive_store=archive,
        identity=Pins(ring).verifier(DISCOVERY_IDENTITY),
        mailbox=ring.mailbox(),
        clock=ground.clock,
    )


def _now_and_then(work: Callable[[], None], clock: Clock) -> Callable[[], None]:
    """Return what does ``work`` if that was not done for a while."""
    last = clock.monotonic()

    def pause() -> None:
        nonlocal last
        if clock.monotonic() - last >= CONFIRM_EVERY_S:
            last = clock.monotonic()
            work()

    return pause
