"""What the desk's pages ask of the rooms below: small Protocols, and the values that cross.

Whoever starts the desk hands over one :class:`DeskPages`. Every method is complete in itself: its own
transaction, its own trail row before any text leaves, and typed errors.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from admin.bootstrap.desk import (
    Ask,
    CandidateRow,
    ChoosableFinding,
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
    Reading,
    Recallable,
    RecallState,
    RetentionLine,
    RetentionState,
    TrailPage,
    TrailRow,
    WorkerState,
)
from audit.matters.matters import Matter
from audit.search.port import Hit
from core.identity.officer_rows import Officer
from core.identity.permissions import Principal
from core.identity.sessions import Session
from core.identity.signin import OfficerSignedIn
from core.settings import Settings
from core.types import Clock, MatterId, OfficerId, PersonId, SessionId
from policies.lifecycle import Head
from web.ports import Preferring

__all__ = [
    "Ask",
    "CandidateRow",
    "ChoosableFinding",
    "DeskPages",
    "EntryState",
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
    "Reading",
    "RecallState",
    "Recallable",
    "RetentionLine",
    "RetentionState",
    "TrailPage",
    "TrailRow",
    "WorkerState",
]


class DeskDoor(Protocol):
    """Signing in and out at the desk, and one's own sessions."""

    def sign_in(
        self, username: str, password: str, address: str, user_agent: str
    ) -> tuple[str, OfficerSignedIn]:
        """Check a password and start a session; return its token and who signed in.

        Raises:
            NotSignedIn: ``bad_credentials``; the same for whoever is no officer.
            Limited: ``too_many_attempts`` with ``retry_after`` in seconds.
        """
        ...

    def identify(self, token: str) -> OfficerSignedIn:
        """Return which officer holds ``token``. Raises NotSignedIn ``not_signed_in``."""
        ...

    def sessions(self, person: str) -> Sequence[Session]:
        """Return the live sessions of an officer."""
        ...

    def revoke(self, person: str, session: SessionId) -> None:
        """End one session of an officer. Raises NotFound ``no_session``."""
        ...

    def sign_out_everywhere(self, person: str, by: str, *, but: SessionId | None = None) -> int:
        """End all sessions of an officer, except ``but``; return how many."""
        ...


class Home(Protocol):
    """The state of the desk, without any text of a conversation."""

    def overview(self) -> Overview:
        """Return what waits, what is covered, and what the worker told."""
        ...


class MatterDesk(Protocol):
    """Matters, their searches, and reading inside them."""

    def of(self, by: Principal) -> Sequence[Matter]:
        """Return the matters of an officer, newest first."""
        ...

    def get(self, by: Principal, matter: MatterId) -> Matter:
        """Return one matter to one of its officers. Raises NotFound ``no_matter``."""
        ...

    def open(self, by: Principal, purpose: str, officers: Sequence[OfficerId]) -> MatterId:
        """Open a matter. Raises InvalidInput ``purpose_missing`` or ``no_officer``."""
        ...

    def add(self, by: Principal, matter: MatterId, officers: Sequence[OfficerId]) -> None:
        """Let officers read in a matter. Raises InvalidInput ``no_officer``, Conflict ``matter_closed``."""
        ...

    def close(self, by: Principal, matter: MatterId) -> None:
        """Close a matter. Raises Conflict ``matter_closed``, or ``matter_holds`` while it keeps a hold."""
        ...

    def keep(self, by: Principal, matter: MatterId, ask: Ask) -> str:
        """Check what is asked and keep it, sealed; return its id.

        Raises:
            InvalidInput: ``bad_query`` with ``position``, ``reason_missing``, ``bad_dates``.
            Denied: ``not_in_matter``.
        """
        ...

    def searches(self, by: Principal, matter: MatterId) -> Sequence[KeptSearch]:
        """Return the searches of a matter, newest first."""
        ...

    def search(self, by: Principal, matter: MatterId, search: str) -> KeptSearch:
        """Return one search of a matter. Raises NotFound ``no_search``."""
        ...

    def run(self, by: Principal, matter: MatterId, search: str, after: Hit | None = None) -> Found:
        """Return a page of results.

        Raises:
            Denied: ``not_in_matter`` or ``not_your_search``.
            InvalidInput: ``too_common`` or ``bad_query``.
            Unavailable: ``index_unavailable``.
        """
        ...

    def read(self, by: Principal, matter: MatterId, search: str, item: str, around: int = ...) -> Reading:
        """Return an item in full with ``around`` records before and after. Raises NotFound ``no_record``."""
        ...

    def file(self, by: Principal, matter: MatterId, search: str, item: str, file: str) -> EvidenceFile:
        """Return a file of an item. Raises NotFound ``no_file``."""
        ...


