"""Searching and reading inside a matter: what was asked is kept, so that links carry an id and no words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import orjson
from sqlalchemy import bindparam, insert, select

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from audit.archive.presenting import Shown
from audit.archive.scope import Coverage
from audit.archive.search_service import Purpose
from audit.ledger.entries import Log
from audit.matters.matters import Matter
from audit.search.leaf import QueryWarning
from audit.search.port import Hit
from audit.search.query import parse
from audit.search.syntax import describe
from core.errors import Conflict, Denied, InvalidInput, NotFound
from core.identity.permissions import Principal
from core.schema import desk
from core.store import Row, Statement
from core.types import MatterId, OfficerId, new_id, parse_rfc3339, to_ms

PAGE: Final = 25
CONTEXT: Final = 8
MAX_CONTEXT: Final = 100
MAX_REASON: Final = 2_000

_s = desk.searches.c
_KEEP = Statement(insert(desk.searches).values({c.name: bindparam(c.name) for c in _s}))
_ONE = Statement(select(desk.searches).where(_s.id == bindparam("search"), _s.matter_id == bindparam("of")))
_OF = Statement(
    select(desk.searches).where(_s.matter_id == bindparam("of")).order_by(_s.at_ms.desc()).limit(200)
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What an officer asked, and why. ``first`` and ``last`` are days in UTC, both included."""

    query: str
    reason: str
    first: date | None = None
    last: date | None = None

    def text(self) -> str:
        """Return the query with its days, in the query language."""
        if self.first and self.last:
            return f"({self.query}) sent:{self.first}..{self.last}"
        if self.first:
            return f"({self.query}) sent:>={self.first}"
        return f"({self.query}) sent:<={self.last}" if self.last else self.query

    def months(self) -> dict[str, str]:
        """Return the months that can hold an answer."""
        bounds = {"first_month": self.first, "last_month": self.last}
        return {name: day.strftime("%Y-%m") for name, day in bounds.items() if day}


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A search of a matter. Only who asked it may open it again: the reason is theirs."""

    id: str
    matter: MatterId
    officer: str
    officer_name: str
    at_ms: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class Found:
    """One page of results. ``understood`` is the query in words."""

    rows: tuple[Shown, ...]
    total: int
    total_exact: bool
    next_page: Hit | None
    coverage: Coverage
    warnings: tuple[QueryWarning, ...]
    unreadable: int
    understood: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One item with all its versions, and what was said around it; each version was proved.

    ``log_size`` is how many entries the signed checkpoint covers under which they were found.
    """

    versions: tuple[Shown, ...]
    before: tuple[Shown, ...]
    after: tuple[Shown, ...]
    around: int
    log_size: int


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of a record, and how its bytes are read."""

    name: str
    type: str
    size: int
    read: Callable[[int, int], Iterator[bytes]]


class MatterPages:
    """Matters, their searches, and reading inside them."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._services = services
        self._names = names

    # -- matters ----------------------------------------------------------------------------------

    def of(self, by: Principal) -> Sequence[Matter]:
        """Return the matters of an officer, newest first."""
        return self._services.matters.of(OfficerId(by.id))

    def get(self, by: Principal, matter: MatterId) -> Matter:
        """Return one matter. Raises NotFound ``no_matter``."""
        return self._services.matters.get(matter, OfficerId(by.id))

    def open(self, by: Principal, purpose: str, officers: Sequence[OfficerId]) -> MatterId:
        """Open a matter for its officers. Raises InvalidInput ``purpose_missing`` or ``no_officer``."""
        self._check_officers(officers)
        return self._services.matters.open(OfficerId(by.id), purpose, officers).id

    def add(self, by: Principal, matter: MatterId, officers: Sequence[OfficerId]) -> None:
        """Let officers read in a matter. Raises InvalidInput ``no_officer``, Conflict ``matter_closed``."""
        self._check_officers(officers)
        self._services.matters.add(matter, OfficerId(by.id), officers)

    def close(self, by: Principal, matter: MatterId) -> None:
        """Close a matter. Raises Conflict ``matter_closed``, or ``matter_holds`` while it keeps a hold."""
        self.get(by, matter)
        holds = [one.number for one in self._services.holds.all() if one.active and one.matter == matter]
        if holds:
            raise Conflict(
                f"Hold {', '.join(map(str, holds))} of this matter is in force. Release it first: "
                "in a closed matter nobody could.",
                code="matter_holds",
            )
        self._services.matters.close(matter, OfficerId(by.id))

    # -- searches ---------------------------------------------------------------------------------

    def keep(self, by: Principal, matter: MatterId, ask: Ask) -> str:
        """Check what is asked and keep it; return the search's id. Nothing is searched yet.

        Raises:
            InvalidInput: ``bad_query`` with ``position``, ``reason_missing``, ``bad_dates``.
            Denied: ``not_in_matter``; it is closed.
        """
        if self.get(by, matter).closed_ms is not None:
            raise Denied("This matter is closed: nothing more is read in it.", code="not_in_matter")
        _check(ask)
        search = new_id()
        asked = {"query": ask.query, "reason": ask.reason, "first": ask.first, "last": ask.last}
        sealed = self._services.sealer.seal(matter, orjson.dumps(asked), _place(search))
        now = to_ms(self._services.clock.now())
        self._services.store.write(
            lambda tx: tx.run(_KEEP, id=search, matter_id=matter, officer_id=by.id, query=sealed, at_ms=now)
        )
        return search

    def searches(self, by: Principal, matter: MatterId) -> Sequence[KeptSearch]:
        """Return the searches of a matter, newest first. Raises NotFound ``no_matter``."""
        self.get(by, matter)
        names = self._names.of_officers()
        return [
            self._kept(row, names) for row in self._services.store.read(lambda tx: tx.rows(_OF, of=matter))
        ]

    def search(self, by: Principal, matter: MatterId, search: str) -> KeptSearch:
        """Return one search of a matter. Raises NotFound ``no_matter`` or ``no_search``."""
        self.get(by, matter)
        row = self._services.store.read(lambda tx: tx.one(_ONE, search=search, of=matter))
        if row is None:
            raise NotFound("There is no such search in this matter.", code="no_search")
        return self._kept(row, self._names.of_officers())

    def run(self, by: Principal, matter: MatterId, search: str, after: Hit | None = None) -> Found:
        """Return one page of results; the trail row stands before anything is searched.

        Raises:
            Denied: ``not_in_matter``, or ``not_your_search``.
            InvalidInput: ``too_common`` or ``bad_query``.
            Unavailable: ``index_unavailable``.
        """
        ask, purpose = self._own(by, matter, search)
        text = ask.text()
        page = self._services.search.search(purpose, text, limit=PAGE, after=after, **ask.months())
        shift = 0 if text == ask.query else 1
        return Found(
            rows=page.rows,
            total=page.total,
            total_exact=page.total_exact,
            next_page=page.next_page,
            coverage=page.coverage,
            warnings=tuple(replace(one, position=one.position - shift) for one in page.warnings),
            unreadable=len(page.unreadable),
            understood=describe(parse(text).tree),
        )

    def read(self, by: Principal, matter: MatterId, search: str, item: str, around: int = CONTEXT) -> Reading:
        """Return an item in full, on record like a search.

        Raises:
            NotFound: ``no_record``; and as :meth:`run`.
        """
        ask, purpose = self._own(by, matter, search)
        return read_item(self._services, purpose, item, around, query=ask.query)

    def file(self, by: Principal, matter: MatterId, search: str, item: str, file: str) -> EvidenceFile:
        """Return a file of an item, on record first. Raises NotFound ``no_file``; and as :meth:`run`."""
        _, purpose = self._own(by, matter, search)
        return file_of(self._services, purpose, item, file)

    def _check_officers(self, officers: Sequence[OfficerId]) -> None:
        if not {officer.id for officer in self._names.colleagues()}.issuperset(officers):
            raise InvalidInput("Choose officers from the list.", code="no_officer")

    def _own(self, by: Principal, matter: MatterId, search: str) -> tuple[Ask, Purpose]:
        kept = self.search(by, matter, search)
        if kept.officer != by.id:
            raise Denied(
                f"{kept.officer_name} asked this. Search again with a reason of your own.",
                code="not_your_search",
            )
        return kept.ask, Purpose(by.id, matter, kept.ask.reason)

    def _kept(self, row: Row, names: dict[str, str]) -> KeptSearch:
        asked = orjson.loads(self._services.sealer.open(row.matter_id, bytes(row.query), _place(row.id)))
        first, last = (date.fromisoformat(day) if day else None for day in (asked["first"], asked["last"]))
        ask = Ask(asked["query"], asked["reason"], first, last)
        name = names.get(row.officer_id, row.officer_id)
        return KeptSearch(row.id, row.matter_id, row.officer_id, name, row.at_ms, ask)


