"""Checks side by side, each with a time limit of its own: one dead dependency hangs nothing else."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from admin.health.lines import HealthLine, red, unchecked
from core.errors import ChanceryError

WITHIN: Final = 15.0


class NotWell(Exception):
    """What a check needs is not well, and that is told in a line of its own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one thing; ``look`` returns lines, or raises, which is told in a line as well."""

    name: str
    look: Callable[[], Iterable[HealthLine]]
    within: float = WITHIN


def run_checks(checks: Sequence[Check]) -> list[HealthLine]:
    """Return the lines of all checks in their order; what is not done in time is red."""
    begun = time.monotonic()
    running = [_Running(check) for check in checks]
    return [line for one in running for line in one.lines(begun)]


class _Running:
    def __init__(self, check: Check) -> None:
        self._check = check
        self._found: list[HealthLine] = []
        # One that hangs is left behind when the process ends.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def lines(self, begun: float) -> list[HealthLine]:
        self._thread.join(max(0.0, begun + self._check.within - time.monotonic()))
        if self._thread.is_alive():
            says = f"No answer within {self._check.within:g} s."
            step = "See that what it asks runs and can be reached from here; a firewall may drop packets."
            return [red(self._check.name, says, step)]
        return self._found

    def _run(self) -> None:
        try:
            self._found = list(self._check.look())
        except Exception as error:
            self._found = [_failed(self._check.name, error)]


def _failed(name: str, error: Exception) -> HealthLine:
    """Return a line for what a check raised; words of foreign errors are not repeated but for databases'."""
    if isinstance(error, NotWell):
        return unchecked(name, f"Not looked at: it needs {error}, see there.")
    foreign = _cause(error, PermissionError)
    if foreign is not None:
        where = foreign.filename or "What it needs"
        step = "Run `chancery doctor` as the user of that role, or as root."
        return unchecked(name, f"Not checked as this user: {where} belongs to another.", step)
    if isinstance(error, ChanceryError):
        return red(name, error.message, f"The handbook lists `{error.code}` among the errors.")
    if isinstance(error, OSError):
        step = "See that the file is there, that its disk works, and that it belongs to the right user."
        return red(name, f"{error.filename or 'A file'}: {error.strerror or type(error).__name__}.", step)
    if isinstance(error, sqlite3.Error | DBAPIError):
        said = getattr(error, "orig", None) or error
        return red(name, f"The database says: {said}.", "See that its disk has room and works.")
    return red(name, f"The check itself failed ({type(error).__name__}).", "Report it with a support bundle.")


def _cause(error: BaseException | None, kind: type[PermissionError]) -> PermissionError | None:
    while error is not None:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None
