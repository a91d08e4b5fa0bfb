"""The release queue for its pages: what waits, the archived record of an entry, and the decision on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from admin.wiring.desk_pages.searching import EvidenceFile, Reading, file_of, read_alone
from admin.wiring.release import Entry, QueueOrder
from audit.archive.presenting import Label, Shown
from audit.archive.reader import RecordState
from audit.archive.release_queue import WAITING
from audit.archive.search_service import QUEUE_PREFIX, Purpose
from core.errors import Conflict, Denied, InvalidInput
from core.identity.officer_rows import Officer
from core.identity.permissions import Principal
from core.jobs import Jobs
from core.messaging.model import ItemState
from core.schema import desk
from core.types import BundleHash, PersonId
from policies.bundle import from_canonical
from policies.compiled import OWN_TITLES
from policies.model.texts import Text

PAGE: Final = 50

_READING = "To decide on a quarantined message."
_LISTING = "To see who waits for a decision."


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
    """One entry. ``code`` says why a decision could not be carried out; times in milliseconds.

    ``label`` tells who, where and by which rules, of what is listed while it waits, ``titles`` what those
    rules are called. ``own`` tells that it is the reader's own message.
    """

    item: str
    state: EntryState
    since_ms: int
    expires_ms: int
    decided_by: str
    decided_ms: int | None
    code: str = ""
    label: Label | None = None
    titles: Mapping[str, Text] = field(default_factory=dict)
    own: bool = False


@dataclass(frozen=True, slots=True)
class QueueList:
    """A page of the queue. ``usual_ms`` is how long deciding usually takes, as senders are told."""

    entries: tuple[QueueEntry, ...]
    next_start: int | None
    waiting: int
    usual_ms: int | None


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

    def waiting(self, by: Principal, order: QueueOrder, start: int = 0) -> QueueList:
        """Return what waits with who, where and why, on record before any name is read."""
        found = self._services.release.waiting(order, start=start, most=PAGE + 1)
        rids = {entry.item: entry.rid for entry in found[:PAGE]}
        labels = self._services.search.labels(by.id, rids, _LISTING)
        titles = {bundle: self._titles(bundle) for bundle in {label.bundle for label in labels.values()}}
        officer, names = self._names.acting(by), self._names.of_officers()
        entries = [
            self._labelled(self._entry(entry, names), labels.get(entry.item), titles, officer)
            for entry in found[:PAGE]
        ]
        return self._list(entries, start, len(found))

    def ended(self, start: int = 0) -> QueueList:
        """Return what ended, without names: it is read inside a matter."""
        found, names = self._services.release.ended(start=start, most=PAGE + 1), self._names.of_officers()
        return self._list((self._entry(entry, names) for entry in found[:PAGE]), start, len(found))

    def backlog(self) -> tuple[int, int | None]:
        """Return how many wait, and since when the first of them."""
        return self._services.release.backlog()

    def following(self, item: str) -> str | None:
        """Return which entry has waited longest for a decision besides ``item``."""
        found = self._services.release.waiting(QueueOrder.SINCE, most=PAGE)
        names = self._names.of_officers()
        entries = (self._entry(entry, names) for entry in found if entry.item != item)
        return next((entry.item for entry in entries if entry.state.is_open), None)

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

    def _labelled(
        self,
        entry: QueueEntry,
        label: Label | None,
        titles: Mapping[str, Mapping[str, Text]],
        officer: Officer,
    ) -> QueueEntry:
        if label is None:
            return entry
        own = bool(label.sender) and self._is(officer, label.sender)
        return replace(entry, label=label, titles=titles[label.bundle], own=own)

    def _titles(self, bundle: str) -> Mapping[str, Text]:
        """Return what the rules of a bundle are called, with those of the engine itself."""
        form = self._services.approvals.form(BundleHash(bundle)) if bundle else None
        rules = from_canonical(form).rules if form is not None else ()
        return {**OWN_TITLES, **{rule.id: rule.title for rule in rules}}

    def _list(self, entries: Iterable[QueueEntry], start: int, found: int) -> QueueList:
        after = start + PAGE if found > PAGE else None
        waiting, _ = self.backlog()
        return QueueList(tuple(entries), after, waiting, self._services.release.usual_wait_ms())

    def _is_own(self, by: Principal, record: Shown) -> bool:
        return self._is(self._names.acting(by), record.sender)

    def _is(self, officer: Officer, sender: str) -> bool:
        return self._services.officers.is_person(officer, PersonId(sender))

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
