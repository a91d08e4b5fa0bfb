"""What the desk's pages are given: each thing an officer does, complete in itself, on the desk's services.

Every method has its own transaction and its own trail row, and raises typed errors. Pages hold no SQL.
"""

from dataclasses import dataclass

from admin.health.readiness import Readiness
from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.holds import HoldAsk, HoldLine, HoldPages
from admin.wiring.desk_pages.home import HomePages, JobLine, LogState, Overview, WorkerState
from admin.wiring.desk_pages.names import Names, PersonName
from admin.wiring.desk_pages.officers import CandidateRow, HandOver, OfficerPages
from admin.wiring.desk_pages.policies import PolicyPages, PolicyReview, ProposedPolicy
from admin.wiring.desk_pages.queue import (
    ChoosableFinding,
    EntryState,
    OpenEntry,
    QueueEntry,
    QueueList,
    QueuePages,
)
from admin.wiring.desk_pages.recalling import Recallable, RecallPages, RecallState
from admin.wiring.desk_pages.retention import RetentionLine, RetentionPages, RetentionState
from admin.wiring.desk_pages.searching import Ask, EvidenceFile, Found, KeptSearch, MatterPages, Reading
from admin.wiring.desk_pages.trail import TrailPage, TrailPages, TrailRow
from admin.wiring.readiness import readiness
from admin.wiring.release import QueueOrder
from core.access import Database
from core.identity.preferences import OwnPreferences
from core.identity.signin import DeskSignIn
from core.settings import Settings
from core.types import Clock

__all__ = [
    "Ask",
    "CandidateRow",
    "ChoosableFinding",
    "DeskPages",
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
    "desk_pages",
]


@dataclass(frozen=True, slots=True)
class DeskPages:
    """All that the desk's pages are given."""

    settings: Settings
    clock: Clock
    signin: DeskSignIn
    home: HomePages
    matters: MatterPages
    queue: QueuePages
    recalls: RecallPages
    policies: PolicyPages
    officers: OfficerPages
    holds: HoldPages
    retention: RetentionPages
    trail: TrailPages
    readiness: Readiness
    preferences: OwnPreferences


def desk_pages(services: DeskServices) -> DeskPages:
    """Return what the pages are given on the services of a desk process."""
    names = Names(services)
    queue, matters = QueuePages(services, names), MatterPages(services, names)
    return DeskPages(
        settings=services.settings,
        clock=services.clock,
        signin=services.signin,
        home=HomePages(services, queue, services.approvals),
        matters=matters,
        queue=queue,
        recalls=RecallPages(services, names, matters),
        policies=PolicyPages(services, names),
        officers=OfficerPages(services, names),
        holds=HoldPages(services, names),
        retention=RetentionPages(services, names),
        trail=TrailPages(services, names),
        preferences=OwnPreferences(services.store, services.preferences),
        readiness=readiness(
            services.clock,
            {
                Database.ARCHIVE: services.archive,
                Database.KEYSTORE: services.keystore,
                Database.DESK: services.store,
            },
        ),
    )
