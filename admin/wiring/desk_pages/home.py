"""The desk's first page: what waits, what the ledger and the index cover, what the worker told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from admin.health.files import STALE_MS, WORKER_STATUS, read_status
from admin.wiring.approvals import Approvals
from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.queue import QueuePages
from audit.archive.reports import Report, Reports
from audit.archive.scope import Coverage
from core.errors import ChanceryError
from core.jobs import Jobs
from core.outbox import Outbox
from core.schema import desk
from core.store import Statement
from core.types import to_ms
from policies.lifecycle import State

REPORTS_SHOWN: Final = 20

_SEEN = Statement(select(desk.checkpoints.c.at_ms).where(desk.checkpoints.c.log == bindparam("of")))


@dataclass(frozen=True, slots=True)
class LogState:
    """One log of the ledger. ``error`` is a sentence if it does not verify; times in milliseconds."""

    name: str
    size: int
    seen_ms: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """What the worker last wrote about itself; ``status`` is None where it never did."""

    age_ms: int
    running: bool
    status: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """A signed job that is not done yet. Times in milliseconds."""

    kind: str
    state: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What an officer sees first. Ages count from the times given, in milliseconds.

    ``coverage`` is None while the index cannot be reached; ``unlogged`` are acts of this desk that
    the ledger does not have yet.
    """

    waiting: int
    oldest_ms: int | None
    drafts: int
    oldest_draft_ms: int | None
    logs: tuple[LogState, ...]
    coverage: Coverage | None
    unlogged: int
    worker: WorkerState
    jobs: tuple[JobLine, ...]
    reports: tuple[Report, ...]


class HomePages:
    """Reads the state of the desk; no text of any conversation."""

    def __init__(self, services: DeskServices, queue: QueuePages, approvals: Approvals) -> None:
        self._services = services
        self._queue = queue
        self._approvals = approvals
        self._reports = Reports(services.clock)
        self._jobs, self._outbox = Jobs(desk.jobs), Outbox(desk.outbox)

    def overview(self) -> Overview:
        """Return the state of everything that officers look after."""
        waiting, oldest = self._queue.backlog()
        drafts = [to_ms(one.at) for one in self._approvals.proposals() if one.state is State.DRAFT]
        read = self._services.store.read
        return Overview(
            waiting=waiting,
            oldest_ms=oldest,
            drafts=len(drafts),
            oldest_draft_ms=min(drafts, default=None),
            logs=tuple(self._logs()),
            coverage=self._coverage(),
            unlogged=read(self._outbox.lag)[0],
            worker=self._worker(),
            jobs=tuple(JobLine(*line) for line in read(self._jobs.pending)),
            reports=tuple(read(lambda tx: self._reports.newest(tx, REPORTS_SHOWN))),
        )

    def _logs(self) -> Sequence[LogState]:
        found = []
        for log, view in self._services.views.items():
            try:
                checkpoint = view.checkpoint()
            except ChanceryError as error:
                found.append(LogState(log, 0, None, error.message))
                continue
            seen = self._services.store.read(lambda tx, of=str(log): tx.value(_SEEN, of=of))  # type: ignore[misc]
            found.append(LogState(log, checkpoint.size if checkpoint else 0, seen))
        return found

    def _coverage(self) -> Coverage | None:
        try:
            return self._services.search.coverage()
        except ChanceryError:
            return None

    def _worker(self) -> WorkerState:
        status = read_status(self._services.settings.home / WORKER_STATUS)
        if status is None:
            return WorkerState(0, running=False, status=None)
        age = max(0, to_ms(self._services.clock.now()) - int(status["at_ms"]))
        return WorkerState(age, running=age < STALE_MS, status=status)
