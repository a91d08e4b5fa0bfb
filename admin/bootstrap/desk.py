"""The ``desk`` process: what its pages are given, and its chores."""

import threading

from admin.health.monitor import serve_monitor
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.desk_chores import desk_chores
from admin.wiring.desk_pages import (
    Ask,
    CandidateRow,
    ChoosableFinding,
    DeskPages,
    EntryState,
    EvidenceFile,
    Found,
    HandOver,
    HoldAsk,
    HoldLine,
    JobLine,
    KeptSearch,
    LogState,
    OpenEntry,
    Overview,
    PersonName,
    PolicyReview,
    ProposedPolicy,
    QueueEntry,
    QueueList,
    QueueOrder,
    Reading,
    Recallable,
    RecallState,
    RetentionLine,
    RetentionState,
    TrailPage,
    TrailRow,
    WorkerState,
    desk_pages,
)
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.settings import Settings
from core.types import SystemClock

__all__ = [
    "Ask",
    "CandidateRow",
    "ChoosableFinding",
    "DeskPages",
    "DeskServices",
    "EntryState",
    "EvidenceFile",
    "Found",
    "HandOver",
    "HoldAsk",
    "HoldLine",
    "JobLine",
    "KeptSearch",
    "LogState",
    "OpenEntry",
    "Overview",
    "PersonName",
    "PolicyReview",
    "ProposedPolicy",
    "QueueEntry",
    "QueueList",
    "QueueOrder",
    "Reading",
    "RecallState",
    "Recallable",
    "RetentionLine",
    "RetentionState",
    "TrailPage",
    "TrailRow",
    "WorkerState",
    "build_desk",
    "build_desk_pages",
]


def build_desk(settings: Settings) -> DeskServices:
    """Build the desk process."""
    return desk_services(Ground(settings, ProcessRole.DESK, SystemClock()))


def build_desk_pages(settings: Settings) -> DeskPages:
    """Build what the pages of a desk process are given, and do the desk's chores beside the requests."""
    services = build_desk(settings)
    threading.Thread(target=desk_chores(services).run_forever, daemon=True).start()
    pages = desk_pages(services)
    serve_monitor(settings.monitor_desk, pages.readiness)
    return pages
