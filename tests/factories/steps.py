"""How much a read costs SQLite, whatever else the machine does."""

import sqlite3
from collections.abc import Callable
from typing import Any

from core.store import Tx


def steps_of(tx: Tx, read: Callable[[Tx], Any]) -> int:
    """Return how many tens of steps of SQLite's machine a read takes."""
    connection, steps = tx._connection, 0
    assert isinstance(connection, sqlite3.Connection)

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(step, 10)
    read(tx)
    connection.set_progress_handler(None, 10)
    return steps
