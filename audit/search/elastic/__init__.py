"""The index at scale: an Elasticsearch cluster, 8 or 9, as its administrators run it."""

from audit.search.elastic.client import Credentials, connect
from audit.search.elastic.index import ElasticIndex
from audit.search.elastic.mapping import chat_prefix, index_template

__all__ = ["Credentials", "ElasticIndex", "chat_prefix", "connect", "index_template"]
