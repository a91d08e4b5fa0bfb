"""What can be an address that people use, and one at which a process listens."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from core.errors import SettingsError

LAST_PORT: Final = 65_535


def check_addresses(urls: Mapping[str, str]) -> None:
    """Refuse a setting ``NAME.url`` that is no web address with a host.

    Raises:
        SettingsError: naming the key.
    """
    for name, url in urls.items():
        if not _is_address(url):
            raise SettingsError(
                f"{name}.url is {url!r}; it must be an address such as https://chat.acme.example.",
                key=f"{name}.url",
            )


def check_listens(listens: Mapping[str, str]) -> None:
    """Refuse a setting that is neither empty nor ``host:port``; two may not be the same.

    Raises:
        SettingsError: naming the key.
    """
    taken: dict[str, str] = {}
    for key, listen in listens.items():
        host, _, port = listen.rpartition(":")
        if listen and not (host and port.isascii() and port.isdecimal() and 0 < int(port) <= LAST_PORT):
            raise SettingsError(
                f"{key} is {listen!r}; it must be `host:port`, such as 127.0.0.1:9080.",
                key=key,
            )
        if listen and taken.setdefault(listen, key) != key:
            raise SettingsError(
                f"{key} and {taken[listen]} are both {listen!r}: each listener needs an address of its own.",
                key=key,
            )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # what stands for the port is none
        return False
