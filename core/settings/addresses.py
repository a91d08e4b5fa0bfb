"""What people reach, where processes listen, and what stands in front."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.settings.setting import check_one_of, setting

LAST_PORT: Final = 65_535


@dataclass(frozen=True, kw_only=True)
class AddressSettings:
    """Addresses of the processes."""

    chat_url: str = setting(
        "chat.url",
        "Address of the chat pages.",
        default="http://127.0.0.1:8080",
        example="https://chat.acme.example",
    )
    realtime_url: str = setting(
        "realtime.url",
        "Address of the websocket, as browsers reach it.",
        default="http://127.0.0.1:8081",
        example="https://chat.acme.example",
    )
    desk_url: str = setting(
        "desk.url",
        "Address of the compliance desk. Its host name must differ from the chat's: cookies ignore ports.",
        default="http://localhost:8090",
        example="https://desk.acme.example",
    )
    chat_listen: str = setting(
        "chat.listen",
        "Where the chat pages listen, `host:port`; taken from `chat.url` if unset.",
        default="",
        example="127.0.0.1:9080",
    )
    realtime_listen: str = setting(
        "realtime.listen",
        "Where the websocket listens; taken from `realtime.url` if unset.",
        default="",
        example="127.0.0.1:9081",
    )
    desk_listen: str = setting(
        "desk.listen",
        "Where the desk listens; taken from `desk.url` if unset.",
        default="",
        example="127.0.0.1:9090",
    )
    monitor_realtime: str = setting(
        "monitor.realtime",
        "Where a websocket process answers to monitoring (`/metrics`, `/healthz`, `/readyz`), `host:port`; "
        "nowhere if unset. Never an address that people or the proxy in front can reach.",
        default="",
        example="127.0.0.1:9181",
    )
    monitor_pages: str = setting(
        "monitor.pages", "The same for the chat pages.", default="", example="127.0.0.1:9180"
    )
    monitor_desk: str = setting(
        "monitor.desk", "The same for the desk.", default="", example="127.0.0.1:9190"
    )
    monitor_worker: str = setting(
        "monitor.worker", "The same for the worker.", default="", example="127.0.0.1:9182"
    )
    realtime_async_mode: str = setting(
        "realtime.async_mode",
        "`eventlet`, or `threading` (up to a few hundred people).",
        default="eventlet",
        example="threading",
    )
    realtime_drain_seconds: float = setting(
        "realtime.drain_seconds",
        "A websocket process that is stopped sends everybody elsewhere within this time, each at a moment "
        "of their own.",
        default=10.0,
        example="30",
    )
    trusted_proxies: int = setting(
        "proxy.hops", "How many proxies in front may state the client's address.", default=0, example="1"
    )

    def check_addresses(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        _check_addresses({"chat": self.chat_url, "realtime": self.realtime_url, "desk": self.desk_url})
        _check_listens(
            {
                "chat.listen": self.chat_listen,
                "realtime.listen": self.realtime_listen,
                "desk.listen": self.desk_listen,
                "monitor.realtime": self.monitor_realtime,
                "monitor.pages": self.monitor_pages,
                "monitor.desk": self.monitor_desk,
                "monitor.worker": self.monitor_worker,
            }
        )
        chat, desk = urlsplit(self.chat_url), urlsplit(self.desk_url)
        if chat.hostname == desk.hostname:
            raise SettingsError(
                f"chat.url and desk.url share the host name {chat.hostname!r}. Cookies ignore ports, so no "
                "chat server may answer under the desk's name: give the desk a host name of its own.",
                key="desk.url",
            )
        check_one_of("realtime.async_mode", self.realtime_async_mode, "eventlet", "threading")


def _check_addresses(urls: Mapping[str, str]) -> None:
    """Refuse a setting ``NAME.url`` that is no web address with a host."""
    for name, url in urls.items():
        if not _is_address(url):
            raise SettingsError(
                f"{name}.url is {url!r}; it must be an address such as https://chat.acme.example.",
                key=f"{name}.url",
            )


def _check_listens(listens: Mapping[str, str]) -> None:
    """Refuse a setting that is neither empty nor ``host:port``; two may not be the same."""
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
