"""Acts on keys and holds are on record in the keystore's own transaction; the desk carries the rows on."""

from typing import Final

from core.outbox import Outbox
from core.schema import desk, keystore
from core.store import Store, Tx

BATCH: Final = 200

_FROM, _TO = Outbox(keystore.outbox), Outbox(desk.outbox)


def put_trail(tx: Tx, sealed: bytes, at_ms: int) -> None:
    """Write a sealed trail row into the keystore's outbox (a ``put`` of :class:`core.trail.Trail`)."""
    _FROM.put(tx, kind="trail", payload=sealed, at_ms=at_ms)


class TrailCarrier:
    """Moves trail rows from the keystore to the desk store, at least once; the archive keeps each once."""

    def __init__(self, *, keystore_store: Store, desk_store: Store) -> None:
        self._keystore = keystore_store
        self._desk = desk_store

    def carry(self) -> int:
        """Move what waits; return how many rows."""
        moved = 0
        while rows := self._keystore.read(lambda tx: _FROM.first(tx, BATCH)):
            content = [{"kind": r.kind, "payload": r.payload, "at_ms": r.at_ms} for r in rows]
            ids = [row.id for row in rows]
            self._desk.write(lambda tx, c=content: _TO.put_many(tx, c))  # type: ignore[misc]
            self._keystore.write(lambda tx, i=ids: _FROM.take(tx, i))  # type: ignore[misc]
            moved += len(rows)
        return moved
