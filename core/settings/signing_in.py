"""How people sign in, and how long that lasts."""

from dataclasses import dataclass

from core.settings.setting import setting


@dataclass(frozen=True, kw_only=True)
class SignInSettings:
    """Sessions, passwords and failed attempts."""

    session_idle_minutes: int = setting(
        "session.idle_minutes", "A chat session ends after this long without use.", default=720, example="60"
    )
    session_absolute_hours: int = setting(
        "session.absolute_hours",
        "A chat session ends after this long in any case.",
        default=168,
        example="24",
    )
    desk_idle_minutes: int = setting(
        "desk.idle_minutes", "A desk session ends after this long without use.", default=30, example="15"
    )
    desk_absolute_hours: int = setting(
        "desk.absolute_hours", "A desk session ends after this long in any case.", default=10, example="8"
    )
    signin_attempts: int = setting(
        "signin.attempts", "Failed sign-ins of one account before it has to wait.", default=5, example="3"
    )
    argon2_memory_kib: int = setting(
        "argon2.memory_kib", "Memory of one password hash (RFC 9106).", default=65536, example="131072"
    )
    argon2_passes: int = setting("argon2.passes", "Passes of one password hash.", default=3, example="4")
