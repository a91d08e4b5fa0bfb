"""The search engine that the settings choose, for the archive's index and for the employees' one.

The two share an engine and nothing else: other keys, other folders, other names, other readers.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.search.port import SearchIndex
from audit.search.tantivy import TantivyIndex
from core.settings import Settings
from core.settings.cluster import plain_fingerprint

if TYPE_CHECKING:
    from audit.search.elastic import ElasticIndex

ARCHIVE_FOLDER: Final = "index"
CHAT_FOLDER: Final = "chat-index"


def archive_index(settings: Settings, *, spare: bool = True) -> SearchIndex:
    """Return the archive's index; the worker writes it, the desk reads it.

    ``spare``: wait until a server makes writes visible of itself, which costs it least and takes a second.
    """
    if settings.search_engine == "elasticsearch":
        return _elastic(settings, settings.elasticsearch_prefix, spare=spare)
    return TantivyIndex(settings.home / ARCHIVE_FOLDER)


def chat_index(settings: Settings, *, spare: bool = True) -> SearchIndex:
    """Return the employees' index; the worker writes it, the pages read it."""
    if settings.search_engine == "elasticsearch":
        from audit.search.elastic import chat_prefix

        return _elastic(settings, chat_prefix(settings.elasticsearch_prefix), spare=spare)
    return TantivyIndex(settings.home / CHAT_FOLDER)


def _elastic(settings: Settings, prefix: str, *, spare: bool) -> "ElasticIndex":
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
    return ElasticIndex(client, prefix, "wait_for" if spare else "immediate")
