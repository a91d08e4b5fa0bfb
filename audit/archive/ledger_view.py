"""The ledger as the desk sees it: files and public keys, and the last checkpoint it saw.

A checkpoint that is smaller than the last one seen, or does not extend it, means that somebody put
back an older or another copy: nothing is taken as proved then.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from audit.ledger import tree
from audit.ledger.checkpoint import Checkpoint, open_note, read_note
from audit.ledger.entries import Log
from audit.ledger.tiles import TileReader
from core.crypto.signing import Verifier
from core.errors import IntegrityError, NotFound
from core.schema import desk
from core.store import Statement, Store, Tx
from core.types import Clock, to_ms

_c = desk.checkpoints.c

_SEEN = Statement(select(_c.note).where(_c.log == bindparam("of")))
_FORGET = Statement(delete(desk.checkpoints).where(_c.log == bindparam("of")))
_REMEMBER = Statement(insert(desk.checkpoints))
_TRIES: Final = 2


class LedgerView:
    """One log: checks that entries are in it."""

    def __init__(
        self, *, log: Log, folder: Path, origin: str, verifier: Verifier, desk_store: Store, clock: Clock
    ) -> None:
        self.log = log
        self._folder = folder
        self._origin = origin
        self._verifier = verifier
        self._store = desk_store
        self._clock = clock
        self._current: tuple[bytes, Checkpoint, TileReader] | None = None

    def checkpoint(self) -> Checkpoint | None:
        """Return the newest checkpoint once it is known to extend the last one seen; None before any.

        Raises:
            IntegrityError: ``ledger_behind`` or ``ledger_forked``, or it was not signed by this log.
        """
        try:
            note = read_note(self._folder)
        except NotFound:
            seen = self._seen()
            if seen is not None:
                raise _behind(self.log, seen.size, 0) from None
            return None
        if self._current is None or self._current[0] != note:
            new = open_note(note, self._origin, self._verifier)
            reader = TileReader(self._folder, new.size)
            self._check_extends(self._seen(), new, reader)
            self._store.write(lambda tx: self._remember(tx, note, new))
            self._current = (note, new, reader)
        return self._current[1]

    def check(self, index: int, entry: bytes) -> None:
        """Return if ``entry`` stands at ``index`` under the newest checkpoint.

        Raises:
            NotFound: ``not_logged`` if the checkpoint does not reach it yet.
            IntegrityError: it does not, or the log itself does not verify.
        """
        for attempt in range(_TRIES):
            checkpoint = self.checkpoint()
            if checkpoint is None or index >= checkpoint.size:
                raise NotFound("This record is not under a checkpoint yet.", code="not_logged")
            assert self._current is not None
            try:
                proof = tree.inclusion_proof(self._current[2], index, checkpoint.size)
            except NotFound:  # the writer went on and replaced a partial tile: look again
                self._current = None
                if attempt + 1 == _TRIES:
                    raise IntegrityError(
                        "The ledger's files are not complete.", code="tile_missing"
                    ) from None
                continue
            leaf = tree.leaf_hash(entry)
            tree.check_inclusion(leaf, index, checkpoint.size, proof, checkpoint.root)
            return

    def _seen(self) -> Checkpoint | None:
        row = self._store.read(lambda tx: tx.one(_SEEN, of=str(self.log)))
        return None if row is None else open_note(bytes(row.note), self._origin, self._verifier)

    def _remember(self, tx: Tx, note: bytes, new: Checkpoint) -> None:
        tx.run(_FORGET, of=str(self.log))
        tx.run(_REMEMBER, log=str(self.log), size=new.size, note=note, at_ms=to_ms(self._clock.now()))

    def _check_extends(self, seen: Checkpoint | None, new: Checkpoint, reader: TileReader) -> None:
        if seen is None:
            return
        if new.size < seen.size:
            raise _behind(self.log, seen.size, new.size)
        try:
            proof = tree.consistency_proof(reader, seen.size, new.size)
            tree.check_consistency(seen.size, seen.root, new.size, new.root, proof)
        except IntegrityError as error:
            raise IntegrityError(
                f"The {self.log} log is not the one this desk saw before: its past was rewritten.",
                code="ledger_forked",
            ) from error


def _behind(log: Log, seen: int, now: int) -> IntegrityError:
    return IntegrityError(
        f"The {log} log had {seen} entries when this desk last looked, and has {now} now: an older copy "
        "was restored.",
        code="ledger_behind",
    )
