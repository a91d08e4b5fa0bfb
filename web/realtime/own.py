"""What the other connections of the same person learn: how far they read, how they arranged things.

What happens in this process is told at once; what happens in others is found by looking at the store
when it changed. All of it is state, so that telling it twice changes nothing.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta
from typing import TypeVar

from core.messaging.own_changes import OwnChange
from core.ports import Blocking
from core.store import Store, Tx
from core.types import Clock, to_ms
from web.realtime.connections import Connections, Emitter

T = TypeVar("T")

LOOK_BACK = timedelta(seconds=10)
"""How much earlier than the last look a change may have been noted: hosts' clocks differ."""
REMEMBERED = 20_000


class OwnChanges:
    """Tells people's connections what the same people did elsewhere."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        blocking: Blocking,
        connections: Connections,
        emit: Emitter,
        find: Callable[[Tx, int], Iterable[OwnChange]],
    ) -> None:
        self._store, self._clock, self._blocking = store, clock, blocking
        self._connections, self._emit, self._find = connections, emit, find
        self._told: dict[tuple[str, ...], int] = {}
        self._seen: Hashable = None
        self._looked_ms = to_ms(clock.now())

    def tell(self, change: OwnChange, but: str = "") -> None:
        """Tell a person's connections, except the one by which it was done."""
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[_place(change)] = change.at_ms
        sids = [each.sid for each in self._connections.of_person(change.person) if each.sid != but]
        self._emit(change.event, dict(change.payload), sids)

    def poll(self) -> None:
        """Tell what was done in other processes."""
        version = self._blocking.commit(self._store.foreign_version)
        if version == self._seen:
            return
        self._seen = version
        now = to_ms(self._clock.now())
        since = self._looked_ms - int(LOOK_BACK.total_seconds() * 1000)
        here = self._connections.people()
        for change in self._read(lambda tx: list(self._find(tx, since))):
            if change.person in here and change.at_ms > self._told.get(_place(change), 0):
                self.tell(change)
        self._looked_ms = now

    def _read(self, work: Callable[[Tx], T]) -> T:
        return self._blocking.read(lambda: self._store.read(work))


def _place(change: OwnChange) -> tuple[str, ...]:
    """Return what a later change of the same thing has in common with this one."""
    payload = change.payload
    return (
        change.person,
        change.event,
        str(payload.get("conversation", "")),
        str(payload.get("root") or payload.get("id") or ""),
    )
