"""Work that survives whoever was doing it, and outboxes that lose nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.access import Database
from core.errors import Conflict
from core.jobs import LEASE, MAX_TRIES, Job, Jobs
from core.outbox import Outbox
from core.schema import chat
from core.store import Store
from core.types import parse_rfc3339
from tests.factories.stores import empty_store

NOW = parse_rfc3339("2026-01-05T09:00:00Z")


def test_a_job_is_done_by_one_and_only_once(store: Store) -> None:
    add(store)
    job = claim(store, "one")
    assert job is not None
    assert claim(store, "two") is None
    store.write(lambda tx: JOBS.finish(tx, job, NOW, "well"))
    assert claim(store, "two", NOW + timedelta(days=1)) is None
    assert store.read(lambda tx: JOBS.state(tx, job.id)) == ("done", "well")


def test_who_slept_past_the_lease_changes_nothing(store: Store) -> None:
    add(store)
    sleeper = claim(store, "sleeper")
    later = NOW + LEASE + timedelta(seconds=1)
    heir = claim(store, "heir", later)
    assert sleeper is not None
    assert heir is not None
    assert heir.fence > sleeper.fence
    for act in (
        lambda tx: JOBS.extend(tx, sleeper, later),
        lambda tx: JOBS.finish(tx, sleeper, later),
        lambda tx: JOBS.retry(tx, sleeper, later, "?"),
    ):
        with pytest.raises(Conflict) as refused:
            store.write(act)
        assert refused.value.code == "lease_lost"
    store.write(lambda tx: JOBS.finish(tx, heir, later))


def test_a_lease_that_is_extended_is_not_taken_over(store: Store) -> None:
    add(store)
    job = claim(store, "one")
    assert job is not None
    store.write(lambda tx: JOBS.extend(tx, job, NOW + LEASE, "half"))
    assert claim(store, "two", NOW + LEASE + timedelta(seconds=1)) is None


def test_a_clock_that_is_set_back_holds_no_job_up(store: Store) -> None:
    add(store)
    assert claim(store, "died", NOW) is not None
    an_hour_before = NOW - timedelta(hours=1)
    taken_over = claim(store, "heir", an_hour_before)
    assert taken_over is not None
    store.write(lambda tx: JOBS.finish(tx, taken_over, an_hour_before))
    add(store)
    assert claim(store, "heir", an_hour_before) is not None


def test_a_failing_job_is_tried_again_ever_later_and_then_given_up(store: Store) -> None:
    add(store)
    now, waits = NOW, []
    for _ in range(MAX_TRIES):
        job = claim(store, "one", now)
        assert job is not None
        store.write(lambda tx, j=job, at=now: JOBS.retry(tx, j, at, "busy"))  # type: ignore[misc]
        assert claim(store, "one", now) is None
        waits.append(min(300, 2**job.tries))
        now += timedelta(seconds=waits[-1])
    assert waits == sorted(waits)
    assert claim(store, "one", now + timedelta(days=1)) is None
    assert [state for _, state, _ in store.read(JOBS.pending)] == ["failed"]


def test_what_ended_is_forgotten_after_a_while_and_what_is_to_be_done_never(store: Store) -> None:
    for _ in range(3):
        add(store)
    done, failed = claim(store, "one"), claim(store, "one")
    assert done is not None
    assert failed is not None
    store.write(lambda tx: JOBS.finish(tx, done, NOW, "well"))
    store.write(lambda tx: JOBS.fail(tx, failed, NOW + timedelta(hours=1), "badly"))

    def left(before: datetime) -> list[bool]:
        store.write(lambda tx: JOBS.forget(tx, before))
        return store.read(lambda tx: [JOBS.state(tx, job.id) is not None for job in (done, failed)])

    assert left(NOW) == [True, True]
    assert left(NOW + timedelta(minutes=1)) == [False, True]
    assert left(NOW + timedelta(days=1)) == [False, False]
    assert claim(store, "one") is not None


def test_only_kinds_that_one_knows_are_claimed(store: Store) -> None:
    add(store)
    assert store.write(lambda tx: JOBS.claim(tx, ("other",), "one", NOW)) is None


def test_outbox_rows_stay_until_they_are_taken(store: Store) -> None:
    row = {"kind": "trail", "conversation_id": "", "month": "", "retention_class": "trail", "payload": b"x"}
    store.write(lambda tx: OUTBOX.put_many(tx, [{**row, "at_ms": at} for at in (5, 6, 7)]))
    first = store.read(lambda tx: OUTBOX.first(tx, 2))
    assert [one.at_ms for one in first] == [5, 6]
    assert store.read(lambda tx: OUTBOX.first(tx, 2)) == first
    store.write(lambda tx: OUTBOX.take(tx, [first[1].id]))
    assert [one.at_ms for one in store.read(lambda tx: OUTBOX.first(tx, 9))] == [5, 7]
    assert store.read(OUTBOX.lag) == (2, 5)


JOBS, OUTBOX = Jobs(chat.jobs), Outbox(chat.outbox)


def add(store: Store) -> None:
    store.write(lambda tx: JOBS.add(tx, "work", b"{}", NOW))


def claim(store: Store, owner: str, now: datetime = NOW) -> Job | None:
    return store.write(lambda tx: JOBS.claim(tx, ("work",), owner, now))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = empty_store(tmp_path, Database.CHAT)
    yield opened
    opened.close()
