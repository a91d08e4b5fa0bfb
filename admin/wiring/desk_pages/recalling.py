"""Recalling what was delivered, inside a matter: how a message stands, and an officer's decision on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from admin.wiring.desk_pages.searching import MatterPages, Reading
from admin.wiring.recall import RECALL, RESTORE, JobState, LastDecision
from audit.archive.presenting import Shown
from audit.archive.reader import RecordState
from core.errors import Conflict, Denied
from core.identity.permissions import Principal
from core.messaging.model import ItemState, VersionKind
from core.types import MatterId, PersonId

_SHOWN = frozenset({ItemState.SENT, ItemState.EDITED, ItemState.REDACTED})
_STOPPED_AGAIN = "stopped_again"


class RecallState(StrEnum):
    """What an officer can do with a message now."""

    NOTHING = "nothing"
    DELIVERED = "delivered"
    RECALLED = "recalled"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Recallable:
    """How a message stands. ``code`` says why the last decision was not carried out."""

    state: RecallState
    own: bool = False
    decided_by: str = ""
    decided_ms: int | None = None
    restores: bool = False
    code: str = ""


class RecallPages:
    """Recalls and restores, for officers who read the message in a matter of theirs."""

    def __init__(self, services: DeskServices, names: Names, matters: MatterPages) -> None:
        self._services = services
        self._names = names
        self._matters = matters

    def of(self, by: Principal, reading: Reading) -> Recallable:
        """Return what can be done with a message that was read."""
        versions = reading.versions
        current = _current(versions)
        if current is None:
            return Recallable(RecallState.NOTHING)
        last = self._services.recalls.last(current.item)
        own = self._is_own(by, current)
        recalled = current.item_state == ItemState.RECALLED
        stands = RecallState.RECALLED if recalled else RecallState.DELIVERED
        if last is None:
            return Recallable(stands, own)
        name = self._names.of_officers().get(last.decided_by, last.decided_by)
        return Recallable(
            RecallState.DECIDED if _is_under_way(last, recalled=recalled) else stands,
            own,
            name,
            last.decided_ms,
            last.kind == RESTORE,
            last.outcome if last.state is JobState.FAILED or last.outcome == _STOPPED_AGAIN else "",
        )

    def recall(self, by: Principal, matter: MatterId, search: str, item: str, reason: str) -> None:
        """Sign the recall of a delivered message; the worker carries it out.

        Raises:
            Denied: ``own_request``, ``not_in_matter`` or ``not_your_search``.
            InvalidInput: ``reason_missing`` or ``reason_too_long``.
            Conflict: ``already_decided``, ``already_recalled``, ``already_gone``, or ``record_unreadable``.
        """
        current = self._record(by, matter, search, item)
        if current.item_state == ItemState.RECALLED:
            raise Conflict("This message is recalled already.", code="already_recalled")
        self._decide(RECALL, by, matter, current, reason, ())

    def restore(self, by: Principal, matter: MatterId, search: str, item: str, reason: str) -> None:
        """Sign that a recalled message is shown again; raises as :meth:`recall`, and ``not_recalled``."""
        versions = self._matters.read(by, matter, search, item, 0).versions
        current = self._check(by, versions)
        if current.item_state != ItemState.RECALLED:
            raise Conflict("This message is not recalled, or not any more.", code="not_recalled")
        self._decide(RESTORE, by, matter, current, reason, _passed(versions))

    def _record(self, by: Principal, matter: MatterId, search: str, item: str) -> Shown:
        return self._check(by, self._matters.read(by, matter, search, item, 0).versions)

    def _check(self, by: Principal, versions: Sequence[Shown]) -> Shown:
        """Return the version that others see now; refuse where there is none, or none that is proved."""
        if any(one.state is not RecordState.OPEN for one in versions):
            raise Conflict(
                "The archived record cannot be opened yet, so nothing can be decided. Try again in a moment.",
                code="record_unreadable",
            )
        current = _current(versions)
        if current is None:
            raise Conflict("Nobody sees this message, so there is nothing to recall.", code="already_gone")
        if self._is_own(by, current):
            raise Denied("Nobody decides on their own message; a second officer has to.", code="own_request")
        return current

    def _decide(
        self,
        kind: str,
        by: Principal,
        matter: MatterId,
        record: Shown,
        reason: str,
        approved: Sequence[str],
    ) -> None:
        self._services.recalls.decide(
            kind,
            record.item,
            record.conversation,
            record.sender,
            officer=self._names.acting(by),
            matter=matter,
            reason=reason.strip(),
            approved=approved,
        )

    def _is_own(self, by: Principal, record: Shown) -> bool:
        return self._services.officers.is_person(self._names.acting(by), PersonId(record.sender))


def _current(versions: Sequence[Shown]) -> Shown | None:
    """Return the version of a message that others see now, or that says that it is recalled."""
    if versions[0].kind != VersionKind.CREATE:
        return None
    seen = [one for one in versions if one.cseq is not None and one.state is RecordState.OPEN]
    standing = seen and seen[-1].item_state in _SHOWN | {ItemState.RECALLED}
    return seen[-1] if standing else None


def _is_under_way(last: LastDecision, *, recalled: bool) -> bool:
    """Tell whether the worker has a decision to carry out, or the archive has not heard of it yet."""
    if last.state is JobState.DONE and last.outcome != _STOPPED_AGAIN:
        return recalled is not (last.kind == RECALL)
    return last.state is JobState.WAITING


def _passed(versions: Sequence[Shown]) -> tuple[str, ...]:
    """Return the findings with which the message was delivered in its versions: those are known."""
    keys = [
        key
        for one in versions
        if one.cseq is not None
        for key in one.decision.get("obligations", {}).get("finding_keys", ())
    ]
    return tuple(dict.fromkeys(keys))
