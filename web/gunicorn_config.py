"""Gunicorn for pages and desk: threads, nothing patched, no control socket, no trusted proxy headers."""

from typing import Any

import structlog
from gunicorn.glogging import Logger

from admin.bootstrap import die_with_parent, read_settings
from core.crypto.rings import ProcessRole
from core.logs import configure_logs, tell_of_crashes


class OwnLog(Logger):  # type: ignore[misc]
    """Gunicorn's messages as lines of our log: the words of each, never the values that it puts in."""

    def setup(self, cfg: Any) -> None:
        """Open nothing: where lines go was settled before."""

    def critical(self, msg: str, *_args: Any, **_words: Any) -> None:
        """Log what ends the server."""
        _log.critical("gunicorn", says=msg)

    def error(self, msg: str, *_args: Any, **_words: Any) -> None:
        """Log what failed."""
        _log.error("gunicorn", says=msg)

    def warning(self, msg: str, *_args: Any, **_words: Any) -> None:
        """Log what may matter."""
        _log.warning("gunicorn", says=msg)

    def exception(self, msg: str, *_args: Any, **_words: Any) -> None:
        """Log what failed, and the kind and the places of the exception that is being handled."""
        _log.exception("gunicorn", says=msg)

    def info(self, msg: str, *_args: Any, **_words: Any) -> None:
        """Leave out what is no trouble."""

    def debug(self, msg: str, *_args: Any, **_words: Any) -> None:
        """Leave out what is no trouble."""

    def log(self, lvl: int, msg: str, *_args: Any, **_words: Any) -> None:
        """Leave out what is no trouble."""


_log = structlog.get_logger("gunicorn")

worker_class = "gthread"
workers = 1
threads = 8
timeout = 60
graceful_timeout = 5
control_socket_disable = True
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
limit_request_line = 4094
accesslog = None
errorlog = "-"
logger_class = OwnLog


def on_starting(server: Any) -> None:
    """Set the log up, also for the workers that are forked later."""
    role = ProcessRole.DESK if "desk" in server.app.app_uri else ProcessRole.PAGES
    configure_logs(role, read_settings().log_format)
    tell_of_crashes()


def post_fork(_server: Any, _worker: Any) -> None:
    """End the worker with its master, also by kill -9."""
    die_with_parent()