def read_item(
    services: DeskServices, purpose: Purpose, item: str, around: int, *, query: str = ""
) -> Reading:
    """Return every version of an item and what was said around it, both on record first."""
    versions = services.search.versions(purpose, item, query=query)
    first = versions[0]
    at_ms = to_ms(parse_rfc3339(first.at))
    around = max(0, min(around, MAX_CONTEXT))
    said = services.search.context(
        purpose, first.conversation, at_ms, before=around, after=around + len(versions)
    )
    others = [record for record in said if record.item != item]
    return Reading(
        versions=versions,
        before=tuple(record for record in others if record.at < first.at),
        after=tuple(record for record in others if record.at >= first.at)[:around],
        around=around,
        log_size=_log_size(services),
    )


def file_of(services: DeskServices, purpose: Purpose, item: str, file: str) -> EvidenceFile:
    """Return a file of an item; the trail row stands before anything of it is read."""
    found = services.search.file(purpose, item, file)
    return EvidenceFile(
        found.name,
        found.type,
        found.blob.size,
        lambda start, end: services.blobs.read(found.blob, start, end),
    )


def read_alone(services: DeskServices, purpose: Purpose, item: str) -> Reading:
    """Return every version of an item without what surrounds it, on record first."""
    versions = services.search.versions(purpose, item)
    return Reading(versions, (), (), 0, _log_size(services))


def _log_size(services: DeskServices) -> int:
    checkpoint = services.views[Log.ARCHIVE].checkpoint()
    return checkpoint.size if checkpoint else 0


def _check(ask: Ask) -> None:
    if not ask.reason.strip():
        raise InvalidInput("Say why you look: every reading is on record.", code="reason_missing")
    if len(ask.reason) > MAX_REASON:
        raise InvalidInput(f"A reason has at most {MAX_REASON:,} characters.", code="reason_too_long")
    if ask.first and ask.last and ask.first > ask.last:
        raise InvalidInput("The first day lies after the last one.", code="bad_dates")
    parse(ask.query)
    parse(ask.text())


def _place(search: str) -> bytes:
    return b"search/" + search.encode()
