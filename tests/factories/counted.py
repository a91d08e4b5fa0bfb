"""How often a transaction asks its database: for promises about how many statements something takes."""

from collections.abc import Iterable
from typing import Any

from core.store import Tx


class Counted:
    """A driver's connection that counts what it is asked."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked = 0

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        self.asked += 1
        return self._inner.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        self.asked += 1
        return self._inner.executemany(sql, parameters)


def counted(tx: Tx) -> tuple[Tx, Counted]:
    """Return the same transaction, through a connection that counts."""
    driver = Counted(tx._connection)
    return Tx(driver, tx._dialect), driver
