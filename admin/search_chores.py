"""The worker's chores for the employees' search, in a thread of their own: the archive waits for none.

One worker at a time feeds the index; a second one waits for the lease, as it does with the archive.
"""

from threading import Thread
from typing import Final

from admin.chores import Chore, Chores
from audit.archive.lease import Lease
from audit.chat_search.indexer import ChatIndexer
from core.errors import Conflict

EVERY_S: Final = 1.0
LOOK_EVERY_S: Final = 3_600.0


class SearchChores:
    """Keeps the employees' index as the chat is."""

    def __init__(self, indexer: ChatIndexer, lease: Lease) -> None:
        self._indexer = indexer
        self._lease = lease
        self.chores = Chores(
            [
                Chore("make chat index again", LOOK_EVERY_S, self.refill),
                Chore("index chat", EVERY_S, self.carry),
            ]
        )

    def start(self) -> None:
        """Do the chores until the process ends."""
        Thread(target=self.chores.run_forever, name="search", daemon=True).start()

    def carry(self) -> None:
        """Carry what waits."""
        if self._holds():
            self._indexer.run()

    def refill(self) -> None:
        """Look whether the index lacks anything, as one does that was lost, and have that made again."""
        if self._holds():
            self._indexer.refill()

    def _holds(self) -> bool:
        try:
            self._lease.hold()
        except Conflict:
            return False
        return True
