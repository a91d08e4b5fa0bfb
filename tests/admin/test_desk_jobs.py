"""The worker does the desk's signed jobs, and one that breaks neither stops the others nor runs for ever."""

import pytest
from structlog.testing import capture_logs

from admin.wiring.signed_jobs import SignedJobs
from core.jobs import MAX_TRIES, Jobs
from core.schema import desk
from core.store import Tx
from tests.factories.desk import House

HOUR = 3_600


def test_a_job_that_breaks_is_tried_again_and_then_given_up(house: House) -> None:
    signed = SignedJobs(house.services.ring.signer(), house.clock)
    broken = post(house, signed, {})
    with capture_logs() as logged:
        for _ in range(MAX_TRIES):
            assert state_of(house, broken) == "ready"
            house.jobs.run()
            house.clock.advance(HOUR)
    assert [line["job"] for line in logged if line["event"] == "job broke"] == [broken] * MAX_TRIES
    assert state_of(house, broken) == "failed"


def test_a_job_that_breaks_keeps_no_other_waiting(house: House) -> None:
    signed = SignedJobs(house.services.ring.signer(), house.clock)
    post(house, signed, {})
    other = post(house, signed, {"sender": "x", "conversation": "nowhere", "item": "none", "approved": [],
                                 "officer": {"id": "o", "username": "o", "name": "O"}, "reason": "r"})  # fmt: skip
    with capture_logs():
        house.jobs.run()
    assert state_of(house, other) in {"done", "failed"}


@pytest.mark.parametrize("flaw", ["unsigned", "altered"])
def test_a_job_that_the_desk_did_not_sign_is_never_done(house: House, flaw: str) -> None:
    jobs = Jobs(desk.jobs)
    signature = None if flaw == "unsigned" else house.services.ring.signer().sign(b"something else")
    job = house.services.store.write(
        lambda tx: jobs.add(tx, "release", b"{}", house.clock.now(), signature=signature)
    )
    house.jobs.run()
    assert state_of(house, job) == "failed"


def post(house: House, signed: SignedJobs, payload: dict[str, object]) -> str:
    return house.services.store.write(lambda tx: signed.post(tx, "release", payload))


def state_of(house: House, job: str) -> str:
    def look(tx: Tx) -> str:
        found = Jobs(desk.jobs).state(tx, job)
        assert found is not None
        return found[0]

    return house.services.store.read(look)
