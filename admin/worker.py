"""``python -m admin.worker``: the bridge. Archives, mirrors, does the desk's jobs, ends what expired.

One loop of short chores. What it publishes about itself (lag, alarms) goes to the desk as
reports and to ``worker-status.json``.
"""

import os
import signal
import sys
from collections import Counter
from ipaddress import ip_network

from admin.bootstrap import die_with_parent, read_settings
from admin.chores import TICK, Chore, Chores
from admin.desk_jobs import DeskJobs
from admin.directory_chores import DirectoryChores
from admin.file_chores import FileChores
from admin.health.clock import ClockWatch
from admin.health.counting import count_worker
from admin.health.files import WORKER_STATUS, write_status
from admin.health.monitor import serve_monitor
from admin.mirror import Mirror
from admin.preview_chores import PreviewChores
from admin.search_chores import SearchChores
from admin.wiring.ground import Ground
from admin.wiring.readiness import readiness
from admin.wiring.worker import WorkerServices, worker_services
from audit.search.port import Health, ShardHeadroom
from core.access import Database
from core.bus import BusState
from core.crypto.rings import ProcessRole
from core.egress import Egress
from core.errors import Unavailable
from core.identity.builtin import BuiltinDirectory
from core.jobs import Jobs
from core.logs import configure_logs, tell_of_crashes
from core.messaging.names import NameClaims
from core.messaging.prune import Pruner
from core.schema import desk as desk_schema
from core.settings import Settings
from core.store import Tx
from core.types import SystemClock, to_ms


