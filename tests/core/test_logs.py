"""Logs say what broke and where, and nothing that people wrote."""

import json
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog

from core.errors import Unavailable
from core.logs import Recurring, configure_logs
from tests.fakes.clock import DrivenClock

ROOT = Path(__file__).parents[2]


def test_neither_variables_nor_the_words_of_foreign_errors_are_logged(logs: StringIO) -> None:
    try:
        _break("a canary in a variable")
    except ValueError:
        structlog.get_logger("x").exception("chore failed", chore="archive")
    written = logs.getvalue()
    assert "canary" not in written
    assert "chore=archive" in written
    assert "error=builtins.ValueError" in written
    assert "core/test_logs.py" in written
    assert "_break" in written


def test_our_own_errors_are_logged_with_code_and_sentence(logs: StringIO) -> None:
    try:
        try:
            _break("canary")
        except ValueError as error:
            raise Unavailable("The index does not answer.", code="index_unavailable") from error
    except Unavailable:
        structlog.get_logger("x").exception("chore failed")
    written = logs.getvalue()
    assert "Unavailable[index_unavailable]: The index does not answer. from builtins.ValueError" in written
    assert "canary" not in written


def test_every_line_names_its_role_and_inside_a_request_the_request(logs: StringIO) -> None:
    structlog.contextvars.clear_contextvars()
    log = structlog.get_logger("x")
    with structlog.contextvars.bound_contextvars(request="r-1"):
        log.info("looked")
    log.info("looked again")
    first, second = logs.getvalue().splitlines()
    assert "role=worker" in first and "request=r-1" in first
    assert "role=worker" in second and "request=" not in second


def test_a_line_is_one_object_where_json_is_chosen() -> None:
    written = StringIO()
    configure_logs("pages", "json", written)
    try:
        _break("canary\nin two lines")
    except ValueError:
        structlog.get_logger("x").exception("chore failed", chore="archive", at_once=True)
    structlog.reset_defaults()
    (line,) = written.getvalue().splitlines()
    told = json.loads(line)
    assert list(told)[:4] == ["timestamp", "level", "role", "event"]
    assert (told["role"], told["level"], told["event"], told["chore"]) == (
        "pages",
        "error",
        "chore failed",
        "archive",
    )
    assert told["error"] == "builtins.ValueError"
    assert "canary" not in line


def test_trouble_that_stays_is_told_once_a_minute_and_when_it_is_over(logs: StringIO) -> None:
    clock = DrivenClock()
    trouble = Recurring(structlog.get_logger("x"), "policy not confirmed", monotonic=clock.monotonic)
    for _ in range(240):
        try:
            _break("canary")
        except ValueError:
            trouble.failed()
        clock.advance(0.5)
    trouble.well()
    trouble.well()
    lines = logs.getvalue().splitlines()
    assert len(lines) == 3
    assert all("policy not confirmed" in line for line in lines)
    assert "times_since=119" in lines[1]
    assert "over" in lines[2]
    assert "canary" not in logs.getvalue()


def test_what_ends_a_thread_or_a_process_is_a_line_without_words_and_no_traceback() -> None:
    program = """
import threading
from core.errors import NotFound
from core.logs import configure_logs, tell_of_crashes
configure_logs("worker", "json")
tell_of_crashes()
thread = threading.Thread(target=lambda: int("canary"))
thread.start()
thread.join()
raise NotFound("There are no keys.", code="keys_missing")
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(line["event"], line["role"]) for line in told] == [("crashed", "worker")] * 2
    assert told[0]["error"] == "builtins.ValueError"
    assert told[1]["error"] == "NotFound[keys_missing]: There are no keys."
    assert "canary" not in ran.stderr


def _break(text: str) -> None:
    raise ValueError(f"cannot handle {text!r}")


@pytest.fixture
def logs() -> Iterator[StringIO]:
    written = StringIO()
    configure_logs("worker", file=written)
    yield written
    structlog.reset_defaults()
