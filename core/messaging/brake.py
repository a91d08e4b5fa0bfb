"""Slows, then stops sending while the archive is behind: nothing said may outrun its record.

A row of the outbox waits until it is sealed, indexed and logged, but only sealing may hold senders
up. So the worker notes up to which row everything is sealed, and what counts is the oldest row after
that one. A worker that is away notes nothing: what it leaves unsealed grows old and is noticed.
"""

from sqlalchemy import bindparam, func, insert, select, update

from core.errors import Unavailable
from core.ports import Blocking
from core.schema import chat
from core.settings import Settings
from core.store import Statement, Store, Tx
from core.types import Clock, to_ms

_meta, _o = chat.meta.c, chat.outbox.c
_SEALED = Statement(select(_meta.value).where(_meta.key == "sealed_through"))
_SET_SEALED = Statement(update(chat.meta).where(_meta.key == "sealed_through").values(value=bindparam("row")))
_FIRST_SEALED = Statement(insert(chat.meta).values(key="sealed_through", value=bindparam("row")))
_OLDEST_AFTER = Statement(select(func.min(_o.at_ms)).where(_o.id > bindparam("sealed")))
LOOK_EVERY = 1.0
PAUSE_SECONDS = 0.25


class ArchiveBrake:
    """The brake of one process; it looks at the outbox once a second."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, blocking: Blocking) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._blocking = blocking
        self._look_at = 0.0
        self._age = 0.0

    def admit(self) -> None:
        """Return at once, or after a pause while the archive is somewhat behind.

        Raises:
            Unavailable: ``archive_behind`` while it is far behind; nothing was written.
        """
        if self._clock.monotonic() >= self._look_at:
            # Set before looking, so that others who send meanwhile do not look as well.
            self._look_at = self._clock.monotonic() + LOOK_EVERY
            oldest = self._blocking.read(lambda: self._store.read(oldest_unsealed_ms))
            self._age = (to_ms(self._clock.now()) - oldest) / 1000 if oldest is not None else 0.0
        if self._age > self._settings.archive_stop_seconds:
            raise Unavailable(
                "Messages cannot be archived right now, so none are sent. Yours will be tried again.",
                code="archive_behind",
                retry_after=10,
            )
        if self._age > self._settings.archive_slow_seconds:
            self._blocking.sleep(PAUSE_SECONDS)


def oldest_unsealed_ms(tx: Tx) -> int | None:
    """Return when the oldest row that is not sealed was written, in milliseconds; None if all are."""
    oldest: int | None = tx.value(_OLDEST_AFTER, sealed=_sealed_through(tx))
    return oldest


def do_note_sealed(tx: Tx, row: int) -> None:
    """Note that every row of the outbox up to number ``row`` is sealed; never goes back."""
    if row > _sealed_through(tx) and not tx.run(_SET_SEALED, row=str(row)):
        tx.run(_FIRST_SEALED, row=str(row))


def _sealed_through(tx: Tx) -> int:
    return int(tx.value(_SEALED) or 0)
