"""Legal holds for their page: made and released inside a matter; what each of them pins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import bindparam, select

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names, PersonName
from audit.archive.presenting import Label
from audit.archive.reader import RecordState
from audit.archive.search_service import Purpose
from audit.matters.matters import Matter
from audit.retention.legal_holds import Hold, HoldScope
from core.errors import InvalidInput, NotFound
from core.identity.permissions import Principal
from core.schema.keystore import data_keys
from core.store import Statement, Tx
from core.types import MatterId, OfficerId

_k = data_keys.c
_TALKED = Statement(
    select(_k.rid)
    .where(_k.conversation_id == bindparam("conversation"))
    .order_by(_k.at_ms.desc(), _k.rid.desc())
    .limit(1)
)
_NAMING: Final = "To show which conversation a hold covers."
MAX_REASON: Final = 2_000


@dataclass(frozen=True, slots=True)
class HoldAsk:
    """What an officer puts on hold, as the form has it: days in UTC, both included."""

    matter: str = ""
    person: str = ""
    conversation: str = ""
    first: date | None = None
    last: date | None = None
    reason: str = ""
    accept_lost: bool = False


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold. ``matter`` is None where the reader is not in it: then nothing tells whom it concerns.

    ``person`` is a name. ``where`` is how the conversation was called when its last record was written;
    None where none can be read. ``scope`` counts records by partition. Times in milliseconds.
    """

    id: str
    number: int
    matter: Matter | None
    person: str
    conversation: str
    first: date | None
    last: date | None
    reason: str
    added_by: str
    added_ms: int
    released_by: str
    released_ms: int | None
    scope: Mapping[str, int]
    where: Label | None = None

    @property
    def records(self) -> int:
        """How many records are in its scope."""
        return sum(self.scope.values())


