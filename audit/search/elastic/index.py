"""The adapter: one index ``<prefix>-<name>`` for each generation of each partition's index.

The server gets blind tokens, record ids and times. Its mapping is strict, it keeps no ``_source``
(the archive is the source), and it is asked with ``bool``, ``terms``, ``match_phrase`` and
``intervals`` only; questions travel in bodies, never in addresses. Searches go through the alias
``<prefix>-<partition>.live``, which moves to another generation in one call. Writes go through an
alias that must exist, so the server never makes up an index of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from elasticsearch import BadRequestError, Elasticsearch
from elasticsearch.helpers import streaming_bulk

from audit.search.elastic.cluster import Cluster
from audit.search.elastic.mapping import MAPPINGS, SORTED, patterns
from audit.search.elastic.query import filtered
from audit.search.elastic.trouble import check_item, guarded, reason_of
from audit.search.port import (
    Health,
    Hit,
    IndexDocument,
    MatchAll,
    PutResult,
    Question,
    ShardHeadroom,
    check_partition,
)
from core.errors import Unavailable

Refresh = Literal["wait_for", "immediate"]
"""How a write becomes visible before it is acknowledged: by the next periodic refresh (at most a
second, cheap for the server) or by one of its own (fast, dear under many small writes)."""

_CHUNK: Final = 500
_TRIES: Final = 3
_FIRST_BACKOFF_S: Final = 0.2
_SHARD_WAIT: Final = "5s"
"""How long the server may wait for a shard that is not there: less than this client waits for it."""
_IDS_PER_READ: Final = 5_000


class ElasticIndex:
    """A :class:`~audit.search.port.SearchIndex` on an Elasticsearch server."""

    def __init__(
        self, client: Elasticsearch, prefix: str = "chancery", refresh: Refresh = "wait_for"
    ) -> None:
        self._client = client
        self._prefix = check_partition(prefix)
        self._cluster = Cluster(client)
        self._patterns = patterns(prefix)
        self._refresh: Literal["wait_for"] | bool = "wait_for" if refresh == "wait_for" else True

    def ensure(self, partition: str) -> None:
        """Create the partition's index unless it exists.

        Raises:
            Unavailable: ``index_full`` if the cluster takes no more shards, ``index_version`` if it has
                nodes of a version that this client does not speak.
        """
        name = self._name(partition)
        self._cluster.check_version()
        with guarded():
            if self._client.indices.exists(index=name):
                return
            try:
                self._client.indices.create(
                    index=name,
                    mappings=MAPPINGS,
                    settings=SORTED,
                    aliases={_live_alias(name): {}, _write_alias(name): {}},
                )
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def drop(self, partition: str) -> None:
        """Remove the partition's index."""
        with guarded():
            self._client.indices.delete(index=self._name(partition), ignore_unavailable=True)

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        """Insert or replace ``documents``; what the server refuses for what it is, is told by record id.

        Raises:
            Unavailable: ``index_blocked`` while the index takes nothing.
        """
        latest = {document.rid: document for document in documents}
        actions: list[dict[str, Any]] = [
            {"_op_type": "index", "_id": document.rid, "_source": _entry(document)}
            for document in latest.values()
        ]
        refused: dict[str, str] = {}
        for rid, status, error in self._bulk(partition, actions):
            if status >= 300:
                check_item(partition, status, error)
                refused[rid] = reason_of(error)
        return PutResult(len(latest) - len(refused), refused)

    def delete(self, partition: str, rids: Sequence[str]) -> None:
        """Remove documents; what is not there is ignored."""
        actions = [{"_op_type": "delete", "_id": rid} for rid in rids]
        for _, status, error in self._bulk(partition, actions):
            if status >= 300 and status != 404:
                check_item(partition, status, error)
                raise Unavailable(
                    f"The index refused to delete: {reason_of(error)}.", code="index_unavailable"
                )

    def count(self, partition: str) -> int:
        """Return how many documents the partition holds."""
        return self.total({partition: MatchAll()})

    def ids(self, partition: str) -> Iterator[str]:
        """Yield every record id in ascending order."""
        after: list[str] | None = None
        while True:
            with guarded():
                found = self._client.search(
                    index=self._live(partition),
                    ignore_unavailable=True,
                    query={"match_all": {}},
                    sort=[{"rid": "asc"}],
                    search_after=after,
                    size=_IDS_PER_READ,
                    source=False,
                    track_total_hits=False,
                )["hits"]["hits"]
            yield from (hit["_id"] for hit in found)
            if len(found) < _IDS_PER_READ:
                return
            after = found[-1]["sort"]

    def search(
        self, partition: str, question: Question, *, limit: int, after: Hit | None = None
    ) -> tuple[Hit, ...]:
        """Return the newest matching documents older than ``after``."""
        with guarded():
            found = self._client.search(
                index=self._live(partition),
                ignore_unavailable=True,
                query=filtered(question),
                sort=[{"at_ms": "desc"}, {"rid": "desc"}],
                search_after=None if after is None else [after.at_ms, after.rid],
                size=limit,
                source=False,
                track_total_hits=False,
            )
            return tuple(Hit(*hit["sort"]) for hit in found["hits"]["hits"])

    def total(self, questions: Mapping[str, Question]) -> int:
        """Return how many documents match, asked in one request whatever the number of partitions."""
        if not questions:
            return 0
        searches: list[dict[str, Any]] = []
        for partition, question in questions.items():
            searches.append({"index": self._live(partition), "ignore_unavailable": True})
            searches.append({"query": filtered(question), "size": 0, "track_total_hits": True})
        with guarded():
            answers = self._client.msearch(searches=searches)["responses"]
            for answer in answers:
                if "error" in answer:
                    raise Unavailable(
                        f"Elasticsearch could not count: {reason_of(answer['error'])}.",
                        code="index_unavailable",
                    )
            return sum(int(answer["hits"]["total"]["value"]) for answer in answers)

    def go_live(self, partition: str, name: str) -> None:
        """Move the partition's alias to the index ``name``, in one call."""
        alias = _live_alias(self._name(partition))
        with guarded():
            self._client.indices.update_aliases(
                actions=[
                    {"remove": {"index": f"{self._name(partition)}*", "alias": alias, "must_exist": False}},
                    {"add": {"index": self._name(name), "alias": alias}},
                ]
            )

    def health(self) -> Health:
        """Tell whether the cluster answers, and whether it has stopped taking documents."""
        return self._cluster.health(self._patterns)

    def headroom(self) -> ShardHeadroom:
        """Return how many shards the cluster holds, and how many it may hold."""
        return self._cluster.headroom()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _name(self, partition: str) -> str:
        return f"{self._prefix}-{check_partition(partition)}"

    def _live(self, partition: str) -> str:
        return _live_alias(self._name(partition))

    def _bulk(self, name: str, actions: Sequence[dict[str, Any]]) -> Iterator[tuple[str, int, Any]]:
        """Run ``actions`` and yield (record id, status, error) for each."""
        alias = _write_alias(self._name(name))
        with guarded():
            answers = streaming_bulk(
                self._client,
                actions,
                index=alias,
                require_alias=True,
                chunk_size=_CHUNK,
                max_retries=_TRIES,
                initial_backoff=_FIRST_BACKOFF_S,
                raise_on_error=False,
                refresh=self._refresh,
                timeout=_SHARD_WAIT,
            )
            for _, answer in answers:
                (item,) = answer.values()
                yield item["_id"], int(item["status"]), item.get("error")


def _live_alias(name: str) -> str:
    return f"{name}.live"


def _write_alias(name: str) -> str:
    return f"{name}.write"


def _entry(document: IndexDocument) -> dict[str, Any]:
    """Return the server's form of a document; what is empty is absent."""
    entry = {name: getattr(document, name) for name in MAPPINGS["properties"]}
    entry["has"] = document.has.split()
    return {name: value for name, value in entry.items() if value not in ("", [])}
