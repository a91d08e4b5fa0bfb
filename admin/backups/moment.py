"""One moment of the whole house: the four databases as a power cut would leave them.

No transaction spans databases, but each process is written to be killed between any two steps: what an
outbox hands over is taken from it after the receiver has it, and what arrives twice is recognised. So a
copy of all four databases at one and the same moment is a house in which everything goes on; copies of
different moments are not, in whatever order they are made.

The moment is had by being the one writer of all four at once, for as long as it takes to open a
snapshot of each: milliseconds, in which senders wait. Copying goes on afterwards, beside the writers.

What stands outside the databases follows from two rules: a checkpoint is published after its entries are
committed, and a key file is made before the first row that needs it. So the checkpoints are read while
nobody writes, and key files are copied after the moment.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from admin.databases import database_of
from admin.databases.port import Snapshot
from admin.wiring.evidence import ledger_folder
from audit.ledger.checkpoint import read_note
from audit.ledger.entries import Log
from core.access import Database
from core.errors import NotFound
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Moment:
    """Snapshots of the four databases, the checkpoints published then, and for how long writers waited."""

    snapshots: Mapping[Database, Snapshot]
    checkpoints: Mapping[Log, bytes]
    stopped_ms: float


@contextmanager
def moment_of(settings: Settings) -> Iterator[Moment]:
    """Take a moment; its snapshots live as long as this is open.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    databases = {database: database_of(settings, database) for database in Database}
    with ExitStack() as kept:
        snapshots: dict[Database, Snapshot] = {}
        with ExitStack() as gates:
            begun = 0.0
            for housed in databases.values():
                gates.enter_context(housed.kept_out())
                begun = begun or time.monotonic()
            for database, housed in databases.items():
                snapshots[database] = housed.snapshot()
                kept.callback(snapshots[database].close)
            checkpoints = {log: note for log in Log if (note := _note(settings, log)) is not None}
        yield Moment(snapshots, checkpoints, (time.monotonic() - begun) * 1_000)


def _note(settings: Settings, log: Log) -> bytes | None:
    try:
        return read_note(ledger_folder(settings, log))
    except NotFound:
        return None
