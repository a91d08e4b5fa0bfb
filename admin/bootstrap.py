"""The composition root: the only place that knows every implementation.

``web`` takes what it needs from here, and hands in its ``Delivery`` and ``Blocking``.
"""

import os
import threading
import time
from collections.abc import Mapping

import structlog

from admin.processes import die_with_parent, listen_address
from admin.wiring.chat import ChatServices, Silence, chat_services
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.desk_chores import desk_chores
from admin.wiring.desk_pages import DeskPages, desk_pages
from admin.wiring.ground import Ground
from admin.wiring.pages import HealthLine, LintReport, LivePolicy, PagesServices, PersonRow, pages_services
from core.crypto.rings import ProcessRole
from core.ports import Blocking, Delivery
from core.settings import Settings, load_settings, settings_file
from core.types import SystemClock
from policies.gate import LiveGate

log = structlog.get_logger(__name__)

__all__ = [
    "ChatServices",
    "DeskPages",
    "DeskServices",
    "HealthLine",
    "LintReport",
    "LivePolicy",
    "PagesServices",
    "PersonRow",
    "Silence",
    "build_chat",
    "build_desk",
    "build_desk_pages",
    "build_pages",
    "die_with_parent",
    "listen_address",
    "read_settings",
]


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; called once, at start."""
    found = os.environ if environ is None else environ
    return load_settings(found, settings_file(found))


def build_chat(
    settings: Settings,
    role: ProcessRole,
    *,
    delivery: Delivery | None = None,
    blocking: Blocking | None = None,
) -> ChatServices:
    """Build the chat world of a ``realtime`` or ``pages`` process."""
    return chat_services(Ground(settings, role, SystemClock()), delivery=delivery, blocking=blocking)


def build_pages(settings: Settings) -> PagesServices:
    """Build a ``pages`` process, which confirms its policy beside the requests."""
    chat = build_chat(settings, ProcessRole.PAGES)
    threading.Thread(target=_confirm_policy, args=(chat.gate,), daemon=True).start()
    return pages_services(chat)


def _confirm_policy(gate: LiveGate) -> None:
    """Ask every half second which policy is in force; what fails leaves it unconfirmed."""
    while True:
        try:
            gate.refresh()
        except Exception:
            log.exception("policy not confirmed")
        time.sleep(0.5)


def build_desk(settings: Settings) -> DeskServices:
    """Build the desk process."""
    return desk_services(Ground(settings, ProcessRole.DESK, SystemClock()))


def build_desk_pages(settings: Settings) -> DeskPages:
    """Build what the pages of a desk process are given, and do the desk's chores beside the requests."""
    services = build_desk(settings)
    threading.Thread(target=desk_chores(services).run_forever, daemon=True).start()
    return desk_pages(services)
