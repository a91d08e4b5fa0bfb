"""Jobs that the desk signs: the worker does nothing that an officer's decision did not sign."""

import orjson

from core.crypto.signing import Signer
from core.identity.officer_rows import Officer
from core.jobs import Jobs
from core.schema import desk
from core.store import Tx
from core.types import Clock, new_id


class SignedJobs:
    """Writes signed jobs into the desk store."""

    def __init__(self, identity: Signer, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._jobs = Jobs(desk.jobs)

    def post(self, tx: Tx, kind: str, payload: dict[str, object]) -> str:
        """Write a job in the decision's own transaction; return its id."""
        job, body = new_id(), orjson.dumps(payload)
        signature = self._identity.sign(job_message(job, kind, body))
        return self._jobs.add(tx, kind, body, self._clock.now(), job_id=job, signature=signature)

    def state(self, tx: Tx, job: str) -> tuple[str, str] | None:
        """Return state and outcome of a job."""
        return self._jobs.state(tx, job)


def told_officer(officer: Officer) -> dict[str, object]:
    """Return who decided, as jobs carry it into the chat."""
    return {
        "id": officer.id,
        "username": officer.profile.username,
        "name": officer.profile.display_name,
        "email": officer.profile.email,
    }


def job_message(job: str, kind: str, payload: bytes) -> bytes:
    """Return what a job's signature covers."""
    return b"chancery/job/v1\x00" + job.encode() + b"\x00" + kind.encode() + b"\x00" + payload
