"""What worker and desk agree on about the evidence: the search index, the ledger's files and names."""

from pathlib import Path
from urllib.parse import urlsplit

from audit.ledger.entries import Log
from audit.search.port import SearchIndex
from audit.search.tantivy import TantivyIndex
from core.crypto.rings import LOG_ARCHIVE, LOG_AUDIT
from core.settings import Settings

LOG_KEYS = {Log.ARCHIVE: LOG_ARCHIVE, Log.AUDIT: LOG_AUDIT}
"""Under which name each log's signing key stands in the ledger ring and among the pins."""


def search_index(settings: Settings) -> SearchIndex:
    """Return the search engine that the settings choose; the worker writes it, the desk reads it."""
    if settings.search_engine == "elasticsearch":
        from audit.search.elastic import ElasticIndex, connect

        ca_file = Path(settings.elasticsearch_ca_file) if settings.elasticsearch_ca_file else None
        client = connect(
            settings.elasticsearch_urls, api_key=settings.elasticsearch_api_key or None, ca_file=ca_file
        )
        return ElasticIndex(client, settings.elasticsearch_prefix)
    return TantivyIndex(settings.home / "index")


def ledger_folder(settings: Settings, log: Log) -> Path:
    """Return the folder of a log's tiles and checkpoint."""
    return settings.home / "ledger" / log


def ledger_origin(settings: Settings, log: Log) -> str:
    """Return the origin of a log (C2SP tlog-checkpoint): host, firm and log."""
    return f"{urlsplit(settings.desk_url).hostname}/{settings.tenant}/{log}"
