"""Archives, seals and indexes all that the demo says, beside the seeding; a step of role ``worker``.

It is the archiver of every house, fed in whole batches: an index that commits after each message
would be busy with committing. When nothing more will come it carries the rest, so that an officer
finds everything at once, indexes the chat for its own people, and mirrors those whom the directory names
for the desk.
"""

import time
from typing import Any, Final

from admin.demo.ground import BuildingGround, progress
from admin.demo.seed import seeded_mark
from admin.mirror import Mirror
from admin.wiring.worker import WorkerServices, worker_services
from audit.archive.archiver import BATCH
from core.crypto.rings import ProcessRole
from core.errors import Unavailable
from core.settings import Settings
from core.types import SystemClock

LOOK_EVERY: Final = 0.25
PATIENCE_S: Final = 60.0
"""How long nothing may go forward: an index that did not answer in time is left alone for some seconds."""


def archive(settings: Settings, _: dict[str, Any]) -> dict[str, int]:
    """Carry everything into the evidence world until the seeding is over; return how many people it names.

    Raises:
        Unavailable: ``demo_not_archived``; something is left that the archive did not take.
    """
    worker = worker_services(BuildingGround(settings, ProcessRole.WORKER, SystemClock()))
    try:
        worker.partitions.accept_offers()
        _follow(worker, settings)
        _carry_rest(worker)
        _index_chat(worker)
        worker.archiver.close_partitions()
        worker.archiver.step_down()
        return {"mirrored": Mirror(worker).run()}
    finally:
        for store in (worker.chat.store, worker.archive, worker.keystore, worker.desk):
            store.close()


def _follow(worker: WorkerServices, settings: Settings) -> None:
    """Carry whole batches while the seeding goes on."""
    mark = seeded_mark(settings)
    while not mark.exists():
        if worker.archiver.lag().sealing >= BATCH:
            worker.archiver.run_once()
        else:
            time.sleep(LOOK_EVERY)
    mark.unlink()


def _carry_rest(worker: WorkerServices) -> None:
    left = worker.archiver.lag().sealing
    with progress() as bars:
        shown = bars.add_task("Archive", total=left)
        until = time.monotonic() + PATIENCE_S
        while True:
            forward, lag = worker.archiver.run_once(), worker.archiver.lag()
            bars.update(shown, completed=left - lag.sealing)
            if forward:
                until = time.monotonic() + PATIENCE_S
            elif not (lag.sealing or lag.indexing) or time.monotonic() > until:
                break
            else:
                time.sleep(LOOK_EVERY)
    if lag.sealing or lag.indexing:
        raise Unavailable(
            f"{lag.sealing} rows of the demo were not archived and {lag.indexing} not indexed. "
            "See the lines above, and run it again: it starts over.",
            code="demo_not_archived",
        )


def _index_chat(worker: WorkerServices) -> None:
    """Let everybody find what their conversations show from the first moment on."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            worker.chat_indexer.run()
        except Unavailable:
            if time.monotonic() > until:
                raise
            time.sleep(LOOK_EVERY)
        else:
            return
