"""How a setting is described, and what several of them are checked by."""

from dataclasses import field
from typing import Any

from core.errors import SettingsError


def setting(key: str, effect: str, *, default: Any = None, example: str, secret: bool = False) -> Any:
    """Describe one setting: its key, what it does, and an example that differs from the default."""
    metadata = {"key": key, "effect": effect, "example": example, "secret": secret}
    if isinstance(default, dict):
        return field(
            default_factory=lambda: dict(default), metadata={**metadata, "default": default}, repr=not secret
        )
    return field(default=default, metadata={**metadata, "default": default}, repr=not secret)


def check_one_of(key: str, value: str, *allowed: str) -> None:
    """Refuse a value that is not one of those.

    Raises:
        SettingsError: naming the key.
    """
    if value not in allowed:
        raise SettingsError(f"{key} is {value!r}; it can be {' or '.join(map(repr, allowed))}.", key=key)
