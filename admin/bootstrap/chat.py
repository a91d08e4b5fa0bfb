"""The chat world of a ``realtime`` or ``pages`` process."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from admin.health.files import realtime_status_name, write_status
from admin.health.monitor import Monitor, serve_monitor
from admin.health.readiness import Readiness
from admin.processes import listen_address
from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.ground import Ground
from admin.wiring.readiness import readiness
from core.access import Database
from core.crypto.rings import ProcessRole
from core.ports import Blocking, Delivery
from core.settings import Settings
from core.types import SystemClock, to_ms

__all__ = [
    "ChatServices",
    "Monitor",
    "build_chat",
    "realtime_readiness",
    "serve_monitor",
    "tell_realtime",
]


def build_chat(
    settings: Settings,
    role: ProcessRole,
    *,
    delivery: Delivery | None = None,
    blocking: Blocking | None = None,
) -> ChatServices:
    """Build the chat world of a ``realtime`` or ``pages`` process."""
    return chat_services(Ground(settings, role, SystemClock()), delivery=delivery, blocking=blocking)


def realtime_readiness(chat: ChatServices, beats: Callable[[], object]) -> Readiness:
    """Return the readiness of a ``realtime`` process; ``beats`` raises while its beat stands still."""
    return readiness(
        chat.clock,
        {Database.CHAT: chat.store},
        policy=chat.gate.epoch,
        beats=beats,
        blocking=chat.blocking,
    )


def tell_realtime(settings: Settings, now: datetime, *, connections: int, worst_stall: float) -> None:
    """Write how a websocket process is where the health checks read it."""
    host, port = listen_address(settings.realtime_listen, settings.realtime_url)
    status = {
        "at_ms": to_ms(now),
        "listens": f"{host}:{port}",
        "connections": connections,
        "worst_stall_ms": round(worst_stall * 1000),
    }
    with suppress(OSError):  # a full disk is told by others, and stops nobody from talking here
        write_status(settings.home / realtime_status_name(port), status)