class Queue(Protocol):
    """The release queue."""

    def entries(self) -> Sequence[QueueEntry]:
        """Return what waits, the oldest first, then what ended."""
        ...

    def get(self, item: str) -> QueueEntry:
        """Return one entry without its record. Raises NotFound ``no_entry``."""
        ...

    def read(self, by: Principal, item: str) -> OpenEntry:
        """Return an undecided entry with its record only. Raises Conflict ``already_decided``."""
        ...

    def file(self, by: Principal, item: str, file: str) -> EvidenceFile:
        """Return a file of an undecided entry. Raises NotFound ``no_file``."""
        ...

    def release(self, by: Principal, item: str, approved: Sequence[str], reason: str) -> None:
        """Sign the release of an entry with the findings ``approved``.

        Raises:
            Denied: ``own_request``.
            InvalidInput: ``reason_missing`` or ``no_finding``.
            Conflict: ``already_decided`` or ``record_unreadable``.
        """
        ...

    def reject(self, by: Principal, item: str, reason: str) -> None:
        """Sign the rejection of an entry; raises as :meth:`release`."""
        ...


class Recalls(Protocol):
    """Recalling what was delivered, inside a matter."""

    def of(self, by: Principal, reading: Reading) -> Recallable:
        """Return what can be done with a message that was read."""
        ...

    def recall(self, by: Principal, matter: MatterId, search: str, item: str, reason: str) -> None:
        """Sign the recall of a delivered message.

        Raises:
            Denied: ``own_request``, ``not_in_matter`` or ``not_your_search``.
            InvalidInput: ``reason_missing`` or ``reason_too_long``.
            Conflict: ``already_decided``, ``already_recalled``, ``already_gone`` or ``record_unreadable``.
        """
        ...

    def restore(self, by: Principal, matter: MatterId, search: str, item: str, reason: str) -> None:
        """Sign that a recalled message is shown again; raises as :meth:`recall`, and ``not_recalled``."""
        ...


class PolicyDesk(Protocol):
    """Proposed policies for approvers."""

    def proposals(self, by: Principal) -> Sequence[ProposedPolicy]:
        """Return all proposals, newest first."""
        ...

    def head(self) -> Head:
        """Return number and hash of the bundle approved last."""
        ...

    def review(self, by: Principal, proposal: str) -> PolicyReview:
        """Return one proposal with its tests. Raises NotFound ``no_proposal``."""
        ...

    def approve(self, by: Principal, proposal: str) -> None:
        """Sign a proposal.

        Raises:
            Denied: ``own_request``.
            Conflict: ``already_decided`` or ``already_enforced``.
            InvalidInput: ``bundle_tests_failed``.
        """
        ...

    def reject(self, by: Principal, proposal: str) -> None:
        """Reject a proposal. Raises Denied ``own_request``, Conflict ``already_decided``."""
        ...


