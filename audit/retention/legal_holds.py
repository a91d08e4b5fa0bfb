"""Legal holds: what must not be destroyed, whatever its time.

A hold names a person, a conversation or both, and may be limited to a span of time. It pins the key
rows of every record in its scope, past and future, from the transaction that creates it. A partition
with any pinned row is not condemned. Releasing a hold deletes nothing; it only lets time count again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, or_, select, update

from audit.archive.search_service import Purpose
from core.errors import Conflict, InvalidInput, NotFound
from core.identity.sealing import Recorder, Sealer
from core.schema.keystore import audiences, data_keys, dispositions, holds
from core.store import Row, Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, from_ms, new_id, to_ms

_h, _k, _a, _d = holds.c, data_keys.c, audiences.c, dispositions.c

REASON: Final = b"hold-reason"


def _in_scope() -> ColumnElement[bool]:
    """Return the condition under which a row of ``data_keys`` is in the scope of a row of ``holds``."""
    heard = (
        select(_a.audience_id)
        .where(_a.audience_id == _k.audience_id, _a.person_id == _h.person_id)
        .correlate(data_keys, holds)  # both stand further out than one level
        .exists()
    )
    return and_(
        or_(_h.conversation_id.is_(None), _h.conversation_id == _k.conversation_id),
        or_(_h.person_id.is_(None), heard),
        or_(_h.from_ms.is_(None), _k.at_ms >= _h.from_ms),
        or_(_h.to_ms.is_(None), _k.at_ms < _h.to_ms),
    )


_PINNING = Statement(
    select(_h.number)
    .where(
        _h.released_ms.is_(None),
        exists().where(_k.partition_id == bindparam("part"), _in_scope()),
    )
    .order_by(_h.number)
)
_LOST = Statement(
    select(_d.partition_id)
    .where(
        exists().where(_k.partition_id == _d.partition_id, _h.id == bindparam("hold"), _in_scope()),
    )
    .order_by(_d.partition_id)
)
_PINNED = Statement(
    select(_k.partition_id, func.count().label("records"))
    .select_from(data_keys)
    .join(holds, _in_scope())
    .where(_h.id == bindparam("hold"))
    .group_by(_k.partition_id)
    .order_by(_k.partition_id)
)
_NEXT = Statement(select(func.coalesce(func.max(_h.number), 0) + 1))
_ADD = Statement(insert(holds))
_ALL = Statement(select(holds).order_by(_h.number))
_ONE = Statement(select(holds).where(_h.id == bindparam("hold")))
_RELEASE = Statement(
    update(holds)
    .where(_h.id == bindparam("hold"), _h.released_ms.is_(None))
    .values(released_by=bindparam("by"), released_ms=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class HoldScope:
    """What a hold covers: a person (as sender or audience), a conversation, or what both share.

    Raises:
        InvalidInput: ``hold_scope`` if neither is named, or the span ends before it begins.
    """

    person: str | None = None
    conversation: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.person is None and self.conversation is None:
            raise InvalidInput("A hold names a person or a conversation.", code="hold_scope")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InvalidInput("The span of a hold ends after it begins.", code="hold_scope")


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold. Times of adding and releasing are milliseconds since 1970."""

    id: str
    number: int
    matter: str
    scope: HoldScope
    reason: str
    added_by: str
    added_ms: int
    released_by: str | None
    released_ms: int | None

    @property
    def active(self) -> bool:
        """Tell whether it pins anything now."""
        return self.released_ms is None


