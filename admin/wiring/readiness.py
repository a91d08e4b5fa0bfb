"""What each role needs to be ready: its databases at the revision of this program, and its policy."""

from collections.abc import Callable, Mapping
from typing import Final

from admin.databases.revision import check_newest, revision_of
from admin.health.readiness import Check, Readiness
from core.access import Database
from core.blocking import ThreadBlocking
from core.ports import Blocking
from core.store import Store
from core.types import Clock

_HERE: Final = ThreadBlocking()


def readiness(
    clock: Clock,
    stores: Mapping[Database, Store],
    *,
    policy: Callable[[], object] | None = None,
    beats: Callable[[], object] | None = None,
    blocking: Blocking = _HERE,
) -> Readiness:
    """Return the readiness of a process: databases, then policy, then that its work goes on.

    ``policy`` and ``beats`` raise if it is not so. On an event loop, ``blocking`` asks the databases in
    a native thread.
    """
    checks: dict[str, Check] = {"database": lambda: blocking.read(lambda: _check(stores))}
    if policy is not None:
        checks["policy"] = policy
    if beats is not None:
        checks["stalled"] = beats
    return Readiness(clock, checks)


def _check(stores: Mapping[Database, Store]) -> None:
    for database, store in stores.items():
        check_newest(database, revision_of(store))
