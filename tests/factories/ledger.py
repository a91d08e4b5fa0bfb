"""Both logs over one archive database, for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audit.ledger import rows
from audit.ledger.checkpoint import vkey
from audit.ledger.entries import Act, ItemVersion, Log, act_entry, item_entry
from audit.ledger.publish import Publisher
from core.crypto.signing import Signer
from core.store import Store

BASE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
R = bytes(32)
SIGNERS = {Log.ARCHIVE: Signer(b"\x01" * 32), Log.AUDIT: Signer(b"\x02" * 32)}
ORIGINS = {log: f"chat.example/firm/{log}" for log in Log}
VKEYS = [vkey(ORIGINS[log], SIGNERS[log].verifier) for log in Log]


@dataclass
class Ledger:
    """Both logs over one archive database."""

    folder: Path
    store: Store

    def __post_init__(self) -> None:
        self.publishers = self.fresh()

    def fresh(self) -> dict[Log, Publisher]:
        """Return publishers as a new process would have them."""
        return {
            log: Publisher(
                log=log,
                folder=self.folder / log,
                origin=ORIGINS[log],
                signer=SIGNERS[log],
                archive=self.store,
            )
            for log in Log
        }

    def append(self, log: Log, entries: list[bytes]) -> None:
        self.store.write(lambda tx: rows.append(tx, log, rows.size(tx, log), entries))

    def log_items(self, count: int, commitment: bytes = R) -> None:
        first = self.store.read(lambda tx: rows.size(tx, Log.ARCHIVE))
        self.append(
            Log.ARCHIVE, [item(n, f"item-{n}", commitment=commitment) for n in range(first, first + count)]
        )

    def log_acts(self, count: int) -> None:
        first = self.store.read(lambda tx: rows.size(tx, Log.AUDIT))
        self.append(Log.AUDIT, [act(n) for n in range(first, first + count)])

    def publish(self) -> None:
        for publisher in self.publishers.values():
            publisher.publish()


def item(seq: int, item: str, version: int = 1, previous: int | None = None, commitment: bytes = R) -> bytes:
    """Return an entry of the archive log."""
    return item_entry(
        seq,
        BASE + timedelta(seconds=seq),
        ItemVersion("msg.create", item, version, previous, "c", seq + 1, "u", commitment, R, 5, "p@1"),
    )


def act(seq: int) -> bytes:
    """Return an entry of the audit log."""
    return act_entry(seq, BASE, Act("matter:opened", "o", "m", "desk-1", seq + 1, R, R, 5))
