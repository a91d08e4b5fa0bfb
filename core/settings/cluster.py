"""What can be an Elasticsearch cluster: its nodes, one way to sign in, one way to trust it."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from core.errors import SettingsError

_SHA256_DIGITS: Final = 64


def check_cluster(
    urls: Sequence[str], *, api_key: str, username: str, password: str, ca_file: str, fingerprint: str
) -> None:
    """Refuse a cluster that cannot be, or to which credentials would travel in the clear.

    Raises:
        SettingsError: naming the key.
    """
    if not urls:
        raise SettingsError(
            "search.engine is 'elasticsearch' but elasticsearch.urls is not set. Name at least one node.",
            key="elasticsearch.urls",
        )
    if api_key and username:
        raise SettingsError(
            "elasticsearch.api_key and elasticsearch.username are both set. Sign in one way.",
            key="elasticsearch.username",
        )
    if bool(username) != bool(password):
        raise SettingsError(
            "elasticsearch.username and elasticsearch.password belong together; one is not set. "
            "Set CHANCERY_ELASTICSEARCH_PASSWORD.",
            key="elasticsearch.password",
        )
    if ca_file and fingerprint:
        raise SettingsError(
            "elasticsearch.ca_file and elasticsearch.fingerprint are both set. Trust the cluster one way.",
            key="elasticsearch.fingerprint",
        )
    if fingerprint and not _is_sha256(fingerprint):
        raise SettingsError(
            f"elasticsearch.fingerprint is {fingerprint!r}; it must be a SHA-256 fingerprint, 64 hexadecimal "
            "digits, with or without colons.",
            key="elasticsearch.fingerprint",
        )
    for url in urls:
        _check_node(url, signs_in=bool(api_key or username), wants_tls=bool(ca_file or fingerprint))


def plain_fingerprint(fingerprint: str) -> str:
    """Return a fingerprint without colons, in small letters."""
    return fingerprint.replace(":", "").lower()


def _check_node(url: str, *, signs_in: bool, wants_tls: bool) -> None:
    try:
        parts = urlsplit(url)
        is_node = parts.scheme in {"http", "https"} and bool(parts.hostname) and bool(parts.port)
    except ValueError:  # what stands for the port is none
        is_node = False
    if not is_node or parts.username or parts.query:
        raise SettingsError(
            f"elasticsearch.urls has {_without_secret(url)!r}; a node is named such as "
            "https://es1.acme.example:9200, with its port and without credentials.",
            key="elasticsearch.urls",
        )
    if parts.scheme == "http" and (wants_tls or (signs_in and not _is_loopback(str(parts.hostname)))):
        raise SettingsError(
            f"elasticsearch.urls has {url!r}, to which credentials would travel in the clear and no "
            "certificate is checked. Name it with https.",
            key="elasticsearch.urls",
        )


def _without_secret(url: str) -> str:
    return "…@" + url.rpartition("@")[2] if "@" in url else url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_sha256(text: str) -> bool:
    digits = plain_fingerprint(text)
    return len(digits) == _SHA256_DIGITS and set(digits) <= set("0123456789abcdef")
