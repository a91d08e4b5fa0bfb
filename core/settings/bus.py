"""What can be a bus: a Redis or Valkey server, to which no password travels in the clear."""

from typing import Final
from urllib.parse import urlsplit

from core.errors import SettingsError

_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def check_bus(url: str, *, password: str, ca_file: str) -> None:
    """Refuse an address that cannot be a bus, and credentials outside of TLS.

    Raises:
        SettingsError: naming the key.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (parts.port or 6379) > 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f"bus.url is {url!r}; it must be like redis://host:6379/0, or rediss:// for TLS.", key="bus.url"
        )
    if parts.password:
        raise SettingsError(
            "bus.url holds a password, which logs and process lists show. Set CHANCERY_BUS_PASSWORD instead.",
            key="bus.url",
        )
    if ca_file and parts.scheme != "rediss":
        raise SettingsError("bus.ca_file is set but bus.url is not rediss://.", key="bus.ca_file")
    if password and parts.scheme != "rediss" and parts.hostname not in _HERE:
        raise SettingsError(
            "bus.password would travel in the clear to another host. Use rediss:// in bus.url.", key="bus.url"
        )
