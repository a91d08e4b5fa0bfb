"""A ``pages`` process: sign-in, chat page, IT console."""

import threading
import time

import structlog

from admin.bootstrap.chat import build_chat
from admin.health import HealthLine, HealthState
from admin.health.monitor import serve_monitor
from admin.wiring.pages import LintReport, LivePolicy, PagesServices, PersonRow, pages_services
from audit.chat_search.service import FoundPage
from audit.search.port import Hit
from core.crypto.rings import ProcessRole
from core.logs import Recurring
from core.settings import Settings
from policies.gate import LiveGate

__all__ = [
    "FoundPage",
    "HealthLine",
    "HealthState",
    "Hit",
    "LintReport",
    "LivePolicy",
    "PagesServices",
    "PersonRow",
    "build_pages",
]

log = structlog.get_logger(__name__)


def build_pages(settings: Settings) -> PagesServices:
    """Build a ``pages`` process, which confirms its policy beside the requests."""
    chat = build_chat(settings, ProcessRole.PAGES)
    threading.Thread(target=_confirm_policy, args=(chat.gate,), daemon=True).start()
    services = pages_services(chat)
    serve_monitor(settings.monitor_pages, services.readiness)
    return services


def _confirm_policy(gate: LiveGate) -> None:
    """Ask every half second which policy is in force; what fails leaves it unconfirmed."""
    trouble = Recurring(log, "policy not confirmed")
    while True:
        try:
            gate.refresh()
            trouble.well()
        except Exception:
            trouble.failed()
        time.sleep(0.5)
