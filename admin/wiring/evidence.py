"""What worker and desk agree on about the evidence: the search index, the ledger's files and names."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from audit.ledger.entries import Log
from audit.search.port import SearchIndex
from audit.search.tantivy import TantivyIndex
from core.crypto.rings import LOG_ARCHIVE, LOG_AUDIT
from core.settings import Settings
from core.settings.cluster import plain_fingerprint

if TYPE_CHECKING:
    from audit.search.elastic import ElasticIndex

LOG_KEYS = {Log.ARCHIVE: LOG_ARCHIVE, Log.AUDIT: LOG_AUDIT}
"""Under which name each log's signing key stands in the ledger ring and among the pins."""


def search_index(settings: Settings, *, spare: bool = True) -> SearchIndex:
    """Return the search engine that the settings choose; the worker writes it, the desk reads it.

    ``spare``: wait until a server makes writes visible of itself, which costs it least and takes a second.
    """
    if settings.search_engine == "elasticsearch":
        return elastic_index(settings, spare=spare)
    return TantivyIndex(settings.home / "index")


def elastic_index(settings: Settings, *, spare: bool = True) -> "ElasticIndex":
    """Return the index on the cluster that the settings name; see :func:`search_index`."""
    from audit.search.elastic import Credentials, ElasticIndex, connect

    client = connect(
        settings.elasticsearch_urls,
        credentials=Credentials(
            settings.elasticsearch_api_key, settings.elasticsearch_username, settings.elasticsearch_password
        ),
        ca_file=Path(settings.elasticsearch_ca_file) if settings.elasticsearch_ca_file else None,
        fingerprint=plain_fingerprint(settings.elasticsearch_fingerprint),
        timeout_s=settings.elasticsearch_timeout_seconds,
    )
    return ElasticIndex(client, settings.elasticsearch_prefix, "wait_for" if spare else "immediate")


def ledger_folder(settings: Settings, log: Log) -> Path:
    """Return the folder of a log's tiles and checkpoint."""
    return settings.home / "ledger" / log


def ledger_origin(settings: Settings, log: Log) -> str:
    """Return the origin of a log (C2SP tlog-checkpoint): host, firm and log."""
    return f"{urlsplit(settings.desk_url).hostname}/{settings.tenant}/{log}"
