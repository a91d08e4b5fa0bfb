"""The desk's side of the release queue: an officer reads the archived record, decides, and signs a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from sqlalchemy import bindparam, func, select, update

from admin.wiring.signed_jobs import SignedJobs, told_officer
from audit.archive.release_queue import ENDINGS, WAITING
from core.errors import Conflict, Denied, InvalidInput, NotFound
from core.identity.officer_rows import Officer
from core.identity.sealing import Recorder
from core.messaging.resync import LEAST_WAITS
from core.schema import desk
from core.store import Row, Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, to_ms

RELEASE, REJECT = "release", "reject"

_q = desk.queue.c
_BACKLOG = Statement(
    select(func.count().label("count"), func.min(_q.since_ms).label("oldest")).where(_q.state == WAITING)
)
_ENDED = Statement(
    select(desk.queue)
    .where(_q.state != WAITING)
    .order_by(_q.since_ms.desc(), _q.item_id)
    .limit(bindparam("most"))
    .offset(bindparam("start"))
)
_WAITS = Statement(
    select(_q.since_ms, _q.decided_ms)
    .where(_q.decided_ms.is_not(None), _q.state.in_([ENDINGS["release"], ENDINGS["reject"]]))
    .order_by(_q.decided_ms.desc())
    .limit(25)
)
_ONE = Statement(select(desk.queue).where(_q.item_id == bindparam("item")))
_DECIDE = Statement(
    update(desk.queue)
    .where(_q.item_id == bindparam("item"))
    .values(decided_by=bindparam("by"), decided_ms=bindparam("at"), outcome=bindparam("job"))
)


class QueueOrder(StrEnum):
    """In which order those who wait are listed: who waits longest first, or whose time is over first."""

    SINCE = "since"
    EXPIRES = "expires"


_WAITING = {
    order: Statement(
        select(desk.queue)
        .where(_q.state == WAITING)
        .order_by(column, _q.item_id)
        .limit(bindparam("most"))
        .offset(bindparam("start"))
    )
    for order, column in {QueueOrder.SINCE: _q.since_ms, QueueOrder.EXPIRES: _q.expires_ms}.items()
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the queue. Times are milliseconds since 1970.

    ``outcome`` is the id of the job that carries a decision out, then what came of it.
    """

    item: str
    conversation: str
    rid: str
    state: str
    since_ms: int
    expires_ms: int
    decided_by: str
    decided_ms: int | None
    outcome: str


class ReleaseDesk:
    """Decisions on quarantined messages. One decision wins; the worker carries it out."""

    def __init__(self, store: Store, jobs: SignedJobs, clock: Clock, record: Recorder) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._record = record

    def waiting(
        self, order: QueueOrder = QueueOrder.SINCE, *, start: int = 0, most: int = 200
    ) -> Sequence[Entry]:
        """Return what did not end yet, the most urgent first."""
        statement = _WAITING[order]
        return [
            _entry(row) for row in self._store.read(lambda tx: tx.rows(statement, start=start, most=most))
        ]

    def ended(self, *, start: int = 0, most: int = 200) -> Sequence[Entry]:
        """Return what ended, what was stopped last first."""
        return [_entry(row) for row in self._store.read(lambda tx: tx.rows(_ENDED, start=start, most=most))]

    def backlog(self) -> tuple[int, int | None]:
        """Return how many did not end yet, and since when the first of them waits."""
        row = self._store.read(lambda tx: tx.sole(_BACKLOG))
        return int(row.count), row.oldest

    def usual_wait_ms(self) -> int | None:
        """Return how long deciding usually takes, as senders are told; None where too little is known."""
        waits = [row.decided_ms - row.since_ms for row in self._store.read(lambda tx: tx.rows(_WAITS))]
        return round(median(waits)) if len(waits) >= LEAST_WAITS else None

    def get(self, item: str) -> Entry:
        """Return one entry. Raises NotFound ``no_entry``."""
        row = self._store.read(lambda tx: tx.one(_ONE, item=item))
        if row is None:
            raise NotFound("There is no such entry in the queue.", code="no_entry")
        return _entry(row)

    def release(self, item: str, officer: Officer, sender: str, approved: Sequence[str], reason: str) -> str:
        """Sign a release of the findings ``approved``; return the job's id.

        Raises:
            Denied: ``own_request``; nobody decides on their own message.
            InvalidInput: ``reason_missing``.
            Conflict: ``already_decided``.
        """
        return self._decide(RELEASE, item, officer, sender, reason, {"approved": list(approved)})

    def reject(self, item: str, officer: Officer, sender: str, reason: str) -> str:
        """Sign a rejection; return the job's id. Raises as :meth:`release`."""
        return self._decide(REJECT, item, officer, sender, reason, {})

    def _decide(
        self, kind: str, item: str, officer: Officer, sender: str, reason: str, more: dict[str, object]
    ) -> str:
        if not reason.strip():
            raise InvalidInput("Say why; the reason is kept with the decision.", code="reason_missing")
        if officer.person == sender:
            raise Denied("Nobody decides on their own message; a second officer has to.", code="own_request")
        entry = self.get(item)
        payload: dict[str, object] = {
            "item": item,
            "conversation": entry.conversation,
            "sender": sender,
            "reason": reason,
            "officer": told_officer(officer),
            **more,
        }

        def work(tx: Tx) -> str:
            if not self._is_open(tx, tx.sole(_ONE, item=item)):
                raise Conflict("This message was decided in the meantime.", code="already_decided")
            job = self._jobs.post(tx, kind, payload)
            tx.run(_DECIDE, item=item, by=officer.id, at=to_ms(self._clock.now()), job=job)
            self._record(tx, Tag.RELEASE_DECIDED, officer.id, item, {"decision": kind, "reason": reason})
            return job

        return self._store.write(work)

    def _is_open(self, tx: Tx, row: Row) -> bool:
        """Tell whether nobody decided yet; a decision that could not be carried out was none."""
        carried = self._jobs.state(tx, row.outcome) if row.decided_by else None
        return row.state == WAITING and (
            row.decided_by is None or (carried is not None and carried[0] == "failed")
        )


def _entry(row: Row) -> Entry:
    return Entry(
        row.item_id, row.conversation_id, row.rid, row.state, row.since_ms, row.expires_ms,
        row.decided_by or "", row.decided_ms, row.outcome or "",
    )  # fmt: skip
