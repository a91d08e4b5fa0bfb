"""What directory syncs did: numbers and reasons, never a name."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import orjson
from sqlalchemy import bindparam, insert, select

from core.schema import chat
from core.store import Row, Statement, Tx

_s = chat.directory_syncs.c
_ADD = Statement(
    insert(chat.directory_syncs).values({c.name: bindparam(c.name) for c in _s if c.name != "number"})
)
_LAST = Statement(select(chat.directory_syncs).order_by(_s.number.desc()).limit(1))
_NEWEST = Statement(select(chat.directory_syncs).order_by(_s.number.desc()).limit(bindparam("most")))


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people the directory lets in, and to how many something happened.

    ``left`` are those who lost their account, ``returned`` those who were let in again.
    """

    present: int
    added: int = 0
    changed: int = 0
    left: int = 0
    returned: int = 0

    @property
    def anything(self) -> bool:
        """Tell whether anything happened to anybody."""
        return bool(self.added or self.changed or self.left or self.returned)


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One run: when, started by whom, how it ended, and why it stopped."""

    at_ms: int
    by: str
    outcome: Outcome
    reason: str
    counts: Counts

    def says_the_same_as(self, other: "SyncRun | None") -> bool:
        """Tell whether ``other`` ended alike, so that it need not be kept twice."""
        return other is not None and (self.outcome, self.reason) == (other.outcome, other.reason)


def do_keep(tx: Tx, run: SyncRun) -> None:
    """Write one run into the history."""
    counts = orjson.dumps(asdict(run.counts)).decode()
    tx.run(_ADD, at_ms=run.at_ms, by_id=run.by, outcome=run.outcome, reason=run.reason, counts=counts)


def last_run(tx: Tx) -> SyncRun | None:
    """Return the newest run of the history."""
    row = tx.one(_LAST)
    return _run(row) if row else None


def newest_runs(tx: Tx, most: int) -> Sequence[SyncRun]:
    """Return the newest runs, the last first."""
    return [_run(row) for row in tx.rows(_NEWEST, most=most)]


def _run(row: Row) -> SyncRun:
    counts = Counts(**orjson.loads(row.counts))
    return SyncRun(row.at_ms, row.by_id, Outcome(row.outcome), row.reason, counts)
