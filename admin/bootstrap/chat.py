"""The chat world of a ``realtime`` or ``pages`` process."""

from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.ports import Blocking, Delivery
from core.settings import Settings
from core.types import SystemClock

__all__ = ["ChatServices", "build_chat"]


def build_chat(
    settings: Settings,
    role: ProcessRole,
    *,
    delivery: Delivery | None = None,
    blocking: Blocking | None = None,
) -> ChatServices:
    """Build the chat world of a ``realtime`` or ``pages`` process."""
    return chat_services(Ground(settings, role, SystemClock()), delivery=delivery, blocking=blocking)
