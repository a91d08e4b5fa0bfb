"""Logs say what broke and where, and nothing that people wrote."""

from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from core.errors import Unavailable
from core.logs import configure_logs


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


def _break(text: str) -> None:
    raise ValueError(f"cannot handle {text!r}")


@pytest.fixture
def logs() -> Iterator[StringIO]:
    written = StringIO()
    configure_logs(written)
    yield written
    structlog.reset_defaults()
