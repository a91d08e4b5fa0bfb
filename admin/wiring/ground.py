"""What every process stands on: its stores with its role's grants, its rings, its trail."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from admin.databases import database_of
from core.access import Database
from core.crypto.envelope import associated, open_sealed, seal
from core.crypto.hybrid import open_with, seal_to
from core.crypto.pins import WORKER_MAILBOX, Pins
from core.crypto.rings import ProcessRole, Ring, RingName, open_ring
from core.outbox import Outbox
from core.schema import chat, desk
from core.settings import Settings
from core.store import Store, Tx
from core.trail import Trail
from core.types import Clock

TRAIL_MAIL = b"chancery/trail/v1"
DESK_MAIL = b"chancery/desk/v1"
"""To what mail across the bridge is bound: trail rows to the worker, names and reasons to the desk."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Opens what a role may open, and nothing else. ``on_point`` takes the place of dying in tests."""

    settings: Settings
    role: ProcessRole
    clock: Clock
    on_point: Callable[[str], None] | None = None

    def store(self, database: Database) -> Store:
        """Open a database with the role's grants.

        Raises:
            Denied: ``foreign_store`` if the role may not even open it.
            Unavailable: ``store_missing``.
        """
        return database_of(self.settings, database).open(self.role)

    def ring(self, name: RingName) -> Ring:
        """Open a ring; raises Denied ``foreign_ring`` if the role may not hold it."""
        return open_ring(name, self.settings.keys_dir, self.role)

    @property
    def is_in_use(self) -> bool:
        """Tell whether others use the house meanwhile; nobody does before it is built."""
        return True

    def reach(self, point: str) -> None:
        """Die here, as by ``kill -9``, if a fault test has named this point."""
        if self.on_point is not None:
            self.on_point(point)
        elif point == self.settings.failpoint:
            os.kill(os.getpid(), signal.SIGKILL)


def chat_trail(ground: Ground, ring: Ring) -> Trail:
    """Return the trail of a process that writes the chat store."""
    key, outbox = ring.subkey("trail"), Outbox(chat.outbox)

    def put(tx: Tx, sealed: bytes, at_ms: int) -> None:
        outbox.put(
            tx,
            kind="trail",
            conversation_id="",
            month="",
            retention_class="trail",
            payload=sealed,
            at_ms=at_ms,
        )

    return Trail(ground.clock, ground.role, put, lambda row: seal(key, row, associated("trail")))


def open_chat_trail(ring: Ring, sealed: bytes) -> bytes:
    """Return a trail row of the chat store. Raises IntegrityError."""
    return open_sealed(ring.subkey("trail"), sealed, associated("trail"))


def desk_trail(ground: Ground, ring: Ring) -> Trail:
    """Return the trail of the desk: its rows are sealed to the worker's mailbox."""
    mailbox, outbox = Pins(ring).mailbox(WORKER_MAILBOX), Outbox(desk.outbox)

    def put(tx: Tx, sealed: bytes, at_ms: int) -> None:
        outbox.put(tx, kind="trail", payload=sealed, at_ms=at_ms)

    return Trail(ground.clock, ground.role, put, lambda row: seal_to(mailbox, row, TRAIL_MAIL))


def open_desk_trail(ring: Ring, sealed: bytes) -> bytes:
    """Return a trail row of the desk, as the worker. Raises IntegrityError."""
    return open_with(ring.mailbox(), sealed, TRAIL_MAIL)