class OfficerDesk(Protocol):
    """Officers: confirmed by an approver, enrolled by themselves."""

    def officers(self) -> Sequence[Officer]:
        """Return all officers by name."""
        ...

    def colleagues(self) -> Sequence[Officer]:
        """Return those who may read in a matter now."""
        ...

    def candidates(self, by: Principal) -> Sequence[CandidateRow]:
        """Return everybody whom the directory names."""
        ...

    def confirm(self, by: Principal, person: PersonId, roles: Sequence[str]) -> HandOver:
        """Make a candidate an officer; the code is shown once.

        Raises:
            Denied: ``own_request``.
            NotFound: ``no_candidate``.
            InvalidInput: ``roles_not_named``.
            Conflict: ``username_taken``.
        """
        ...

    def disable(self, by: Principal, officer: OfficerId) -> None:
        """Take a desk account away. Raises Denied ``own_request``, Conflict ``already_disabled``."""
        ...

    def enrol(self, code: str, password: str) -> str:
        """Set the first password; return the name to sign in with.

        Raises:
            InvalidInput: ``bad_enrolment_code``, or what the password lacks.
        """
        ...


class Holds(Protocol):
    """Legal holds, made and released inside a matter."""

    def all(self, by: Principal) -> Sequence[HoldLine]:
        """Return every hold, those in force first."""
        ...

    def get(self, by: Principal, hold: str) -> HoldLine:
        """Return one hold. Raises NotFound ``no_hold``."""
        ...

    def add(self, by: Principal, ask: HoldAsk) -> str:
        """Put something on hold; return the hold's id.

        Raises:
            InvalidInput: ``no_person``, ``no_conversation``, ``hold_scope``, ``reason_missing`` or
                ``bad_dates``.
            Denied: ``not_in_matter``.
            Conflict: ``already_condemned``.
        """
        ...

    def release(self, by: Principal, hold: str, reason: str) -> None:
        """Release a hold.

        Raises:
            InvalidInput: ``reason_missing``.
            NotFound: ``no_hold``.
            Denied: ``not_in_matter``.
            Conflict: ``already_released``.
        """
        ...

    def username(self, person: str) -> str:
        """Return the user name of a person, empty for nobody."""
        ...

    def people(self) -> Sequence[PersonName]:
        """Return everybody who can be held, leavers too."""
        ...


class Retention(Protocol):
    """How far retention has come."""

    def lines(self) -> Sequence[RetentionLine]:
        """Return every partition, the newest month first."""
        ...


class Trail(Protocol):
    """What officers, administrators and policies did."""

    def page(self, before: int | None = None) -> TrailPage:
        """Return the newest acts whose leaf is below ``before``."""
        ...


class Readiness(Protocol):
    """Whether this process can do its work."""

    def answer(self) -> tuple[dict[str, Any], int]:
        """Return body and status of ``/readyz``: a short code of why it cannot, or nothing."""
        ...


class DeskPages(Protocol):
    """All that the desk's pages are given."""

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        ...

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        ...

    @property
    def signin(self) -> DeskDoor:
        """Signing in and sessions."""
        ...

    @property
    def home(self) -> Home:
        """The first page."""
        ...

    @property
    def matters(self) -> MatterDesk:
        """Matters, searching, reading."""
        ...

    @property
    def queue(self) -> Queue:
        """The release queue."""
        ...

    @property
    def recalls(self) -> Recalls:
        """Recalling what was delivered."""
        ...

    @property
    def policies(self) -> PolicyDesk:
        """Proposed policies."""
        ...

    @property
    def officers(self) -> OfficerDesk:
        """Officers and candidates."""
        ...

    @property
    def holds(self) -> Holds:
        """Legal holds."""
        ...

    @property
    def retention(self) -> Retention:
        """Retention and destruction."""
        ...

    @property
    def trail(self) -> Trail:
        """What was done."""
        ...

    @property
    def readiness(self) -> Readiness:
        """Whether this process can do its work."""
        ...

    @property
    def preferences(self) -> Preferring:
        """How officers want their screens."""
        ...
