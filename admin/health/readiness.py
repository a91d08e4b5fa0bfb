"""Whether one process can do its work: its database, its policy, and that it is not about to end.

What is answered to whoever asks is a short code and nothing else. Looking is bounded: one look a
second, however many ask, and each in the thread of whoever asked first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import ChanceryError
from core.types import Clock

LOOK_EVERY: Final = 1.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a process is not ready, for whoever operates it; strangers get only the code."""

    says: str
    next_step: str


_REVISION: Final = frozenset({"migrations_behind", "newer_database"})

REASONS: Final[Mapping[str, Reason]] = {
    "starting": Reason("it is starting still.", "Wait; if it stays, look at its log."),
    "draining": Reason("about to end; it takes no new work.", "Nothing: another process takes over."),
    "database": Reason(
        "its database does not answer.",
        "Run `chancery doctor`: it names the database and what stands in the way.",
    ),
    "revision": Reason(
        "its database is at another revision than the program.",
        "`chancery db status` says which is newer. Stop it, then `chancery db upgrade` or a newer program.",
    ),
    "policy": Reason(
        "no policy is confirmed, so nothing can be sent.",
        "Run `chancery doctor`: it says whether the database or the policy's signature is at fault.",
    ),
    "stalled": Reason(
        "its work has stood still for seconds.", "Look at its log; if it stays, restart this process."
    ),
}
"""Every code that ``/readyz`` may give."""

Check = Callable[[], object]
"""Returns if all is well, raises if not."""


class Readiness:
    """The readiness of one process: named checks in order, of which the first that fails is told."""

    def __init__(self, clock: Clock, checks: Mapping[str, Check]) -> None:
        assert checks.keys() <= REASONS.keys()
        self._clock = clock
        self._checks = dict(checks)
        self._draining = False
        self._looked = float("-inf")
        self._found = "starting"

    def drain(self) -> None:
        """Say from now on that this process is about to end; nothing else is looked at any more."""
        self._draining = True

    def reason(self) -> str:
        """Return why this process is not ready, one of :data:`REASONS`; empty if it is."""
        if self._draining:
            return "draining"
        if self._clock.monotonic() - self._looked >= LOOK_EVERY:
            # Set before looking, so that others who ask meanwhile do not look as well.
            self._looked = self._clock.monotonic()
            self._found = self._look()
        return self._found

    def answer(self) -> tuple[dict[str, Any], int]:
        """Return what ``/readyz`` says to whoever asks: body and status."""
        reason = self.reason()
        return ({"ok": False, "reason": reason}, 503) if reason else ({"ok": True}, 200)

    def _look(self) -> str:
        for code, check in self._checks.items():
            try:
                check()
            except Exception as error:
                if isinstance(error, ChanceryError) and error.code in _REVISION:
                    return "revision"
                return code
        return ""
