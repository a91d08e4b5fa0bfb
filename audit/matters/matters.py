"""Matters: why somebody may read, and who. Nothing of the archive is read outside one.

A matter is a number, a purpose and its officers. An entry of the release queue serves as a matter
for its own item. The check runs in the transaction that writes the trail row of the reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select, update

from audit.archive.search_service import QUEUE_PREFIX, Purpose
from core.errors import Conflict, Denied, InvalidInput, NotFound
from core.identity.sealing import Recorder, Sealer
from core.schema import desk
from core.store import Row, Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, MatterId, OfficerId, new_id, to_ms

_m, _o, _q = desk.matters.c, desk.matter_officers.c, desk.queue.c

_NEXT = Statement(select(func.max(_m.number)))
_ADD = Statement(insert(desk.matters))
_JOIN = Statement(insert(desk.matter_officers))
_ONE = Statement(select(desk.matters).where(_m.id == bindparam("matter")))
_OF = Statement(
    select(desk.matters)
    .join(desk.matter_officers, _o.matter_id == _m.id)
    .where(_o.officer_id == bindparam("officer"))
    .order_by(_m.number.desc())
)
_OFFICERS = Statement(select(_o.officer_id).where(_o.matter_id == bindparam("matter")))
_MEMBER = Statement(
    select(_m.id)
    .join(desk.matter_officers, _o.matter_id == _m.id)
    .where(_m.id == bindparam("matter"), _o.officer_id == bindparam("officer"), _m.closed_ms.is_(None))
)
_QUEUED = Statement(select(_q.item_id).where(_q.item_id == bindparam("item")))
_CLOSE = Statement(
    update(desk.matters)
    .where(_m.id == bindparam("matter"), _m.closed_ms.is_(None))
    .values(closed_ms=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as its officers see it. Times are milliseconds since 1970."""

    id: MatterId
    number: int
    purpose: str
    opened_by: OfficerId
    opened_ms: int
    closed_ms: int | None
    officers: frozenset[OfficerId]


class Matters:
    """The matters of the desk store; purposes are sealed under the matter's own key."""

    def __init__(self, store: Store, sealer: Sealer, clock: Clock, record: Recorder) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._record = record

    def open(self, by: OfficerId, purpose: str, officers: Iterable[OfficerId] = ()) -> Matter:
        """Open a matter for ``by`` and further officers.

        Raises:
            InvalidInput: ``purpose_missing``.
        """
        if not purpose.strip():
            raise InvalidInput("A matter says what it is for.", code="purpose_missing")
        matter, members = MatterId(new_id()), frozenset({by, *officers})
        self._sealer.ensure(matter)
        sealed = self._sealer.seal(matter, purpose.strip().encode(), b"matter-purpose")
        now = to_ms(self._clock.now())

        def work(tx: Tx) -> Matter:
            number = int(tx.value(_NEXT) or 0) + 1
            tx.run(
                _ADD, id=matter, number=number, purpose=sealed, opened_by=by, opened_ms=now, closed_ms=None
            )
            tx.run_many(_JOIN, _members(matter, members, by, now))
            detail = {"number": number, "purpose": purpose.strip(), "officers": sorted(members)}
            self._record(tx, Tag.MATTER_OPENED, by, matter, detail)
            return Matter(matter, number, purpose.strip(), by, now, None, members)

        return self._store.write(work)

    def of(self, officer: OfficerId) -> list[Matter]:
        """Return the matters of an officer, newest first."""
        return self._store.read(lambda tx: [self._matter(tx, row) for row in tx.rows(_OF, officer=officer)])

    def get(self, matter: MatterId, officer: OfficerId) -> Matter:
        """Return a matter to one of its officers; to others it does not exist.

        Raises:
            NotFound: ``no_matter``.
        """
        return self._store.read(lambda tx: self._of(tx, matter, officer))

    def add(self, matter: MatterId, by: OfficerId, officers: Iterable[OfficerId]) -> None:
        """Let further officers read in an open matter; who is in it already stays.

        Raises:
            NotFound: ``no_matter``.
            Conflict: ``matter_closed``.
        """

        def work(tx: Tx) -> None:
            found = self._of(tx, matter, by)
            if found.closed_ms is not None:
                raise _closed()
            added = sorted(set(officers) - found.officers)
            tx.run_many(_JOIN, _members(matter, added, by, to_ms(self._clock.now())))
            if added:
                self._record(tx, Tag.MATTER_OFFICERS_ADDED, by, matter, {"officers": added})

        self._store.write(work)

    def close(self, matter: MatterId, by: OfficerId) -> None:
        """Close a matter: nothing more is read in it.

        Raises:
            NotFound: ``no_matter``.
            Conflict: ``matter_closed``.
        """
        self.get(matter, by)

        def work(tx: Tx) -> None:
            if not tx.run(_CLOSE, matter=matter, at=to_ms(self._clock.now())):
                raise _closed()
            self._record(tx, Tag.MATTER_CLOSED, by, matter, {})

        self._store.write(work)

    def admit(self, tx: Tx, purpose: Purpose) -> None:
        """Refuse who may not read for ``purpose``: an ``Admit`` of the search service.

        Raises:
            Denied: ``not_in_matter``.
        """
        if purpose.matter.startswith(QUEUE_PREFIX):
            allowed = tx.one(_QUEUED, item=purpose.matter.removeprefix(QUEUE_PREFIX)) is not None
        else:
            allowed = tx.one(_MEMBER, matter=purpose.matter, officer=purpose.officer) is not None
        if not allowed:
            raise Denied(
                "Records are read inside an open matter of yours. Open one, or ask to be added.",
                code="not_in_matter",
            )

    def _of(self, tx: Tx, matter: MatterId, officer: OfficerId) -> Matter:
        row = tx.one(_ONE, matter=matter)
        found = self._matter(tx, row) if row is not None else None
        if found is None or officer not in found.officers:
            raise NotFound("There is no such matter, or it is not yours.", code="no_matter")
        return found

    def _matter(self, tx: Tx, row: Row) -> Matter:
        officers = frozenset(OfficerId(found.officer_id) for found in tx.rows(_OFFICERS, matter=row.id))
        purpose = self._sealer.open(row.id, row.purpose, b"matter-purpose").decode()
        return Matter(row.id, row.number, purpose, row.opened_by, row.opened_ms, row.closed_ms, officers)


def _members(
    matter: MatterId, officers: Iterable[OfficerId], by: OfficerId, now: int
) -> list[dict[str, object]]:
    return [
        {"matter_id": matter, "officer_id": who, "added_by": by, "added_ms": now} for who in sorted(officers)
    ]


def _closed() -> Conflict:
    return Conflict("This matter is closed already.", code="matter_closed")
