"""Retention as each side runs it: the desk condemns and holds, the worker proposes and expires."""

from collections.abc import Sequence

from admin.wiring.approvals import Approvals
from admin.wiring.ground import TRAIL_MAIL, Ground
from admin.wiring.signed_jobs import SignedJobs
from audit.archive.indexes import LiveIndexes
from audit.archive.partitions import Partitions
from audit.chat_search.indexer import ChatIndexer
from audit.matters.matters import Matters
from audit.retention.dispose import Disposal
from audit.retention.expire import Expiry
from audit.retention.keystore_trail import put_trail
from audit.retention.legal_holds import LegalHolds
from audit.retention.schedule import Rules, Schedule
from core.blobs.sealed import Blobs
from core.crypto.chat_keys import ChatKeys
from core.crypto.hybrid import seal_to
from core.crypto.owner_keys import RingOwnerKeys
from core.crypto.partitions import PartitionKeys
from core.crypto.pins import WORKER_MAILBOX, Pins
from core.crypto.rings import Ring
from core.store import Store
from core.trail import Trail
from core.types import BundleHash, RetentionRule
from policies.bundle import from_canonical
from policies.gate import LiveGate


def legal_holds(
    ground: Ground, ring: Ring, keystore: Store, desk: Store, sealer: RingOwnerKeys, matters: Matters
) -> LegalHolds:
    """Return the holds of the keystore, made inside matters; their acts are on the keystore's own record."""
    return LegalHolds(
        keystore_store=keystore,
        desk_store=desk,
        sealer=sealer,
        admit=matters.admit,
        clock=ground.clock,
        record=keystore_trail(ground, ring).record,
    )


def disposal(
    ground: Ground,
    ring: Ring,
    *,
    archive: Store,
    keystore: Store,
    desk: Store,
    keys: PartitionKeys,
    signed: SignedJobs,
    approvals: Approvals,
) -> Disposal:
    """Return the desk's side of destruction, under the policy that the desk approved last."""
    return Disposal(
        keystore_store=keystore,
        desk_store=desk,
        schedule=Schedule(archive_store=archive, rules=approved_rules(approvals), clock=ground.clock),
        keys=keys,
        post=signed.post,
        clock=ground.clock,
        record=keystore_trail(ground, ring).record,
        failpoint=ground.reach,
    )


def expiry(
    ground: Ground,
    *,
    chat: Store,
    archive: Store,
    desk: Store,
    gate: LiveGate,
    partitions: Partitions,
    indexes: LiveIndexes,
    periods: ChatKeys,
    chat_search: ChatIndexer,
    blobs: Blobs,
) -> Expiry:
    """Return the worker's side of destruction, under the policy in force."""
    return Expiry(
        chat_store=chat,
        archive_store=archive,
        desk_store=desk,
        schedule=Schedule(archive_store=archive, rules=lambda: gate.settings().retention, clock=ground.clock),
        partitions=partitions,
        indexes=indexes,
        periods=periods,
        chat_search=chat_search,
        blobs=blobs,
        clock=ground.clock,
        failpoint=ground.reach,
    )


def keystore_trail(ground: Ground, ring: Ring) -> Trail:
    """Return the trail of acts on keys and holds: written beside them, carried on by the desk."""
    mailbox = Pins(ring).mailbox(WORKER_MAILBOX)
    return Trail(ground.clock, "keystore", put_trail, lambda row: seal_to(mailbox, row, TRAIL_MAIL))


def approved_rules(approvals: Approvals) -> Rules:
    """Return the retention rules of the policy that the desk approved last; none while it is unknown."""
    remembered: dict[BundleHash, Sequence[RetentionRule]] = {}

    def rules() -> Sequence[RetentionRule]:
        at = approvals.head().hash
        if at not in remembered:
            form = approvals.in_force()
            remembered.clear()
            remembered[at] = from_canonical(form).retention.rules() if form is not None else ()
        return remembered[at]

    return rules
