"""What a process writes about itself. Nothing that people wrote may stand in a log.

A traceback shows places and the kind of an error, not values: neither local variables nor the words
of foreign errors, which may quote what they could not handle. Our own errors' sentences hold no text
of conversations, so they are shown.
"""

import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from core.errors import ChanceryError


def configure_logs(file: TextIO | None = None) -> None:
    """Set logging up; called once, by whoever starts a process. Lines go to ``file`` or standard error."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_values,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(file or sys.stderr),
        cache_logger_on_first_use=False,
    )


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