class LegalHolds:
    """The holds of the keystore; runs at the desk. ``record`` writes into the keystore's own outbox."""

    def __init__(
        self,
        *,
        keystore_store: Store,
        desk_store: Store,
        sealer: Sealer,
        admit: Callable[[Tx, Purpose], None],
        clock: Clock,
        record: Recorder,
    ) -> None:
        self._store = keystore_store
        self._desk = desk_store
        self._sealer = sealer
        self._admit = admit
        self._clock = clock
        self._record = record

    def add(self, purpose: Purpose, scope: HoldScope, *, accept_lost: bool = False) -> Hold:
        """Put ``scope`` on hold inside a matter; effective when this returns.

        ``accept_lost`` makes the hold for what is left, where part of its scope is condemned already.

        Raises:
            Denied: the officer is not in the matter.
            InvalidInput: ``reason_missing``.
            Conflict: ``already_condemned``; ``partitions`` names what can no longer be held.
        """
        if not purpose.reason.strip():
            raise InvalidInput("Say why this is held: the reason is kept.", code="reason_missing")
        self._desk.read(lambda tx: self._admit(tx, purpose))
        hold = new_id()
        self._sealer.ensure(hold)
        reason = self._sealer.seal(hold, purpose.reason.strip().encode(), REASON)
        values = {
            "id": hold,
            "matter_id": purpose.matter,
            "person_id": scope.person,
            "conversation_id": scope.conversation,
            "from_ms": to_ms(scope.since) if scope.since else None,
            "to_ms": to_ms(scope.until) if scope.until else None,
            "reason": reason,
            "added_by": purpose.officer,
            "added_ms": to_ms(self._clock.now()),
            "released_by": None,
            "released_ms": None,
        }

        def work(tx: Tx) -> Row:
            tx.run_many(_ADD, [{**values, "number": tx.value(_NEXT)}])
            lost = [row.partition_id for row in tx.rows(_LOST, hold=hold)]
            if lost and not accept_lost:
                raise Conflict(
                    f"Part of this is condemned already and can no longer be held: {', '.join(lost)}.",
                    code="already_condemned",
                    partitions=lost,
                )
            row = _one(tx, hold)
            detail = {"number": row.number, "matter": purpose.matter, "reason": purpose.reason, "lost": lost}
            scoped = {name: values[name] for name in ("person_id", "conversation_id", "from_ms", "to_ms")}
            self._record(tx, Tag.HOLD_ADDED, purpose.officer, hold, {**detail, **scoped})
            return row

        return self._hold(self._store.write(work))

    def release(self, hold: str, purpose: Purpose) -> Hold:
        """Release a hold; nothing is deleted by that.

        Raises:
            Denied: the officer is not in the matter.
            InvalidInput: ``reason_missing``.
            NotFound: ``no_hold``.
            Conflict: ``already_released``.
        """
        if not purpose.reason.strip():
            raise InvalidInput("Say why this is released: the reason is kept.", code="reason_missing")
        self._desk.read(lambda tx: self._admit(tx, purpose))

        def work(tx: Tx) -> Row:
            row = _one(tx, hold)
            if row.matter_id != purpose.matter:
                raise NotFound("There is no such hold in this matter.", code="no_hold")
            if not tx.run(_RELEASE, hold=hold, by=purpose.officer, at=to_ms(self._clock.now())):
                raise Conflict("This hold was released already.", code="already_released")
            detail = {"number": row.number, "matter": purpose.matter, "reason": purpose.reason}
            self._record(tx, Tag.HOLD_RELEASED, purpose.officer, hold, detail)
            return _one(tx, hold)

        return self._hold(self._store.write(work))

    def all(self) -> list[Hold]:
        """Return every hold, released ones too, by number."""
        return [self._hold(row) for row in self._store.read(lambda tx: tx.rows(_ALL))]

    def scope(self, hold: str) -> dict[str, int]:
        """Return how many records of each partition are in the scope of a hold, released or not."""
        rows = self._store.read(lambda tx: tx.rows(_PINNED, hold=hold))
        return {row.partition_id: row.records for row in rows}

    def _hold(self, row: Row) -> Hold:
        scope = HoldScope(
            row.person_id,
            row.conversation_id,
            from_ms(row.from_ms) if row.from_ms is not None else None,
            from_ms(row.to_ms) if row.to_ms is not None else None,
        )
        reason = self._sealer.open(row.id, row.reason, REASON).decode()
        return Hold(
            row.id, row.number, row.matter_id, scope, reason,
            row.added_by, row.added_ms, row.released_by, row.released_ms,
        )  # fmt: skip


def pinning(tx: Tx, partition: str) -> list[int]:
    """Return the numbers of the holds that pin any row of ``partition``, in the caller's transaction."""
    return [row.number for row in tx.rows(_PINNING, part=partition)]


def _one(tx: Tx, hold: str) -> Row:
    row = tx.one(_ONE, hold=hold)
    if row is None:
        raise NotFound("There is no such hold.", code="no_hold")
    return row
