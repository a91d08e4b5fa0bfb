"""Short recurring work of a process: one loop, one thing at a time.

A chore that fails is logged once and tried again; none stops the others. One that returns True has more to
do: it goes on at once, after the others had their turn. One that another process does, as its lease says, has
not failed: it waits until that process ends.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from core.errors import ChanceryError

TICK = 0.2

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chore:
    """One thing that is done every so many seconds. ``due`` is a monotonic time."""

    name: str
    every: float
    run: Callable[[], object]
    due: float = 0.0
    failing: bool = False
    elsewhere: bool = False


class Chores:
    """The chores of one process."""

    def __init__(self, chores: Iterable[Chore]) -> None:
        self.all = list(chores)

    def run_forever(self) -> None:
        """Do chores until the process ends."""
        while True:
            self.run_due()
            time.sleep(TICK)

    def run_due(self) -> None:
        """Do every chore that is due."""
        for chore in self.all:
            now = time.monotonic()
            if now < chore.due:
                continue
            chore.due = now + chore.every
            try:
                more = chore.run()
                chore.failing = chore.elsewhere = False
                if more is True:
                    chore.due = now
            except Exception as error:
                chore.due = now + max(1.0, chore.every)
                _note(chore, error)

    def failing(self) -> list[str]:
        """Return the names of the chores that failed last time."""
        return [chore.name for chore in self.all if chore.failing]


def _note(chore: Chore, error: Exception) -> None:
    """Keep in mind why a chore was not done, and log it the first time."""
    elsewhere = isinstance(error, ChanceryError) and error.code == "lease_lost"
    if elsewhere and not chore.elsewhere:
        log.info("chore done by another process", chore=chore.name)
    elif not elsewhere and not chore.failing:
        log.error("chore failed", chore=chore.name, exc_info=error)
    chore.elsewhere, chore.failing = elsewhere, not elsewhere
