"""Leased, fenced work: a table of jobs that survives whoever was doing them.

A worker claims a job for a while and gets a *fence*: a number that grows with each claim. Whatever
the worker writes is checked against the fence, so one that slept past its lease changes nothing.
The same code serves the ``jobs`` table of every store that has one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update

from core.errors import Conflict
from core.store import Statement, Tx
from core.types import new_id, to_ms

LEASE = timedelta(seconds=60)
MAX_TRIES = 10
CHOSEN_AMONG = 1_000
FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed job. ``signature`` is None where the store's jobs are not signed."""

    id: str
    kind: str
    payload: bytes
    signature: bytes | None
    fence: int
    tries: int


class Jobs:
    """The job table of one store."""

    def __init__(self, table: Table) -> None:
        columns = table.c
        self._signed = "signature" in columns
        self._insert = Statement(insert(table))
        self._ready = (
            select(table)
            .where(
                columns.not_before_ms <= bindparam("now"),
                or_(
                    columns.state == "ready",
                    (columns.state == "running")
                    # One that ends later than any lease can was given before the clock was set back.
                    & ((columns.until_ms < bindparam("now")) | (columns.until_ms > bindparam("furthest"))),
                ),
            )
            .order_by(columns.not_before_ms, columns.created_ms)
            .limit(bindparam("most"))
        )
        self._kind = columns.kind
        self._ready_of: dict[frozenset[str], Statement] = {}
        self._claim = Statement(
            update(table)
            .where(columns.id == bindparam("job"), columns.fence == bindparam("old_fence"))
            .values(
                state="running",
                owner=bindparam("by"),
                until_ms=bindparam("until"),
                fence=bindparam("new_fence"),
                tries=bindparam("tried"),
            )
        )
        fenced = (
            (columns.id == bindparam("job"))
            & (columns.fence == bindparam("held"))
            & (columns.state == "running")
        )
        self._extend = Statement(
            update(table).where(fenced).values(until_ms=bindparam("until"), progress=bindparam("note"))
        )
        self._finish = Statement(
            update(table)
            .where(fenced)
            .values(state=bindparam("end"), progress=bindparam("note"), not_before_ms=bindparam("again"))
        )
        self._one = Statement(
            select(columns.state, columns.progress, columns.kind).where(columns.id == bindparam("job"))
        )
        ended = (
            select(columns.id)
            .where(columns.state.in_(("done", "failed")), columns.not_before_ms < bindparam("before"))
            .limit(FORGOTTEN_AT_ONCE)
        )
        self._forget = Statement(delete(table).where(columns.id.in_(ended)))
        self._pending = Statement(
            select(columns.kind, columns.state, columns.created_ms).where(
                columns.state.in_(("ready", "running", "failed"))
            )
        )

    def add(
        self,
        tx: Tx,
        kind: str,
        payload: bytes,
        now: datetime,
        *,
        job_id: str | None = None,
        signature: bytes | None = None,
        after: datetime | None = None,
    ) -> str:
        """Write a job that is ready at ``after`` (or at once) and return its id."""
        row = {
            "id": job_id or new_id(),
            "kind": kind,
            "payload": payload,
            "state": "ready",
            "progress": "",
            "owner": None,
            "until_ms": None,
            "fence": 0,
            "tries": 0,
            # Without a time it is ready whatever becomes of the clock.
            "not_before_ms": to_ms(after) if after else 0,
            "created_ms": to_ms(now),
        }
        if self._signed:
            row["signature"] = signature
        tx.run_many(self._insert, [row])
        return str(row["id"])

    def claim(
        self,
        tx: Tx,
        kinds: Sequence[str],
        owner: str,
        now: datetime,
        choose: Callable[[Sequence[bytes]], int] | None = None,
    ) -> Job | None:
        """Lease the oldest ready job of ``kinds`` to ``owner``, or return None.

        ``choose`` picks another one by the payloads of those that are ready, the oldest first.
        """
        rows = tx.rows(
            self._ready_of_kinds(frozenset(kinds)),
            now=to_ms(now),
            furthest=to_ms(now + LEASE),
            most=CHOSEN_AMONG if choose else 1,
        )
        if not rows:
            return None
        row = rows[choose([each.payload for each in rows])] if choose else rows[0]
        tx.run(
            self._claim,
            job=row.id,
            old_fence=row.fence,
            by=owner,
            until=to_ms(now + LEASE),
            new_fence=row.fence + 1,
            tried=row.tries + 1,
        )
        signature = row.signature if self._signed else None
        return Job(row.id, row.kind, row.payload, signature, row.fence + 1, row.tries + 1)

    def extend(self, tx: Tx, job: Job, now: datetime, progress: str = "") -> None:
        """Keep the lease and note progress.

        Raises:
            Conflict: ``lease_lost`` when somebody else has claimed the job.
        """
        if not tx.run(self._extend, job=job.id, held=job.fence, until=to_ms(now + LEASE), note=progress):
            raise Conflict("Another process took this job over.", code="lease_lost", job=job.id)

    def finish(self, tx: Tx, job: Job, now: datetime, outcome: str = "") -> None:
        """Mark the job done. Raises Conflict ``lease_lost`` like :meth:`extend`."""
        self._end(tx, job, "done", outcome, now)

    def retry(self, tx: Tx, job: Job, now: datetime, reason: str) -> None:
        """Give the job back with a growing delay; after ten tries it stays ``failed``."""
        state = "failed" if job.tries >= MAX_TRIES else "ready"
        self._end(tx, job, state, reason, now + timedelta(seconds=min(300, 2**job.tries)))

    def fail(self, tx: Tx, job: Job, now: datetime, reason: str) -> None:
        """Mark the job failed for good."""
        self._end(tx, job, "failed", reason, now)

    def state(self, tx: Tx, job_id: str) -> tuple[str, str] | None:
        """Return state (ready, running, done, failed) and progress."""
        row = tx.one(self._one, job=job_id)
        return None if row is None else (row.state, row.progress)

    def pending(self, tx: Tx) -> list[tuple[str, str, int]]:
        """Return kind, state and creation time of what is not done."""
        return [(row.kind, row.state, row.created_ms) for row in tx.rows(self._pending)]

    def forget(self, tx: Tx, before: datetime) -> int:
        """Remove some of the jobs that were done or failed for good before then; return how many."""
        return tx.run(self._forget, before=to_ms(before))

    def _ready_of_kinds(self, kinds: frozenset[str]) -> Statement:
        """Return the question for the oldest ready job of ``kinds``, compiled once for each set of them."""
        if kinds not in self._ready_of:
            self._ready_of[kinds] = Statement(self._ready.where(self._kind.in_(sorted(kinds))))
        return self._ready_of[kinds]

    def _end(self, tx: Tx, job: Job, state: str, note: str, again: datetime) -> None:
        if not tx.run(self._finish, job=job.id, held=job.fence, end=state, note=note, again=to_ms(again)):
            raise Conflict("Another process took this job over.", code="lease_lost", job=job.id)
