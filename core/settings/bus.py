"""The bus between processes: a Redis or Valkey server, to which no password travels in the clear."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.settings.setting import setting

_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, kw_only=True)
class BusSettings:
    """Where hints travel."""

    bus_url: str = setting(
        "bus.url",
        "A Redis or Valkey server that carries hints between processes; needed once there are several of "
        "`realtime`.",
        default="",
        example="rediss://bus.acme.example:6379/0",
    )
    bus_password: str = setting("bus.password", "Its password.", default="", example="…", secret=True)
    bus_ca_file: str = setting(
        "bus.ca_file",
        "Certificate authorities of that server, PEM; those of the system if unset.",
        default="",
        example="/etc/chancery/bus-ca.pem",
    )

    def check_bus(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        if self.bus_url:
            _check_bus(self.bus_url, password=self.bus_password, ca_file=self.bus_ca_file)


def _check_bus(url: str, *, password: str, ca_file: str) -> None:
    """Refuse an address that cannot be a bus, and credentials outside of TLS."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (parts.port or 6379) > 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f"bus.url is {url!r}; it must be like redis://host:6379/0, or rediss:// for TLS.", key="bus.url"
        )
    if parts.query or parts.fragment or parts.username:
        raise SettingsError(
            "bus.url holds more than host, port and database. Options in it would outweigh the settings: "
            "take out the name, and all from the question mark on.",
            key="bus.url",
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