class HoldPages:
    """Holds for officers."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._services = services
        self._names = names

    def all(self, by: Principal) -> Sequence[HoldLine]:
        """Return every hold: those in force first, the newest before the older.

        In which conversations those of the reader's open matters are is read in the archive, on record.
        """
        found = self._named(by, self._lines(by))
        return sorted(found, key=lambda one: (one.released_ms is not None, -one.number))

    def get(self, by: Principal, hold: str) -> HoldLine:
        """Return one hold. Raises NotFound ``no_hold``."""
        return self._named(by, [self._find(by, hold)])[0]

    def where(self, by: Principal, matter: str, conversation: str) -> Label | None:
        """Return how a conversation is called that is about to be held in a matter of the reader's."""
        if not any(one.id == matter and one.closed_ms is None for one in self._matters(by).values()):
            return None
        return self._whereabouts(by, matter, {conversation}).get(conversation)

    def add(self, by: Principal, ask: HoldAsk) -> str:
        """Put something on hold, effective when this returns; return the hold's id.

        Raises:
            InvalidInput: ``no_person``, ``no_conversation``, ``hold_scope``, ``reason_missing``,
                ``reason_too_long`` or ``bad_dates``.
            Denied: ``not_in_matter``.
            Conflict: ``already_condemned`` unless ``accept_lost``.
        """
        if len(ask.reason) > MAX_REASON:
            raise InvalidInput(f"A reason has at most {MAX_REASON:,} characters.", code="reason_too_long")
        if ask.first and ask.last and ask.first > ask.last:
            raise InvalidInput("The first day lies after the last one.", code="bad_dates")
        scope = HoldScope(
            person=self._person(ask.person) if ask.person else None,
            conversation=self._conversation(ask.conversation) if ask.conversation else None,
            since=_midnight(ask.first),
            until=_midnight(ask.last + timedelta(days=1)) if ask.last else None,
        )
        purpose = Purpose(by.id, ask.matter, ask.reason)
        made = self._services.holds.add(purpose, scope, accept_lost=ask.accept_lost)
        self._services.carrier.carry()
        return made.id

    def release(self, by: Principal, hold: str, reason: str) -> None:
        """Release a hold; nothing is deleted by that.

        Raises:
            InvalidInput: ``reason_missing`` or ``reason_too_long``.
            NotFound: ``no_hold``; also to whoever is not in its matter.
            Denied: ``not_in_matter``; the matter is closed.
            Conflict: ``already_released``.
        """
        if len(reason) > MAX_REASON:
            raise InvalidInput(f"A reason has at most {MAX_REASON:,} characters.", code="reason_too_long")
        found = self._find(by, hold)
        if found.matter is None:
            raise NotFound("There is no such hold in a matter of yours.", code="no_hold")
        self._services.holds.release(hold, Purpose(by.id, found.matter.id, reason))
        self._services.carrier.carry()

    def username(self, person: str) -> str:
        """Return the name that the form takes for a person; empty for nobody."""
        return next((one.username for one in self.people() if one.id == person), "")

    def people(self) -> Sequence[PersonName]:
        """Return everybody who can be held, leavers too, by name."""
        return self._names.people(leavers=True)

    def _person(self, username: str) -> str:
        for one in self.people():
            if username.casefold() == one.username.casefold():
                return str(one.id)
        raise InvalidInput(f"Nobody is called {username}. Choose a name from the list.", code="no_person")

    def _conversation(self, conversation: str) -> str:
        if self._services.keystore.read(lambda tx: last_record(tx, conversation)) is None:
            raise InvalidInput(
                "Nothing is kept of such a conversation. Open one of its records and hold it from there.",
                code="no_conversation",
            )
        return conversation

    def _matters(self, by: Principal) -> dict[MatterId, Matter]:
        return {matter.id: matter for matter in self._services.matters.of(OfficerId(by.id))}

    def _lines(self, by: Principal) -> list[HoldLine]:
        matters, names = self._matters(by), self._names.of_officers()
        return [self._line(hold, matters, names) for hold in self._services.holds.all()]

    def _find(self, by: Principal, hold: str) -> HoldLine:
        found = next((one for one in self._lines(by) if one.id == hold), None)
        if found is None:
            raise NotFound("There is no such hold.", code="no_hold")
        return found

    def _named(self, by: Principal, lines: Sequence[HoldLine]) -> list[HoldLine]:
        held: dict[str, set[str]] = {}
        for line in lines:
            if line.conversation and line.matter and line.matter.closed_ms is None:
                held.setdefault(line.matter.id, set()).add(line.conversation)
        known: dict[str, Label] = {}
        for matter, conversations in held.items():
            known |= self._whereabouts(by, matter, conversations)
        return [
            replace(line, where=known.get(line.conversation))
            if line.matter and line.matter.id in held
            else line
            for line in lines
        ]

    def _whereabouts(self, by: Principal, matter: str, conversations: Iterable[str]) -> dict[str, Label]:
        def last(tx: Tx) -> dict[str, str]:
            found = {each: last_record(tx, each) for each in conversations}
            return {each: rid for each, rid in found.items() if rid is not None}

        rids = self._services.keystore.read(last)
        if not rids:
            return {}
        found = self._services.search.whereabouts(Purpose(by.id, matter, _NAMING), list(rids.values()))
        return {
            each: label
            for each, rid in rids.items()
            if (label := found.get(rid)) and label.state is RecordState.OPEN
        }

    def _line(self, hold: Hold, matters: Mapping[MatterId, Matter], names: Mapping[str, str]) -> HoldLine:
        matter, scope = matters.get(MatterId(hold.matter)), hold.scope
        mine = matter is not None
        return HoldLine(
            id=hold.id,
            number=hold.number,
            matter=matter,
            person=self._names.of_person(scope.person) if mine and scope.person else "",
            conversation=(scope.conversation or "") if mine else "",
            first=scope.since.date() if mine and scope.since else None,
            last=(scope.until - timedelta(days=1)).date() if mine and scope.until else None,
            reason=hold.reason if mine else "",
            added_by=names.get(hold.added_by, hold.added_by),
            added_ms=hold.added_ms,
            released_by=names.get(hold.released_by, hold.released_by) if hold.released_by else "",
            released_ms=hold.released_ms,
            scope=self._services.holds.scope(hold.id),
        )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def last_record(tx: Tx, conversation: str) -> str | None:
    """Return the newest record of a conversation among those whose keys are kept."""
    row = tx.one(_TALKED, conversation=conversation)
    return None if row is None else str(row.rid)
