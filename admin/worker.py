"""``python -m admin.worker``: the bridge. Archives, mirrors, does the desk's jobs, ends what expired.

One loop of short chores. A chore that fails is logged and tried again; none stops the others. What
it publishes about itself (lag, alarms) goes to the desk as reports and to ``status.json``.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
import structlog

from admin.bootstrap import die_with_parent, read_settings
from admin.desk_jobs import DeskJobs
from admin.mirror import Mirror
from admin.wiring.ground import Ground
from admin.wiring.worker import WorkerServices, worker_services
from core.crypto.rings import ProcessRole
from core.settings import Settings
from core.types import SystemClock, to_ms

TICK = 0.2

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chore:
    """One thing the worker does, and how often (seconds)."""

    name: str
    every: float
    run: Callable[[], object]
    due: float = 0.0
    failing: bool = False


class Worker:
    """The chores of one worker process."""

    def __init__(self, settings: Settings) -> None:
        self.services: WorkerServices = worker_services(Ground(settings, ProcessRole.WORKER, SystemClock()))
        chat, archiver = self.services.chat, self.services.archiver
        jobs, mirror = DeskJobs(self.services), Mirror(self.services)
        self._settings = settings
        self._failed_archiving = 0.0
        self.chores = [
            Chore("confirm policy", 0.5, chat.gate.refresh),
            Chore("accept offers", 5.0, self.services.partitions.accept_offers),
            Chore("archive", TICK, archiver.run_until_idle),
            Chore("desk jobs", TICK, jobs.run),
            Chore("mirror", 0.5, mirror.run),
            Chore("lapse", 1.0, jobs.lapse),
            Chore("close partitions", 60.0, archiver.close_partitions),
            Chore("status", 1.0, self._write_status),
            Chore("tidy stores", 300.0, self._tidy),
        ]

    def run_forever(self) -> None:
        """Do chores until the process ends."""
        while True:
            self.run_due()
            time.sleep(TICK)

    def run_due(self) -> None:
        """Do every chore that is due."""
        for chore in self.chores:
            now = time.monotonic()
            if now < chore.due:
                continue
            chore.due = now + chore.every
            try:
                chore.run()
                chore.failing = False
            except Exception:
                if not chore.failing:
                    log.exception("chore failed", chore=chore.name)
                chore.failing = True
                chore.due = now + max(1.0, chore.every)

    def _write_status(self) -> None:
        """Write lag and failing chores where ``chancery status`` reads them; no content."""
        lag = self.services.archiver.lag()
        now = to_ms(self.services.chat.clock.now())
        status = {
            "at_ms": now,
            "sealing": lag.sealing,
            "sealing_age_ms": now - lag.sealing_oldest_ms if lag.sealing_oldest_ms is not None else 0,
            "indexing": lag.indexing,
            "indexing_age_ms": now - lag.indexing_oldest_ms if lag.indexing_oldest_ms is not None else 0,
            "failing": [chore.name for chore in self.chores if chore.failing],
            "missing_partitions": self.services.partitions.missing_ahead(),
        }
        path = self._settings.home / "worker-status.json"
        draft = path.with_suffix(".new")
        draft.write_bytes(orjson.dumps(status))
        draft.replace(path)

    def _tidy(self) -> None:
        for store in (self.services.chat.store, self.services.archive, self.services.desk):
            store.truncate_wal()


def main() -> int:
    """Work until the process ends."""
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    Worker(read_settings()).run_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
