"""What the demo's steps stand on while they build: the role's own grants, commits that do not wait for disks.

A building site is worth nothing until it is finished: whatever stops it, the next start throws it
away. So its commits need not survive a power cut one by one; before the finished house gets its
name, everything is forced to disk at once (see :mod:`admin.demo.house`); a database server does that
by itself within a second.
"""

import sys
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from admin.wiring.ground import Ground
from core.access import Database
from core.store import Store


@dataclass(frozen=True, slots=True)
class BuildingGround(Ground):
    """Opens what the role may open; its stores do not force each commit to disk."""

    def store(self, database: Database) -> Store:
        """Open a database with the role's grants; raises as :meth:`Ground.store`."""
        return Ground.store(self, database).without_sync()

    @property
    def is_in_use(self) -> bool:
        """Tell that nobody uses it yet: nothing need be spared for others."""
        return False


def progress() -> Progress:
    """Return a progress display; it goes to standard error, because steps answer on standard output."""
    return Progress(
        TextColumn("{task.description:>12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
    )
