"""A running suite says how it is: every role to monitoring, none of it to the people who chat."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from admin.health.files import read_status, realtime_status_name
from core.types import new_id
from tests.factories.suite import Suite, wait_for
from web.realtime.vitals import WINDOW_SECONDS, LoopStall

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(180)]


def test_each_role_answers_to_monitoring_and_is_ready(suite: Suite) -> None:
    settings = suite.settings
    for listen in (
        settings.monitor_realtime,
        settings.monitor_pages,
        settings.monitor_desk,
        settings.monitor_worker,
    ):
        wait_for(lambda at=listen: ask(f"http://{at}/readyz")[0] == 200, 60, f"{listen} ready")  # type: ignore[misc]
        assert ask(f"http://{listen}/healthz")[0] == 200
        assert sample(f"http://{listen}", "chancery_ready") == 1


def test_who_chats_learns_liveness_and_readiness_and_nothing_more(suite: Suite) -> None:
    for url in (suite.settings.chat_url, suite.settings.realtime_url, suite.settings.desk_url):
        assert json.loads(ask(f"{url}/healthz")[1]) == {"ok": True}
        assert json.loads(ask(f"{url}/readyz")[1]) == {"ok": True}
        assert ask(f"{url}/metrics")[0] == 404


def test_messages_acknowledgements_batches_and_connections_are_counted(suite: Suite) -> None:
    monitor = f"http://{suite.settings.monitor_realtime}"
    before = {name: sample(monitor, name, **labels) for name, labels in COUNTED}
    ana = suite.connect("ana")
    answer = ana.emit(
        "open",
        {"client_id": new_id(), "kind": "group", "people": [suite.people["ben"], suite.people["cleo"]]},
    )
    for number in range(3):
        request = {"client_id": new_id(), "conversation": answer["conversation"], "text": f"number {number}"}
        assert ana.emit("send", request)["ok"]
    after = {name: sample(monitor, name, **labels) for name, labels in COUNTED}
    assert after["chancery_messages_total"] - before["chancery_messages_total"] >= 3
    assert after["chancery_ack_seconds_count"] - before["chancery_ack_seconds_count"] >= 4
    assert after["chancery_commit_batch_size_count"] > before["chancery_commit_batch_size_count"]
    ticks = before["chancery_loop_stall_seconds_count"]
    # The loop is looked at now and then: a quick machine has said all this in between.
    wait_for(lambda: sample(monitor, "chancery_loop_stall_seconds_count") > ticks, 10, "a look at the loop")
    assert sample(monitor, "chancery_connections") >= 1
    assert sample(monitor, "chancery_policy_number") >= 1
    assert sample(monitor, "chancery_policy_confirmed_seconds") < 2


def test_the_worker_tells_lag_ledger_and_jobs(suite: Suite) -> None:
    monitor = f"http://{suite.settings.monitor_worker}"
    wait_for(lambda: "chancery_ledger_entries" in ask(f"{monitor}/metrics")[1], 60, "the worker's status")
    assert sample(monitor, "chancery_archive_lag_seconds") >= 0
    assert sample(monitor, "chancery_ledger_entries", log="audit") >= 1
    assert sample(monitor, "chancery_jobs", state="failed") == 0
    assert sample(monitor, "chancery_partitions_missing") == 0


def test_the_websocket_process_tells_its_worst_stall_where_the_health_checks_look(suite: Suite) -> None:
    port = urlsplit(suite.settings.realtime_url).port
    assert port is not None
    path = suite.home / realtime_status_name(port)
    status = wait_for(lambda: read_status(path), 30, "its status")
    assert status["listens"].endswith(f":{port}")
    assert status["worst_stall_ms"] >= 0


def test_every_line_of_the_log_names_the_role_that_wrote_it(suite: Suite) -> None:
    lines = [line for line in suite.log().splitlines() if line.startswith("timestamp=")]
    assert lines
    assert all(" role=" in line for line in lines)


def test_the_worst_stall_is_remembered_for_a_minute_at_most() -> None:
    now = [0.0]
    stall = LoopStall(lambda: now[0])
    stall.woke(0.4)
    stall.woke(0.01)
    assert stall.worst == 0.4
    now[0] = WINDOW_SECONDS
    stall.woke(0.0)
    assert stall.worst == 0.4
    now[0] = 2 * WINDOW_SECONDS
    stall.woke(-0.001)
    assert stall.worst == 0.0


COUNTED: tuple[tuple[str, dict[str, str]], ...] = (
    ("chancery_messages_total", {"verdict": "allow"}),
    ("chancery_ack_seconds_count", {}),
    ("chancery_commit_batch_size_count", {}),
    ("chancery_loop_stall_seconds_count", {}),
)


def ask(url: str) -> tuple[int, str]:
    """Return status and text of an address."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    try:
        connection.request("GET", parts.path, headers={"Host": parts.netloc, "Accept": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def sample(monitor: str, name: str, **labels: str) -> float:
    """Return one sample of a process's metrics."""

    def found() -> Iterator[float]:
        for family in text_string_to_metric_families(ask(f"{monitor}/metrics")[1]):
            yield from (s.value for s in family.samples if s.name == name and s.labels == labels)

    return next(found())
