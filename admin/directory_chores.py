"""The worker's chores with a directory server: sync, and a look at each server.

They run in a thread of their own, because a server that does not answer takes its time, and nothing
of the archive may wait for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from threading import Thread
from typing import Any

from admin.chores import Chore, Chores
from admin.wiring.chat import ChatServices
from admin.wiring.sync import directory_sync
from core.identity.directory import ServerHealth
from core.identity.sync_history import SyncRun

LOOK_EVERY_S = 30.0


class DirectoryChores:
    """Keeps people as the directory has them, and knows how the directory is."""

    def __init__(self, chat: ChatServices) -> None:
        self._directory = chat.directory
        self._sync = directory_sync(chat)
        self._servers: Sequence[ServerHealth] = ()
        self._last: SyncRun | None = None
        self.chores = Chores(
            [
                Chore("sync directory", chat.settings.directory_sync_seconds, self.sync),
                Chore("look at directory", LOOK_EVERY_S, self.look),
            ]
        )

    def start(self) -> None:
        """Do the chores until the process ends."""
        Thread(target=self.chores.run_forever, name="directory", daemon=True).start()

    def sync(self) -> None:
        """Do one run."""
        self._last = self._sync.run()

    def look(self) -> None:
        """See how each server is."""
        self._servers = self._directory.health()

    def status(self) -> Mapping[str, Any]:
        """Return what is known, for the worker's status file; no names."""
        last = self._last
        return {
            "servers": [asdict(one) for one in self._servers],
            "sync": {"at_ms": last.at_ms, "present": last.counts.present, "stopped": last.reason}
            if last
            else None,
        }
