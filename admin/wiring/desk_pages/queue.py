"""The release queue for its pages: what waits, the archived record of an entry, and the decision on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from admin.wiring.desk_pages.searching import EvidenceFile, Reading, file_of, read_alone
from admin.wiring.release import Entry
from audit.archive.presenting import Shown
from audit.archive.reader import RecordState
from audit.archive.release_queue import WAITING
from audit.archive.search_service import QUEUE_PREFIX, Purpose
from core.errors import Conflict, Denied, InvalidInput
from core.identity.permissions import Principal
from core.jobs import Jobs
from core.messaging.model import ItemState
from core.schema import desk
from core.types import PersonId

_READING = "To decide on a quarantined message."


class EntryState(StrEnum):
    """Where an entry of the queue stands, as its page says it."""

    WAITING = "waiting"
    DECIDED = "decided"
    FAILED = "failed"
    RELEASED = "released"
    REJECTED = "rejected"
    STOPPED_AGAIN = "stopped_again"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def is_open(self) -> bool:
        """Tell whether an officer may decide now."""
        return self in {EntryState.WAITING, EntryState.FAILED}


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One entry. ``code`` says why a decision could not be carried out; times in milliseconds."""

    item: str
    state: EntryState
    since_ms: int
    expires_ms: int
    decided_by: str
    decided_ms: int | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class ChoosableFinding:
    """A finding that an officer may approve: its key, and what was found."""

    key: str
    found: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry with its record. ``own`` tells that the message is the reader's own."""

    entry: QueueEntry
    reading: Reading
    findings: tuple[ChoosableFinding, ...]
    own: bool


class QueuePages:
    """The release queue for officers."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._services = services
        self._names = names
        self._jobs = Jobs(desk.jobs)

    def entries(self) -> Sequence[QueueEntry]:
        """Return the queue: what waits first, the oldest before the newer; then what ended, newest first."""
        names = self._names.of_officers()
        found = [self._entry(entry, names) for entry in self._services.release.entries()]
        ended = [
            entry for entry in found if not entry.state.is_open and entry.state is not EntryState.DECIDED
        ]
        return [*(entry for entry in found if entry not in ended), *reversed(ended)]

    def get(self, item: str) -> QueueEntry:
        """Return one entry without its record. Raises NotFound ``no_entry``."""
        return self._entry(self._services.release.get(item), self._names.of_officers())

    def read(self, by: Principal, item: str) -> OpenEntry:
        """Return an undecided entry with its record, on record first; what surrounds it takes a matter.

        Raises:
            NotFound: ``no_entry``.
            Conflict: ``already_decided``; what was decided is read inside a matter.
        """
        entry = self.get(item)
        self._check_open(entry)
        reading = read_alone(self._services, _purpose(by, item), item)
        quarantined = _quarantined(reading.versions)
        return OpenEntry(
            entry=entry,
            reading=reading,
            findings=_findings(quarantined),
            own=self._is_own(by, quarantined),
        )

    def file(self, by: Principal, item: str, file: str) -> EvidenceFile:
        """Return a file of an undecided entry, on record first.

        Raises:
            NotFound: ``no_entry``, ``no_file``.
            Conflict: ``already_decided``.
        """
        self._check_open(self.get(item))
        return file_of(self._services, _purpose(by, item), item, file)

    def release(self, by: Principal, item: str, approved: Sequence[str], reason: str) -> None:
        """Sign the release of an entry with the findings ``approved``; the worker carries it out.

        Raises:
            Denied: ``own_request``.
            InvalidInput: ``reason_missing``, or ``no_finding``.
            Conflict: ``already_decided``, or ``record_unreadable``.
        """
        record = self._record(by, item)
        if not {finding.key for finding in _findings(record)}.issuperset(approved):
            raise InvalidInput("Approve findings of this message only.", code="no_finding")
        officer = self._names.acting(by)
        self._services.release.release(item, officer, record.sender, approved, reason.strip())

    def reject(self, by: Principal, item: str, reason: str) -> None:
        """Sign the rejection of an entry; raises as :meth:`release`."""
        record = self._record(by, item)
        self._services.release.reject(item, self._names.acting(by), record.sender, reason.strip())

    def _record(self, by: Principal, item: str) -> Shown:
        """Return the quarantined version, whose sender and findings the decision is about."""
        self._check_open(self.get(item))
        record = _quarantined(self._services.search.versions(_purpose(by, item), item))
        if record.state is not RecordState.OPEN:
            raise Conflict(
                "The archived record cannot be opened yet, so nothing can be decided. Try again in a moment.",
                code="record_unreadable",
            )
        if self._is_own(by, record):
            raise Denied("Nobody decides on their own message; a second officer has to.", code="own_request")
        return record

    def _is_own(self, by: Principal, record: Shown) -> bool:
        return self._services.officers.is_person(self._names.acting(by), PersonId(record.sender))

    @staticmethod
    def _check_open(entry: QueueEntry) -> None:
        if not entry.state.is_open:
            raise Conflict("This message was decided in the meantime.", code="already_decided")

    def _entry(self, entry: Entry, names: Mapping[str, str]) -> QueueEntry:
        state, code = self._state(entry)
        return QueueEntry(
            item=entry.item,
            state=state,
            since_ms=entry.since_ms,
            expires_ms=entry.expires_ms,
            decided_by=names.get(entry.decided_by, entry.decided_by),
            decided_ms=entry.decided_ms,
            code=code,
        )

    def _state(self, entry: Entry) -> tuple[EntryState, str]:
        if entry.outcome in set(EntryState):
            return EntryState(entry.outcome), ""
        if entry.state != WAITING:
            return EntryState(entry.state), ""
        if not entry.decided_by:
            return EntryState.WAITING, ""
        job = self._services.store.read(lambda tx: self._jobs.state(tx, entry.outcome))
        return (EntryState.FAILED, job[1]) if job and job[0] == "failed" else (EntryState.DECIDED, "")


def _quarantined(versions: Sequence[Shown]) -> Shown:
    """Return the version that the queue is about: a message with files had one before it was read."""
    return next((one for one in versions if one.item_state == ItemState.QUARANTINED), versions[0])


def _findings(record: Shown) -> tuple[ChoosableFinding, ...]:
    keys = record.decision.get("obligations", {}).get("finding_keys", ())
    # The same word twice has one key, and is approved once.
    chosen = dict(reversed(list(zip(keys, record.findings, strict=False))))
    return tuple(ChoosableFinding(key, chosen[key]) for key in dict.fromkeys(keys) if key in chosen)


def _purpose(by: Principal, item: str) -> Purpose:
    return Purpose(by.id, QUEUE_PREFIX + item, _READING)
