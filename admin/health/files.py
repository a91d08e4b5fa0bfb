"""The small files in which processes say how they are, every second or two; ids, numbers and codes only.

A file that is older than fifteen seconds says that nobody writes it.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from core.files import write_whole
from core.settings import Settings
from core.types import to_ms

WORKER_STATUS: Final = "worker-status.json"
DESK_STATUS: Final = "desk-status.json"
STALE_MS: Final = 15_000

_REALTIME: Final = "realtime-status-{}.json"


def realtime_status_name(port: int) -> str:
    """Return the file of the websocket process that listens at ``port``; several may share a folder."""
    return _REALTIME.format(port)


def write_status(path: Path, status: Mapping[str, Any]) -> None:
    """Write a status file as a whole, so that no reader sees half of one."""
    write_whole(path, orjson.dumps(status))


def read_status(path: Path) -> dict[str, Any] | None:
    """Return what a status file says, or None if there is none that can be read."""
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found


def fresh_status(path: Path, now: datetime) -> dict[str, Any] | None:
    """Return what a status file says if it was written a moment ago."""
    status = read_status(path)
    return status if status is not None and to_ms(now) - int(status["at_ms"]) <= STALE_MS else None


def realtime_statuses(settings: Settings, now: datetime) -> dict[str, dict[str, Any]]:
    """Return what each websocket process of this folder says, by the name of its file."""
    found = {path.name: fresh_status(path, now) for path in settings.home.glob(_REALTIME.format("*"))}
    return {name: status for name, status in sorted(found.items()) if status is not None}


def refused_documents(settings: Settings) -> int:
    """Return how many documents the index did not take, as the worker said last."""
    status = read_status(settings.home / WORKER_STATUS)
    return int(status.get("refused", 0)) if status else 0