class Worker:
    """The chores of one worker process."""

    def __init__(self, settings: Settings) -> None:
        ground = Ground(settings, ProcessRole.WORKER, SystemClock())
        self.services: WorkerServices = worker_services(ground)
        chat, archiver = self.services.chat, self.services.archiver
        jobs, mirror = DeskJobs(self.services), Mirror(self.services)
        pruner = Pruner(chat.store, chat.clock, lambda: chat.gate.settings().usage)
        names = NameClaims(chat.store, chat.messaging.titles, chat.owners.tag)
        self._index = Health(reachable=False, writable=False, detail="The index was not looked at yet.")
        self._shards: ShardHeadroom | None = None
        self._bus: BusState | None = None
        self._settings = settings
        self._jobs, self._clock_watch = Jobs(desk_schema.jobs), ClockWatch(chat.clock)
        self.readiness = readiness(
            chat.clock,
            {
                Database.CHAT: chat.store,
                Database.ARCHIVE: self.services.archive,
                Database.KEYSTORE: self.services.keystore,
                Database.DESK: self.services.desk,
            },
            policy=chat.gate.epoch,
        )
        self.search = SearchChores(self.services.chat_indexer, self.services.search_lease)
        self.directory = DirectoryChores(chat) if settings.directory_kind == "ldap" else None
        self.previews = PreviewChores(
            chat.store,
            chat.clock,
            chat.messaging,
            Egress([ip_network(name) for name in settings.previews_networks]),
            lambda: settings.previews_enabled and chat.gate.settings().usage.previews,
        )
        self.files = FileChores(chat, self.services.files, ground.reach)
        self.chores = Chores(
            [
                Chore("confirm policy", 0.5, chat.gate.refresh),
                Chore("accept offers", 5.0, self.services.partitions.accept_offers),
                Chore("archive", TICK, archiver.run_until_idle),
                Chore("desk jobs", TICK, jobs.run),
                Chore("deliver files", TICK, self.files.decide),
                Chore("show previews", TICK, self.previews.show),
                Chore("mirror", 0.5, mirror.run),
                Chore("lapse", 1.0, jobs.lapse),
                Chore("send later", 1.0, self.services.scheduled.run),
                Chore("close partitions", 60.0, archiver.close_partitions),
                Chore("retention", 60.0, self._post_due),
                Chore("look at index", 5.0, self.look_at_index),
                Chore("look at shards", 60.0, self.look_at_shards),
                Chore("look at bus", 5.0, self.look_at_bus),
                Chore("status", 1.0, self.write_status),
                Chore("prune", 3600.0, pruner.run),
                Chore("claim names", 3600.0, names.run),
                Chore("purge", 300.0, lambda: chat.store.write(self._purge)),
                Chore("tidy stores", 300.0, self._tidy),
            ]
        )
        if isinstance(chat.directory, BuiltinDirectory):
            # A directory server is read anew by its sync.
            self.chores.all.append(Chore("apply groups", 3600.0, chat.directory.apply_mapping))

    def look_at_index(self) -> None:
        """See how the index is; it opens every partition, so less often than the rest of the status."""
        self._index = self.services.index.health()

    def look_at_shards(self) -> None:
        """See how much room for indexes there is; that the index cannot be asked is told elsewhere."""
        try:
            self._shards = self.services.index.headroom()
        except Unavailable:
            self._shards = None

    def look_at_bus(self) -> None:
        """See whether hints travel."""
        self._bus = self.services.chat.bus.ask()

    def write_status(self) -> None:
        """Write lag and failing chores where ``chancery status`` reads them; no content."""
        lag = self.services.archiver.lag()
        unsearchable, unsearchable_since = self.services.chat_indexer.lag()
        now = to_ms(self.services.chat.clock.now())
        try:
            policy = self.services.chat.gate.enforced()
        except Unavailable:
            policy = None
        outbox = Counter(source for source, _ in self.services.outboxes.places())
        jobs = Counter(job_state for _, job_state, _ in self.services.desk.read(self._jobs.pending))
        status = {
            "at_ms": now,
            "outbox": {"chat": outbox["chat"], "desk": outbox["desk"]},
            "jobs": {each: jobs[each] for each in ("ready", "running", "failed")},
            "ready": self.readiness.reason(),
            "clock_jump": self._clock_watch.last(),
            "sealing": lag.sealing,
            "sealing_age_ms": now - lag.sealing_oldest_ms if lag.sealing_oldest_ms is not None else 0,
            "indexing": lag.indexing,
            "indexing_age_ms": now - lag.indexing_oldest_ms if lag.indexing_oldest_ms is not None else 0,
            "chat_search": unsearchable,
            "chat_search_age_ms": now - unsearchable_since if unsearchable_since is not None else 0,
            "failing": [
                *self.chores.failing(),
                *self.search.chores.failing(),
                *self.files.failing(),
                *self.previews.chores.failing(),
                *(self.directory.chores.failing() if self.directory else ()),
            ],
            "files": self.files.status(),
            "directory": self.directory.status() if self.directory else None,
            "missing_partitions": self.services.partitions.missing_ahead(),
            "refused": self.services.archiver.refused(),
            "index": {"ok": self._index.ok, "detail": self._index.detail},
            "bus": {"ok": self._bus.ok, "detail": self._bus.detail} if self._bus else None,
            "shards": {"used": self._shards.used, "limit": self._shards.limit} if self._shards else None,
            "policy": {"number": policy.number, "hash": policy.hash} if policy else None,
            "ledger": {
                str(publisher.log): published.size if (published := publisher.published()) else 0
                for publisher in self.services.publishers
            },
        }
        count_worker(status)
        write_status(self._settings.home / WORKER_STATUS, status)

    def _post_due(self) -> None:
        """Propose what is due, by a policy that is confirmed now, however long other chores took."""
        self.services.chat.gate.refresh()
        self.services.expiry.post_due()

    def _purge(self, tx: Tx) -> None:
        """Forget sessions that ended and sign-ins that failed, once neither matters any more."""
        self.services.chat.sessions.do_purge(tx)
        self.services.chat.throttle.do_purge(tx)

    def _tidy(self) -> None:
        for store in (self.services.chat.store, self.services.archive, self.services.desk):
            store.tidy()


def main() -> int:
    """Work until the process ends."""
    die_with_parent()
    settings = read_settings()
    configure_logs(ProcessRole.WORKER, settings.log_format)
    tell_of_crashes()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    worker = Worker(settings)
    if worker.directory:
        worker.directory.start()
    worker.search.start()
    worker.files.start()
    if settings.previews_enabled:
        worker.previews.start()
    serve_monitor(settings.monitor_worker, worker.readiness)
    worker.chores.run_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
