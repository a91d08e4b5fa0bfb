"""How much, how fast, and how far the archive may fall behind."""

from dataclasses import dataclass

from core.settings.setting import setting


@dataclass(frozen=True, kw_only=True)
class LimitSettings:
    """Limits of messages."""

    message_max_chars: int = setting(
        "message.max_chars", "Longest message, in characters.", default=20_000, example="4000"
    )
    rate_per_connection: float = setting(
        "limits.per_connection",
        "Events a second that one connection may send on average.",
        default=20.0,
        example="10",
    )
    rate_per_person: float = setting(
        "limits.per_person",
        "Messages a second that one person may send on average.",
        default=10.0,
        example="5",
    )
    pending_limit: int = setting(
        "limits.pending",
        "Messages waiting for a commit before others are told `busy`.",
        default=2_000,
        example="500",
    )
    archive_slow_seconds: int = setting(
        "archive.slow_seconds",
        "Age of the oldest unsealed item at which sending slows.",
        default=300,
        example="60",
    )
    archive_stop_seconds: int = setting(
        "archive.stop_seconds",
        "Age of the oldest unsealed item at which sending stops.",
        default=3_600,
        example="900",
    )
