"""Publishing: from the entries in the database to tiles and a signed checkpoint.

The publisher signs only what extends what it signed before. At start it recomputes the published
root from the database's own leaves; where the checkpoint is ahead of the database, or the roots
disagree, somebody restored or altered one of the two, and nothing is signed until it is cleared up.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from audit.ledger import rows, tree
from audit.ledger.checkpoint import Checkpoint, open_note, read_note, sign, write_checkpoint
from audit.ledger.entries import Log
from audit.ledger.tiles import TileReader, TileWriter
from core.crypto.signing import Signer
from core.errors import Conflict, NotFound
from core.store import Store

BATCH: Final = 1024
"""Entries for which tiles are written at a time."""


class Publisher:
    """Publishes one log. One process at a time; the caller holds the archive's lease."""

    def __init__(self, *, log: Log, folder: Path, origin: str, signer: Signer, archive: Store) -> None:
        self.log = log
        self._folder = folder
        self._origin = origin
        self._signer = signer
        self._archive = archive
        self._tiles = TileWriter(folder)
        self._signed: tree.CompactRange | None = None

    def published(self) -> Checkpoint | None:
        """Return the newest checkpoint, or None before the first.

        Raises:
            IntegrityError: what is published was not signed by this log's key.
        """
        try:
            note = read_note(self._folder)
        except NotFound:
            return None
        return open_note(note, self._origin, self._signer.verifier)

    def publish(self) -> Checkpoint:
        """Bring tiles and checkpoint up to the database; return the checkpoint that stands then.

        May be repeated, and resumed after dying at any point.

        Raises:
            Conflict: ``ledger_ahead`` if the published checkpoint has more entries than the database;
                ``ledger_disagrees`` if its root, or that of the tiles, is not that of the database's
                entries; ``tile_differs`` if a tile was altered. Nothing is signed then.
            IntegrityError: the published checkpoint was not signed by this log's key.
            NotFound: ``tile_missing`` if tiles that were written before are gone.
        """
        current = self.published()
        size = self._archive.read(lambda tx: rows.size(tx, self.log))
        signed = self._extends(current, size)
        if current is not None and current.size == size:
            return current
        edge = signed.copy()
        self._write_tiles(edge, size)
        if tree.root(TileReader(self._folder, size), size) != edge.root():
            raise self._disagrees("the tiles have another root than the archive's entries")
        checkpoint = Checkpoint(self._origin, size, edge.root())
        write_checkpoint(self._folder, sign(checkpoint, self._signer))
        self._tiles.prune(signed.size, size)
        self._signed = edge
        return checkpoint

    def rebuild(self) -> Checkpoint:
        """Write every tile again from the database's entries, then publish; raises as :meth:`publish`."""
        current = self.published()
        if current is not None:
            self._extends(current, self._archive.read(lambda tx: rows.size(tx, self.log)))
            self._write_tiles(tree.CompactRange(), current.size)
        return self.publish()

    def _write_tiles(self, edge: tree.CompactRange, size: int) -> None:
        for low, high in _batches(edge.size, size):
            entries = self._entries(low, high)
            self._tiles.advance(low, entries)
            edge.extend(map(tree.leaf_hash, entries))

    def _extends(self, current: Checkpoint | None, size: int) -> tree.CompactRange:
        """Return the edge at ``current``, once the database is known to contain it."""
        if current is None:
            return tree.CompactRange()
        if current.size > size:
            raise Conflict(
                f"The published checkpoint of the {self.log} log has {current.size} entries, the archive "
                f"only {size}: an older copy of it was restored. Nothing is signed until that is resolved.",
                code="ledger_ahead",
                log=str(self.log),
                published=current.size,
                database=size,
            )
        if self._signed is None or self._signed.size != current.size:
            self._signed = tree.CompactRange()
            for low, high in _batches(0, current.size):
                self._signed.extend(map(tree.leaf_hash, self._entries(low, high)))
        if self._signed.root() != current.root:
            raise self._disagrees("the published checkpoint has another root than the archive's entries")
        return self._signed

    def _entries(self, low: int, high: int) -> list[bytes]:
        found = self._archive.read(lambda tx: rows.entries(tx, self.log, low, high))
        if len(found) != high - low:
            raise self._disagrees(f"entries between {low} and {high} are missing from the archive")
        return found

    def _disagrees(self, what: str) -> Conflict:
        return Conflict(
            f"The {self.log} log does not agree with itself: {what}. Nothing is signed; run "
            f"`chancery ledger verify` and compare with the checkpoint that was kept elsewhere.",
            code="ledger_disagrees",
            log=str(self.log),
        )


def _batches(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Return ranges that end where full tiles end, so that few partial ones are written."""
    while low < high:
        end = min(high, low - low % BATCH + BATCH)
        yield low, end
        low = end
