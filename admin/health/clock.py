"""Whether the clock of this machine goes evenly: a clock that is set makes times of records wrong."""

from datetime import datetime, timedelta
from typing import Final

from core.types import Clock, to_ms

JUMP: Final = timedelta(seconds=2)
REMEMBERED: Final = timedelta(hours=24)


class ClockWatch:
    """Compares the time of day with time that only ever goes on; the last jump is told for a day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looked: tuple[datetime, float] = (clock.now(), clock.monotonic())
        self._jump: tuple[datetime, timedelta] | None = None

    def last(self) -> dict[str, int] | None:
        """Look, and return when the clock was last set, and by how many milliseconds."""
        before, ran = self._looked
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._looked = (now, monotonic)
        by = (now - before) - timedelta(seconds=monotonic - ran)
        if abs(by) > JUMP:
            self._jump = (now, by)
        if self._jump is None or not timedelta() <= now - self._jump[0] < REMEMBERED:
            return None
        at, by = self._jump
        return {"at_ms": to_ms(at), "ms": round(by / timedelta(milliseconds=1))}
