"""The desk's side of recalling: an officer decides on a delivered message, and signs a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, insert, select

from admin.wiring.signed_jobs import SignedJobs, told_officer
from core.errors import Conflict, InvalidInput
from core.identity.officer_rows import Officer
from core.identity.sealing import Recorder
from core.schema import desk
from core.store import Row, Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, MatterId, to_ms

RECALL, RESTORE = "recall", "restore"
MAX_REASON = 2_000

_r = desk.recalls.c
_LAST = Statement(select(desk.recalls).where(_r.item_id == bindparam("item")).order_by(_r.id.desc()).limit(1))
_ADD = Statement(
    insert(desk.recalls).values(
        item_id=bindparam("item"),
        kind=bindparam("decision"),
        job_id=bindparam("job"),
        decided_by=bindparam("by"),
        decided_ms=bindparam("at"),
    )
)


class JobState(StrEnum):
    """How far the worker is with a decision."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LastDecision:
    """What was decided last on a message. ``outcome`` is what the worker said."""

    kind: str
    decided_by: str
    decided_ms: int
    state: JobState
    outcome: str


class RecallDesk:
    """Recalls of delivered messages, and restores. The worker carries them out, one after the other."""

    def __init__(self, store: Store, jobs: SignedJobs, clock: Clock, record: Recorder) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._record = record

    def last(self, item: str) -> LastDecision | None:
        """Return what was decided last on a message."""
        return self._store.read(lambda tx: self._last(tx, item))

    def decide(
        self,
        kind: str,
        item: str,
        conversation: str,
        sender: str,
        *,
        officer: Officer,
        matter: MatterId,
        reason: str,
        approved: Sequence[str] = (),
    ) -> str:
        """Sign a recall or a restore, on record first; return the job's id.

        Raises:
            InvalidInput: ``reason_missing`` or ``reason_too_long``.
            Conflict: ``already_decided``; the decision before is not carried out yet.
        """
        if not reason.strip():
            raise InvalidInput("Say why; the reason is kept with the decision.", code="reason_missing")
        if len(reason) > MAX_REASON:
            raise InvalidInput(f"A reason has at most {MAX_REASON:,} characters.", code="reason_too_long")
        payload: dict[str, object] = {
            "item": item,
            "conversation": conversation,
            "sender": sender,
            "reason": reason,
            "approved": list(approved),
            "officer": told_officer(officer),
        }

        def work(tx: Tx) -> str:
            last = self._last(tx, item)
            if last is not None and last.state is JobState.WAITING:
                raise Conflict("This message was decided in the meantime.", code="already_decided")
            detail = {"decision": kind, "matter": matter, "reason": reason}
            self._record(tx, Tag.RECALL_DECIDED, officer.id, item, detail)
            job = self._jobs.post(tx, kind, payload)
            now = to_ms(self._clock.now())
            tx.run(_ADD, item=item, decision=kind, job=job, by=officer.id, at=now)
            return job

        return self._store.write(work)

    def _last(self, tx: Tx, item: str) -> LastDecision | None:
        row = tx.one(_LAST, item=item)
        return None if row is None else self._decision(tx, row)

    def _decision(self, tx: Tx, row: Row) -> LastDecision:
        carried = self._jobs.state(tx, row.job_id)
        state, outcome = carried or (JobState.DONE, "")
        ended = state in {JobState.DONE, JobState.FAILED}
        return LastDecision(
            row.kind, row.decided_by, row.decided_ms, JobState(state) if ended else JobState.WAITING, outcome
        )
