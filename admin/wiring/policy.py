"""The policy gate of a chat process: live bundle from the chat store, verified against the pinned desk."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import bindparam, insert, select, update

from admin.wiring.detector_cache import DetectorCache
from admin.wiring.ground import Ground
from core.crypto.envelope import derive, keyed_hash
from core.crypto.pins import DISCOVERY_IDENTITY, Pins
from core.crypto.rings import ProcessRole, Ring
from core.errors import Unavailable
from core.messaging.rooms import do_bump_policy_epoch, policy_epoch
from core.schema import chat
from core.settings import Settings
from core.store import Statement, Store, Tx
from core.types import BundleHash, Clock, ConversationId, to_ms
from policies.gate import EnforcedBundle, LiveGate
from policies.highest import HighestBundle
from policies.lifecycle import Approval, approval_payload
from policies.standard import standard_compiler

_b = chat.bundles.c
_ENFORCED = Statement(select(chat.bundles).where(_b.state == "enforced").order_by(_b.number.desc()).limit(1))
_RETIRE = Statement(update(chat.bundles).where(_b.state == "enforced").values(state="retired"))
_ENFORCE = Statement(insert(chat.bundles))
_KNOWN = Statement(select(_b.number).where(_b.number == bindparam("which")))


class StoredBundles:
    """The enforced bundle as the chat store has it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def current(self) -> EnforcedBundle:
        """Return the bundle in force. Raises Unavailable ``policy_unavailable`` when there is none."""
        return self._store.read(self._current)

    def _current(self, tx: Tx) -> EnforcedBundle:
        row = tx.one(_ENFORCED)
        if row is None:
            raise Unavailable("No policy is in force yet. Run `chancery init`.", code="policy_unavailable")
        return EnforcedBundle(
            number=row.number,
            hash=BundleHash(row.hash),
            canonical=bytes(row.canonical),
            predecessor=BundleHash(row.predecessor),
            signature=bytes(row.signature),
            epoch=policy_epoch(tx),
        )


def do_enforce(tx: Tx, approval: Approval, canonical: bytes, clock: Clock) -> bool:
    """Put an approved bundle in force; False if it was already. Its signature was verified before."""
    if tx.one(_KNOWN, which=approval.number) is not None:
        return False
    tx.run(_RETIRE)
    tx.run(
        _ENFORCE,
        number=approval.number,
        hash=approval.hash,
        predecessor=approval.predecessor,
        canonical=canonical,
        signature=approval.signature,
        state="enforced",
        at_ms=to_ms(clock.now()),
    )
    do_bump_policy_epoch(tx)
    return True


def live_gate(ground: Ground, ring: Ring, store: Store) -> LiveGate:
    """Return the gate of one process; it decides nothing before its first refresh."""
    desk = Pins(ring).verifier(DISCOVERY_IDENTITY)
    return LiveGate(
        source=StoredBundles(store),
        verify=lambda payload, signature: desk.verify(signature, payload),
        highest=HighestBundle(highest_path(ground.settings, ground.role)),
        compiler=standard_compiler(DetectorCache(ground.settings.home / "cache", ring)),
        clock=ground.clock,
        conversation_hash=conversation_hash(ring),
    )


def conversation_hash(ring: Ring) -> Callable[[ConversationId, bytes], str]:
    """Return the keyed hash by which texts and findings of a conversation are recognised again."""
    root = ring.subkey("fingerprints")
    return lambda conversation, data: keyed_hash(derive(root, conversation), "fingerprint", data).hex()


def verify_approval(ring: Ring, approval: Approval) -> None:
    """Check the desk's signature. Raises IntegrityError."""
    payload = approval_payload(approval.hash, approval.number, approval.predecessor)
    Pins(ring).verifier(DISCOVERY_IDENTITY).verify(approval.signature, payload)


def highest_path(settings: Settings, role: ProcessRole) -> Path:
    """Return the file in which processes of a role remember the newest bundle that they saw here."""
    return settings.home / f"highest-bundle-{role}"
