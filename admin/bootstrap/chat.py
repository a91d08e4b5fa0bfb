"""The chat world of a ``realtime`` or ``pages`` process."""

from collections.abc import Callable

from admin.health.readiness import Readiness
from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.ground import Ground
from admin.wiring.readiness import readiness
from core.access import Database
from core.crypto.rings import ProcessRole
from core.ports import Blocking, Delivery
from core.settings import Settings
from core.types import SystemClock

__all__ = ["ChatServices", "build_chat", "realtime_readiness"]


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
