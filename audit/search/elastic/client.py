"""The way to the cluster: nodes in turn, dead ones avoided, time limits, credentials, trust."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from elasticsearch import Elasticsearch

from audit.search.elastic.tls import Trust, TrustingNode

TIMEOUT_S: Final = 10.0
MAX_RETRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key, as Elasticsearch shows it (``id:key`` or encoded), or a name and its password."""

    api_key: str = ""
    username: str = ""
    password: str = ""

    def options(self) -> dict[str, Any]:
        """Return them as the client takes them."""
        if self.api_key:
            id_, colon, key = self.api_key.partition(":")
            return {"api_key": (id_, key) if colon else self.api_key}
        return {"basic_auth": (self.username, self.password)} if self.username else {}


def connect(
    urls: str | Sequence[str],
    *,
    credentials: Credentials = Credentials(),
    ca_file: Path | None = None,
    fingerprint: str = "",
    timeout_s: float = TIMEOUT_S,
) -> Elasticsearch:
    """Return a client of one or more nodes; connects on first use.

    Nodes take turns. One that fails is left alone for a while, and the question goes to the next; a
    single node is not asked twice what it did not answer in time, since whoever waits tries again.

    Raises:
        SettingsError: if the file of authorities cannot be read.
    """
    nodes = [urls] if isinstance(urls, str) else list(urls)
    secured = any(node.startswith("https://") for node in nodes)
    tls: dict[str, Any] = (
        {"ssl_context": Trust.of(ca_file, fingerprint), "node_class": TrustingNode} if secured else {}
    )
    return Elasticsearch(
        nodes,
        request_timeout=timeout_s,
        max_retries=max(1, min(len(nodes), MAX_RETRIES)),
        retry_on_timeout=len(nodes) > 1,
        **credentials.options(),
        **tls,
    )
