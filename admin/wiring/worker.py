"""What the worker is made of: both worlds' ends that it may hold, and nothing of the discovery ring."""

from admin.wiring.ground import Ground
from audit.archive.partitions import Partitions
from core.access import Database
from core.crypto.pins import DISCOVERY_IDENTITY, Pins
from core.crypto.rings import RingName


def worker_partitions(ground: Ground) -> Partitions:
    """Return what the worker knows of partitions."""
    ring = ground.ring(RingName.ARCHIVE)
    return Partitions(
        desk_store=ground.store(Database.DESK),
        archive_store=ground.store(Database.ARCHIVE),
        identity=Pins(ring).verifier(DISCOVERY_IDENTITY),
        mailbox=ring.mailbox(),
        clock=ground.clock,
    )
