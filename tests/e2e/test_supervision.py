"""``chancery serve`` looks after its processes: what dies comes back, and nothing is left when it is told to end."""

import json
import signal
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psutil
import pytest

from core.crypto.rings import ProcessRole
from tests.factories.suite import Suite, make_suite, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

TRIES = 5


def test_what_cannot_work_is_tried_ever_more_seldom_and_the_others_go_on(suite: Suite) -> None:
    pages = suite.children()[ProcessRole.PAGES]
    ring, aside = suite.settings.keys_dir / "ledger", suite.settings.keys_dir / "aside"
    ring.rename(aside)
    suite.children()[ProcessRole.WORKER].kill()
    wait_for(lambda: len(waits(suite)) > TRIES, 120, "the worker started again and again")
    found = waits(suite)[:TRIES]
    assert found == sorted(found), "each time it waits longer"
    assert found[-1] > 4 * found[0]
    assert suite.answers(), "nobody else is kept from work"
    assert suite.children()[ProcessRole.PAGES] == pages
    aside.rename(ring)
    status = suite.settings.home / "worker-status.json"
    before = status.stat().st_mtime
    wait_for(lambda: status.stat().st_mtime > before, 60, "the worker at work again")


def test_every_line_is_of_a_role_and_says_why_one_ended(suite: Suite) -> None:
    lines = [json.loads(line) for line in suite.log().splitlines() if line.startswith("{")]
    assert {line["child"] for line in lines if line["event"] == "started"} == set(ProcessRole)
    crashed = [line for line in lines if line["event"] == "crashed"]
    assert {line["role"] for line in crashed} == {ProcessRole.WORKER}
    assert all("keys_missing" in line["error"] for line in crashed), "why it ended"
    assert [line for line in suite.log().splitlines() if not line.startswith("{")] == []


def test_one_signal_ends_all(suite: Suite) -> None:
    # The last test of this house: nothing of it is left.
    everybody = suite.offspring()
    assert suite.process is not None
    suite.process.send_signal(signal.SIGINT)
    assert suite.process.wait(15) == 0
    assert not [one for one in everybody if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def waits(suite: Suite) -> list[float]:
    """Return how many seconds passed between an end of the worker and its next start, each time."""
    events: list[dict[str, Any]] = []
    for line in suite.log().splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("child") == ProcessRole.WORKER and told["event"] in {"started", "ended"}:
            events.append(told)
    times = [datetime.fromisoformat(event["timestamp"]).timestamp() for event in events]
    pairs = zip(events, times, times[1:], strict=False)
    return [after - before for event, before, after in pairs if event["event"] == "ended"]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    made = make_suite(tmp_path_factory.mktemp("supervised"), CHANCERY_LOG_FORMAT="json")
    made.start()
    yield made
    made.stop()
