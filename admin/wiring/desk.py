"""What the desk process is made of: officers, partition keys, approvals; the evidence it may open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from admin.health.files import refused_documents
from admin.wiring.approvals import Approvals
from admin.wiring.detector_cache import DetectorCache
from admin.wiring.evidence import LOG_KEYS, ledger_folder, ledger_origin
from admin.wiring.ground import DESK_MAIL, Ground, desk_trail
from admin.wiring.indexes import archive_index
from admin.wiring.recall import RecallDesk
from admin.wiring.release import ReleaseDesk
from admin.wiring.retention import disposal, legal_holds
from admin.wiring.signed_jobs import SignedJobs
from audit.archive.key_reader import KeyReader
from audit.archive.ledger_view import LedgerView
from audit.archive.offers import Offers
from audit.archive.reader import ArchiveReader
from audit.archive.rebuild import IndexRebuild
from audit.archive.reconcile_desk import DeskReconciler
from audit.archive.scope import Scopes
from audit.archive.search_service import SearchService
from audit.ledger.entries import Log
from audit.matters.matters import Matters
from audit.retention.dispose import Disposal
from audit.retention.keystore_trail import TrailCarrier
from audit.retention.legal_holds import LegalHolds
from core.access import Database
from core.blobs.open import open_blob_store
from core.blobs.sealed import Blobs
from core.crypto.hybrid import open_with
from core.crypto.owner_keys import RingOwnerKeys
from core.crypto.partitions import PartitionKeys
from core.crypto.pins import WORKER_MAILBOX, Pins
from core.crypto.rings import Ring, RingName
from core.identity.officers import Officers
from core.identity.passwords import HashCost, Passwords
from core.identity.preferences import PreferenceRows
from core.identity.sessions import SessionLimits, Sessions
from core.identity.signin import DeskSignIn
from core.identity.throttle import Throttle, ThrottleLimits
from core.schema import desk
from core.settings import Settings
from core.store import Store
from core.trail import Trail
from core.types import Clock
from policies.compiled import Compiler
from policies.standard import standard_compiler


@dataclass(frozen=True, slots=True)
class DeskServices:
    """The evidence world as officers reach it."""

    settings: Settings
    clock: Clock
    ring: Ring
    archive: Store
    keystore: Store
    store: Store
    trail: Trail
    sealer: RingOwnerKeys
    sessions: Sessions
    officers: Officers
    signin: DeskSignIn
    partition_keys: PartitionKeys
    offers: Offers
    approvals: Approvals
    compiler: Compiler
    matters: Matters
    views: Mapping[Log, LedgerView]
    reader: ArchiveReader
    search: SearchService
    release: ReleaseDesk
    recalls: RecallDesk
    holds: LegalHolds
    disposal: Disposal
    carrier: TrailCarrier
    rebuild: IndexRebuild
    reconciler: DeskReconciler
    throttle: Throttle
    preferences: PreferenceRows
    blobs: Blobs


def _views(ground: Ground, ring: Ring, store: Store) -> dict[Log, LedgerView]:
    """Return how the desk looks at the two logs: with the keys it pinned, never shorter than seen before."""
    pins = Pins(ring)
    return {
        log: LedgerView(
            log=log,
            folder=ledger_folder(ground.settings, log),
            origin=ledger_origin(ground.settings, log),
            verifier=pins.verifier(LOG_KEYS[log]),
            desk_store=store,
            clock=ground.clock,
        )
        for log in (Log.ARCHIVE, Log.AUDIT)
    }


def desk_services(ground: Ground) -> DeskServices:
    """Build the desk."""
    settings, clock = ground.settings, ground.clock
    ring = ground.ring(RingName.DISCOVERY)
    archive, keystore, store = (
        ground.store(database) for database in (Database.ARCHIVE, Database.KEYSTORE, Database.DESK)
    )
    trail, sealer = desk_trail(ground, ring), RingOwnerKeys(ring)
    sessions = Sessions(
        desk.sessions,
        clock,
        SessionLimits(
            timedelta(minutes=settings.desk_idle_minutes), timedelta(hours=settings.desk_absolute_hours)
        ),
        sealer,
    )
    passwords = Passwords(HashCost(settings.argon2_memory_kib, settings.argon2_passes))
    mailbox = ring.mailbox()

    def open_mail(mail: bytes) -> bytes:
        return open_with(mailbox, mail, DESK_MAIL)

    officers = Officers(
        store,
        sealer,
        sessions,
        passwords,
        clock,
        trail.record,
        open_mail,
    )
    throttle = Throttle(
        desk.throttles, clock, ThrottleLimits(account_attempts=settings.signin_attempts), sealer
    )
    signin = DeskSignIn(store, officers, sessions, throttle, trail.record)
    keys = PartitionKeys(ring)
    offers = Offers(
        keys=keys,
        identity=ring.signer(),
        worker=Pins(ring).mailbox(WORKER_MAILBOX),
        desk_store=store,
        clock=clock,
        record=trail.record,
    )
    compiler = standard_compiler(DetectorCache(settings.home / "cache", ring))
    signed = SignedJobs(ring.signer(), clock)
    approvals = Approvals(store, ring.signer(), signed, clock, trail.record, compiler, open_mail)
    matters = Matters(store, sealer, clock, trail.record)
    index, views = archive_index(settings), _views(ground, ring, store)
    key_reader = KeyReader(keystore_store=keystore, keys=keys, tenant=settings.tenant)
    reader = ArchiveReader(archive_store=archive, keys=key_reader, views=views)
    scopes = Scopes(
        archive_store=archive,
        keystore_store=keystore,
        keys=key_reader,
        index=index,
        tenant=settings.tenant,
        refused=lambda: refused_documents(settings),
    )
    search = SearchService(
        reader=reader,
        scopes=scopes,
        index=index,
        desk_store=store,
        admit=matters.admit,
        record=trail.record,
    )
    rebuild = IndexRebuild(
        archive_store=archive,
        desk_store=store,
        reader=reader,
        keys=key_reader,
        open_index=lambda: archive_index(settings),
        post=signed.post,
        record=trail.record,
    )
    reconciler = DeskReconciler(archive_store=archive, reader=reader, keys=key_reader, tenant=settings.tenant)
    release = ReleaseDesk(store, signed, clock, trail.record)
    return DeskServices(
        settings, clock, ring, archive, keystore, store, trail, sealer, sessions, officers, signin, keys,
        offers, approvals, compiler, matters, views, reader, search, release,
        RecallDesk(store, signed, clock, trail.record),
        legal_holds(ground, ring, keystore, store, sealer, matters),
        disposal(
            ground, ring, archive=archive, keystore=keystore, desk=store, keys=keys, signed=signed,
            approvals=approvals,
        ),
        TrailCarrier(keystore_store=keystore, desk_store=store),
        rebuild, reconciler, throttle, PreferenceRows(desk.preferences, clock, sealer),
        Blobs(open_blob_store(settings)),
    )  # fmt: skip
