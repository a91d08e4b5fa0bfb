"""Steps of ``chancery archive``, ``index`` and ``ledger``: the desk's half and the worker's."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from admin.cli.steps.acting import acting_officer, open_desk
from admin.wiring.desk import DeskServices
from admin.wiring.evidence import LOG_KEYS, ledger_origin
from admin.wiring.ground import Ground
from admin.wiring.worker import worker_publishers, worker_services
from audit.archive.differences import Reconciliation
from audit.archive.lease import Lease
from audit.archive.reconcile import Reconciler
from audit.archive.reconcile_files import FileReconciler
from audit.ledger.checkpoint import vkey
from audit.ledger.entries import Log
from audit.ledger.verify import verify_folder
from core.access import Database
from core.crypto.pins import Pins
from core.crypto.rings import ProcessRole, RingName
from core.errors import Conflict, IntegrityError, NotFound
from core.identity.permissions import Permission
from core.messaging.files.held import HeldBlobs
from core.schema import archive
from core.settings import Settings
from core.store import Statement, Store
from core.types import SystemClock

CHUNK = 5_000

_e = archive.ledger_entries.c
_ENTRIES = Statement(
    select(_e.seq, _e.entry)
    .where(_e.log == bindparam("of"), _e.seq >= bindparam("low"))
    .order_by(_e.seq)
    .limit(CHUNK)
)


def reconcile_at_desk(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Open every record and vocabulary; return what does not open, by id."""
    desk = open_desk(settings)
    acting_officer(desk, argument, Permission.ARCHIVE_RECONCILE)
    return reconciled_at_desk(desk)


def reconciled_at_desk(desk: DeskServices) -> dict[str, Any]:
    """Return what opening every record and vocabulary found."""
    return _told(desk.reconciler.run())


def reconcile_at_worker(settings: Settings, _: dict[str, Any]) -> dict[str, Any]:
    """Compare chat store, archive, keystore, index, ledger and files by ids and hashes."""
    worker = worker_services(Ground(settings, ProcessRole.WORKER, SystemClock()))
    reconciler = Reconciler(
        chat_store=worker.chat.store,
        archive_store=worker.archive,
        keystore_store=worker.keystore,
        outboxes=worker.outboxes,
        index=worker.index,
        publishers=worker.publishers,
        files=FileReconciler(
            held=HeldBlobs(worker.chat.store, worker.chat.messaging.vault),
            archive_store=worker.archive,
            kept=worker.files.blobs.store,
            clock=worker.chat.clock,
            grace=timedelta(hours=settings.files_unfinished_hours),
        ),
    )
    return _told(reconciler.run())


def rebuild_index(settings: Settings, argument: dict[str, Any]) -> list[str]:
    """Ask for new generations of the indexes of the partitions named, or of all; return those."""
    desk = open_desk(settings)
    by = acting_officer(desk, argument, Permission.INDEX_REBUILD)
    asked = []
    for partition in argument["partitions"] or desk.rebuild.partitions():
        try:
            desk.rebuild.begin(partition, actor=by.id)
        except Conflict:
            if argument["partitions"]:
                raise
            continue  # it is being built already
        asked.append(partition)
    return asked


def building_indexes(settings: Settings, _: dict[str, Any]) -> list[str]:
    """Return the partitions whose new index is not live yet."""
    return open_desk(settings).rebuild.unfinished()


def verify_ledger(settings: Settings, _: dict[str, Any]) -> dict[str, Any]:
    """Recompute both logs from files and archive, with code that their writer does not share."""
    ground = Ground(settings, ProcessRole.DESK, SystemClock())
    pins, kept = Pins(ground.ring(RingName.DISCOVERY)), ground.store(Database.ARCHIVE)
    keys = [vkey(ledger_origin(settings, log), pins.verifier(LOG_KEYS[log])) for log in Log]
    truth = {str(log): _entries(kept, log) for log in Log}
    report = verify_folder(settings.home / "ledger", keys, truth)
    report.findings.extend(_put_back(settings))
    return {"findings": report.findings, "notes": report.notes, "sizes": report.sizes, "keys": keys}


def rebuild_ledger(settings: Settings, _: dict[str, Any]) -> dict[str, int]:
    """Write every tile again from the archive; refuses while a worker publishes."""
    ground = Ground(settings, ProcessRole.WORKER, SystemClock())
    kept = ground.store(Database.ARCHIVE)
    lease = Lease(kept, ground.clock, "archiver")
    try:
        lease.hold()
    except Conflict as error:
        raise Conflict(
            "A worker is running and publishes the ledger. Stop `chancery serve`, wait ten seconds, try "
            "again.",
            code="worker_running",
        ) from error
    try:
        return {str(publisher.log): publisher.rebuild().size for publisher in worker_publishers(ground, kept)}
    finally:
        lease.release()


def _put_back(settings: Settings) -> Iterator[str]:
    """Yield which logs are older than the desk saw them, or others: a signature cannot tell that."""
    for view in open_desk(settings).views.values():
        with contextlib.suppress(NotFound):  # a tile that is missing was found already
            try:
                view.checkpoint()
            except IntegrityError as error:
                yield str(error)


def _entries(kept: Store, log: Log) -> Iterator[bytes]:
    low = 0
    while rows := kept.read(lambda tx, at=low: tx.rows(_ENTRIES, of=str(log), low=at)):  # type: ignore[misc]
        for row in rows:
            yield bytes(row.entry)
        low = rows[-1].seq + 1


def _told(found: Reconciliation) -> dict[str, Any]:
    return {
        "compared": found.compared,
        "pending": found.pending,
        "differences": [
            {"kind": one.kind, "subject": one.subject, "detail": one.detail} for one in found.differences
        ],
    }
