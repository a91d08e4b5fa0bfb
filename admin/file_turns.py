"""Whose files are read next: no one's queue keeps anybody else waiting.

Whoever has the fewest messages being read comes first, then whoever waited longest since one of theirs was
taken up, then the oldest message.
"""

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Final

REMEMBERED: Final = 1_000


class Turns:
    """The turns of one worker, whose readers share them."""

    def __init__(self) -> None:
        self.lock = Lock()
        """Held from choosing to :meth:`began`, so that two readers never choose alike."""
        self._running: Counter[str] = Counter()
        self._taken: dict[str, int] = {}
        self._count = 0

    def choose(self, people: Sequence[str]) -> int:
        """Return which of the messages of ``people``, the oldest first, is read next."""
        return min(
            range(len(people)),
            key=lambda at: (self._running[people[at]], self._taken.get(people[at], 0), at),
        )

    def began(self, person: str) -> None:
        """Note that a message of somebody is being read."""
        self._count += 1
        self._running[person] += 1
        self._taken.pop(person, None)
        self._taken[person] = self._count
        if len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]

    def ended(self, person: str) -> None:
        """Note that reading it ended, however it did."""
        with self.lock:
            self._running[person] -= 1
            if self._running[person] <= 0:
                del self._running[person]
