"""Gunicorn for pages and desk: threads, nothing patched, no control socket, no trusted proxy headers."""

from typing import Any

from admin.bootstrap import die_with_parent
from core.logs import configure_logs

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
loglevel = "warning"


def post_fork(_server: Any, _worker: Any) -> None:
    """End the worker with its master, also by kill -9."""
    die_with_parent()
    configure_logs()
