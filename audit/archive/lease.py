"""One archiver at a time: a lease with a fence, checked in the transaction that writes.

Whoever slept past the lease finds another fence and writes nothing.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from core.errors import Conflict
from core.schema.archive import leases
from core.store import Statement, Store, Tx
from core.types import Clock, new_id, to_ms

LENGTH: Final = timedelta(seconds=10)
"""Short, so that a killed process is soon replaced; outliving it is safe while nobody else took over."""
SKEW: Final = timedelta(minutes=1)
"""How far the clocks of two hosts may be apart before they take the lease from each other, in vain."""

_HELD = Statement(select(leases).where(leases.c.name == bindparam("lease")))
_FIRST = Statement(insert(leases))
_TAKE = Statement(
    update(leases)
    .where(leases.c.name == bindparam("lease"), leases.c.fence == bindparam("old_fence"))
    .values(owner=bindparam("by"), fence=bindparam("new_fence"), until_ms=bindparam("until"))
)


class Lease:
    """A named lease of one process, in the archive."""

    def __init__(self, store: Store, clock: Clock, name: str) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._owner = new_id()
        self._fence = 0
        self._renew_at = 0.0

    def hold(self) -> None:
        """Take the lease, or keep it; cheap while it has long to run.

        Raises:
            Conflict: ``lease_lost`` while another process holds it.
        """
        if self._clock.monotonic() >= self._renew_at or not self._fence:
            self._store.write(self._take)
            self._renew_at = self._clock.monotonic() + LENGTH.total_seconds() / 2

    def check(self, tx: Tx) -> None:
        """Return if, inside this transaction, nobody else has taken the lease.

        Raises:
            Conflict: ``lease_lost``.
        """
        row = tx.one(_HELD, lease=self._name)
        if row is None or row.owner != self._owner or row.fence != self._fence:
            self._fence = 0
            raise _lost(self._name)

    def release(self) -> None:
        """Let the next process take it at once."""
        if self._fence:
            self._store.write(lambda tx: self._write(tx, self._fence, until=0))
            self._fence = 0

    def _take(self, tx: Tx) -> None:
        now = self._clock.now()
        row = tx.one(_HELD, lease=self._name)
        until = to_ms(now + LENGTH)
        if row is None:
            tx.run(_FIRST, name=self._name, owner=self._owner, fence=1, until_ms=until)
            self._fence = 1
            return
        # One that ends much later than any lease can was taken before the clock was set back.
        believed = to_ms(now) < row.until_ms <= to_ms(now + LENGTH + SKEW)
        if row.owner != self._owner and believed:
            raise _lost(self._name)
        self._write(tx, row.fence, until=until)
        self._fence = row.fence + 1

    def _write(self, tx: Tx, fence: int, *, until: int) -> None:
        tx.run(_TAKE, lease=self._name, old_fence=fence, by=self._owner, new_fence=fence + 1, until=until)


def _lost(name: str) -> Conflict:
    return Conflict(f"Another process holds the {name} lease.", code="lease_lost", lease=name)
