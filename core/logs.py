"""What a process writes about itself. Nothing that people wrote may stand in a log.

A traceback shows places and the kind of an error, not values: neither local variables nor the words
of foreign errors, which may quote what they could not handle. Our own errors' sentences hold no text
of conversations, so they are shown.
"""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.errors import ChanceryError

AGAIN_AFTER: Final = 60.0
"""Seconds after which trouble that stays is told again."""

_FIRST: Final = ["timestamp", "level", "role", "event"]


def configure_logs(role: str, form: str = "text", file: TextIO | None = None) -> None:
    """Set logging up; called once, by whoever starts a process. Lines go to ``file`` or standard error.

    Every line names the ``role``, and inside a request the request's id. ``form`` is ``text`` for people
    or ``json``, an object on each line.
    """

    def with_role(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["role"] = role
        return event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            with_role,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_values,
            _RENDERERS[form],
        ],
        logger_factory=structlog.PrintLoggerFactory(file or sys.stderr),
        cache_logger_on_first_use=False,
    )


def tell_of_crashes() -> None:
    """Have an error that nobody handles told in a line of the log, in any thread, in place of a traceback."""
    log = structlog.get_logger(__name__)

    def crashed(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.critical("crashed", exc_info=error)

    def thread_crashed(of: threading.ExceptHookArgs) -> None:
        if of.exc_value is not None:
            crashed(of.exc_type, of.exc_value, of.exc_traceback)

    sys.excepthook, threading.excepthook = crashed, thread_crashed


class Recurring:
    """Trouble that something finds again and again: told when it begins, once a minute, and when it ends."""

    def __init__(
        self, log: Any, event: str, *, monotonic: Callable[[], float] = time.monotonic, **fields: Any
    ) -> None:
        self._log = log.bind(**fields)
        self._event = event
        self._monotonic = monotonic
        self._again_at: float | None = None
        self._untold = 0

    def failed(self) -> None:
        """Tell of the exception that is being handled, unless it was told a moment ago."""
        now = self._monotonic()
        if self._again_at is not None and now < self._again_at:
            self._untold += 1
            return
        self._log.exception(self._event, **({"times_since": self._untold} if self._untold else {}))
        self._again_at, self._untold = now + AGAIN_AFTER, 0

    def well(self) -> None:
        """Tell that it is over, if it was."""
        if self._again_at is not None:
            self._log.info(f"{self._event}: over")
            self._again_at, self._untold = None, 0


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {key: event.pop(key) for key in _FIRST if key in event}
    return orjson.dumps({**first, **event}, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


_RENDERERS: Final[dict[str, Processor]] = {
    "text": structlog.processors.LogfmtRenderer(key_order=_FIRST, drop_missing=True),
    "json": _as_json,
}


def without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and the places it came through (a structlog processor)."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()[1]
    elif isinstance(found, tuple):
        found = found[1]
    if isinstance(found, BaseException):
        event["error"] = " from ".join(_kind(error) for error in _chain(found))
        event["at"] = " < ".join(_places(found))
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _kind(error: BaseException) -> str:
    if isinstance(error, ChanceryError):
        return f"{type(error).__name__}[{error.code}]: {error.message}"
    return f"{type(error).__module__}.{type(error).__name__}"


def _places(error: BaseException) -> list[str]:
    """Return the places, the innermost first, as ``module.py:line function``."""
    frames: list[Any] = list(traceback.extract_tb(error.__traceback__))
    return [f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in reversed(frames)]
