"""The ledger's entries in the archive database: the truth from which tiles and checkpoints come."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, select

from audit.ledger.entries import Log
from audit.ledger.tree import leaf_hash
from core.schema.archive import ledger_entries
from core.store import Statement, Tx

_c = ledger_entries.c

_SIZE = Statement(select(func.coalesce(func.max(_c.seq) + 1, 0)).where(_c.log == bindparam("of")))
_ENTRIES = Statement(
    select(_c.entry)
    .where(_c.log == bindparam("of"), _c.seq >= bindparam("low"), _c.seq < bindparam("high"))
    .order_by(_c.seq)
)
_ADD = Statement(
    insert(ledger_entries).values(
        log=bindparam("log"), seq=bindparam("seq"), entry=bindparam("entry"), leaf=bindparam("leaf")
    )
)


def size(tx: Tx, log: Log) -> int:
    """Return how many entries a log has, which is the number of the next one."""
    return int(tx.value(_SIZE, of=str(log)))


def append(tx: Tx, log: Log, first: int, entries: Sequence[bytes]) -> None:
    """Insert ``entries`` as numbers ``first`` and up; a number that is taken fails the transaction."""
    tx.run_many(
        _ADD,
        [
            {"log": str(log), "seq": seq, "entry": entry, "leaf": leaf_hash(entry)}
            for seq, entry in enumerate(entries, first)
        ],
    )


def entries(tx: Tx, log: Log, low: int, high: int) -> list[bytes]:
    """Return the entries numbered ``low`` to ``high - 1``, as far as they are there."""
    return [bytes(row.entry) for row in tx.rows(_ENTRIES, of=str(log), low=low, high=high)]
