"""Monitoring is answered on a listener of its own: metrics, liveness, readiness, and nothing else."""

import errno
import http.client
import socket
from collections.abc import Callable

import pytest

from admin.health.clock import ClockWatch
from admin.health.monitor import Monitor, serve_monitor
from admin.health.readiness import Readiness
from core.blocking import InlineBlocking
from tests.factories.suite import wait_for
from tests.fakes.clock import DrivenClock
from tests.services.debian import free_ports

Ask = Callable[[str], tuple[int, str]]


def test_metrics_health_and_readiness_are_answered(monitored: tuple[Readiness, Ask]) -> None:
    readiness, ask = monitored
    status, text = ask("/metrics")
    assert status == 200
    assert "# TYPE chancery_messages_total counter" in text
    assert "chancery_ready 1.0" in text
    assert ask("/healthz") == (200, '{"ok":true}')
    assert ask("/readyz") == (200, '{"ok": true}')
    assert ask("/")[0] == ask("/console")[0] == 404
    readiness.drain()
    assert ask("/readyz") == (503, '{"ok": false, "reason": "draining"}')
    assert "chancery_ready 0.0" in ask("/metrics")[1]
    assert ask("/healthz")[0] == 200


def test_a_process_without_an_address_for_monitoring_listens_nowhere() -> None:
    serve_monitor("", Readiness(DrivenClock(), {}))


def test_a_process_whose_address_is_taken_listens_there_as_soon_as_it_is_free() -> None:
    tried: list[int] = []
    waits: list[float] = []
    served: list[bool] = []

    def bind(host: str, port: int, monitor: Monitor) -> Callable[[], None]:
        tried.append(port)
        if len(tried) < 3:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return lambda: served.append(True)

    run = InlineBlocking().spawn
    serve_monitor("[::1]:9", Readiness(DrivenClock(), {}), bind=bind, spawn=run, sleep=waits.append)
    assert (tried, waits, served) == ([9, 9, 9], [5.0, 5.0], [True])


def test_a_clock_that_is_set_is_noticed_and_told_for_a_day() -> None:
    clock = SteppedClock()
    watch = ClockWatch(clock)
    clock.advance(3_600)
    assert watch.last() is None, "an hour went by"
    clock.step(-7.5)
    jump = watch.last()
    assert jump is not None
    assert jump["ms"] == -7_500
    clock.advance(3_600)
    assert watch.last() == jump
    clock.advance(24 * 3_600)
    assert watch.last() is None


class SteppedClock(DrivenClock):
    """A clock that somebody sets."""

    def step(self, seconds: float) -> None:
        self.advance(seconds)
        self._monotonic -= seconds


@pytest.fixture
def monitored() -> tuple[Readiness, Ask]:
    """A process that answers to monitoring, and how to ask it."""
    (port,) = free_ports(1)
    readiness = Readiness(DrivenClock(), {})
    serve_monitor(f"127.0.0.1:{port}", readiness)
    wait_for(lambda: _listens(port), 10, "the listener")

    def ask(path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        told = answer.status, answer.read().decode()
        connection.close()
        return told

    return readiness, ask


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
