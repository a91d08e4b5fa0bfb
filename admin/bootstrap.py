"""The composition root: the only place that knows every implementation.

``web`` takes what it needs from here, and hands in its ``Delivery`` and ``Blocking``.
"""

import os
from collections.abc import Mapping

from admin.processes import die_with_parent, listen_address
from admin.wiring.chat import ChatServices, Silence, chat_services
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.ports import Blocking, Delivery
from core.settings import Settings, load_settings, settings_file
from core.types import SystemClock

__all__ = [
    "ChatServices",
    "DeskServices",
    "Silence",
    "build_chat",
    "build_desk",
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


def build_desk(settings: Settings) -> DeskServices:
    """Build the desk process."""
    return desk_services(Ground(settings, ProcessRole.DESK, SystemClock()))
