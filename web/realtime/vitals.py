"""How this websocket process is: how late its loop wakes, how many are connected, and who may ask.

A ticker sleeps for a twentieth of a second, again and again; by how much it wakes late is for how long
something kept the loop, and with it everybody on this process, waiting.
"""

import time
from collections.abc import Callable

from admin.bootstrap.chat import tell_realtime
from core import metrics
from web.realtime.services import RealtimeServices

TICK_SECONDS = 0.05
WINDOW_SECONDS = 30.0
TELL_EVERY = 2.0


class LoopStall:
    """The stalls of a loop; the worst of the last half minute to minute is kept."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._since = monotonic()
        self._worst = self._before = 0.0

    @property
    def worst(self) -> float:
        """Return the worst stall of the last minute, in seconds."""
        return max(self._worst, self._before)

    def woke(self, late: float) -> None:
        """Note by how many seconds the loop woke late."""
        late = max(0.0, late)
        metrics.LOOP_STALL.observe(late)
        if self._monotonic() - self._since >= WINDOW_SECONDS:
            self._since, self._before, self._worst = self._monotonic(), self._worst, 0.0
        self._worst = max(self._worst, late)


class Vitals:
    """Measures and tells until the process ends."""

    def __init__(self, services: RealtimeServices) -> None:
        self._services = services
        self._stall = LoopStall()
        metrics.CONNECTIONS.ask(lambda: len(services.connections))
        metrics.LOOP_STALL_WORST.ask(lambda: self._stall.worst)

    def run(self) -> None:
        """Tick, and tell every few seconds; that the file cannot be written is seen by its age."""
        tell_at = 0.0
        while True:
            asleep = time.monotonic()
            self._services.blocking.sleep(TICK_SECONDS)
            woke = time.monotonic()
            self._stall.woke(woke - asleep - TICK_SECONDS)
            if woke >= tell_at:
                tell_at = woke + TELL_EVERY
                self._tell()

    def _tell(self) -> None:
        services, count, worst = self._services, len(self._services.connections), self._stall.worst
        services.blocking.read(
            lambda: tell_realtime(
                services.settings, services.clock.now(), connections=count, worst_stall=worst
            )
        )
