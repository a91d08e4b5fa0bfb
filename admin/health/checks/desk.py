"""What the desk looks at: its databases, the discovery ring, and whether the ledger is the one it saw."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import select

from admin.health.checks.common import (
    database_check,
    open_store,
    pins_of,
    publics,
    ring_check,
    ring_or_none,
    told,
)
from admin.health.limits import Check
from admin.health.lines import HealthLine, ok, red
from admin.wiring.evidence import LOG_KEYS, ledger_folder, ledger_origin
from audit.ledger.checkpoint import open_note, read_note
from audit.ledger.entries import Log
from core.access import Database
from core.crypto.pins import (
    DESK_MAILBOX,
    DISCOVERY_IDENTITY,
    LOG_ARCHIVE,
    LOG_AUDIT,
    WORKER_IDENTITY,
    WORKER_MAILBOX,
    Pins,
)
from core.crypto.rings import ProcessRole, RingName, open_ring
from core.errors import NotFound
from core.schema import desk
from core.settings import Settings
from core.store import Statement

ROLE: Final = ProcessRole.DESK

_SEEN = Statement(select(desk.checkpoints.c.log, desk.checkpoints.c.size))


def check(settings: Settings, _: dict[str, Any]) -> dict[str, Any]:
    """Look at what the desk may open."""
    databases = (Database.KEYSTORE, Database.DESK)
    checks = [
        *(database_check(settings, ROLE, database) for database in databases),
        ring_check(settings, ROLE, RingName.DISCOVERY),
        Check("ledger as seen", lambda: _ledger(settings)),
    ]
    ring = ring_or_none(settings, ROLE, RingName.DISCOVERY)
    given: dict[str, Callable[[], bytes]] = {}
    if ring is not None:
        given[DISCOVERY_IDENTITY] = lambda: ring.signer().verifier.public
        given[DESK_MAILBOX] = lambda: ring.mailbox().public.to_bytes()  # noqa: PLW0108 - opened where a failure is told
    pins = pins_of(ring, WORKER_IDENTITY, WORKER_MAILBOX, LOG_ARCHIVE, LOG_AUDIT)
    return told(checks, own=publics(given), pins=pins)


def _ledger(settings: Settings) -> Iterator[HealthLine]:
    """Compare the published checkpoints with the last ones that this desk saw."""
    store = open_store(settings, ROLE, Database.DESK)
    try:
        seen = {row.log: int(row.size) for row in store.read(lambda tx: tx.rows(_SEEN))}
    finally:
        store.close()
    pins = Pins(open_ring(RingName.DISCOVERY, settings.keys_dir, ROLE))
    name = "ledger as seen"
    for log in Log:
        try:
            note = read_note(ledger_folder(settings, log))
        except NotFound:
            size = 0
        else:
            size = open_note(note, ledger_origin(settings, log), pins.verifier(LOG_KEYS[log])).size
        if size < seen.get(log, 0):
            step = "An older copy was put back: restore the newest, then run `chancery ledger verify`."
            yield red(
                name, f"The {log} log had {seen[log]:,} entries when the desk looked, {size:,} now.", step
            )
            return
    yield ok(name, "Not behind what the desk saw last.")
