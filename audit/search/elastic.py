"""The index at scale: Elasticsearch 8 or 9, one index ``<prefix>-<partition>`` per partition.

The server gets blind tokens, record ids and times. Its mapping is strict, it keeps no ``_source``
(the archive is the source), and it is asked with ``bool``, ``terms``, ``match_phrase`` and
``intervals`` only; questions travel in bodies, never in addresses. Writes go through an alias that
must exist, so the server never makes up an index of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from elasticsearch import ApiError, BadRequestError, Elasticsearch, TransportError
from elasticsearch.helpers import BulkIndexError, streaming_bulk

from audit.search.elastic_query import filtered
from audit.search.port import (
    Health,
    Hit,
    IndexDocument,
    MatchAll,
    PutResult,
    Question,
    check_partition,
)
from core.errors import NotFound, Unavailable

Refresh = Literal["wait_for", "immediate"]
"""How a write becomes visible before it is acknowledged: by the next periodic refresh (at most a
second, cheap for the server) or by one of its own (fast, dear under many small writes)."""

TIMEOUT_S: Final = 10.0
MAX_RETRIES: Final = 3

_CHUNK: Final = 500
_FIRST_BACKOFF_S: Final = 0.2
_IDS_PER_READ: Final = 5_000
_BLOCKS: Final = ("index.blocks.read_only_allow_delete", "index.blocks.read_only", "index.blocks.write")

_POSITIONAL: Final = {
    "type": "text",
    "analyzer": "whitespace",
    "norms": False,
    "index_options": "positions",
    "similarity": "boolean",
}
_KEYWORD: Final = {"type": "keyword"}
_MAPPINGS: Final[Mapping[str, Any]] = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        "body": _POSITIONAL,
        "sender": _POSITIONAL,
        "audience": _POSITIONAL,
        "conversation": _POSITIONAL,
        "verdict": _KEYWORD,
        "kind": _KEYWORD,
        "has": _KEYWORD,
        "at_ms": {"type": "date", "format": "epoch_millis"},
        "rid": _KEYWORD,
    },
}
_SETTINGS: Final[Mapping[str, Any]] = {
    "index": {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        # Said explicitly, or the server stops refreshing an index that nobody searches.
        "refresh_interval": "1s",
        "sort.field": ["at_ms", "rid"],
        "sort.order": ["desc", "desc"],
    }
}


def connect(
    urls: str | Sequence[str],
    *,
    api_key: str | None = None,
    basic_auth: tuple[str, str] | None = None,
    ca_file: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Elasticsearch:
    """Return a client of one or more nodes, with time limits and retries; connects on first use."""
    options: dict[str, Any] = {"ca_certs": str(ca_file)} if ca_file else {}
    return Elasticsearch(
        [urls] if isinstance(urls, str) else list(urls),
        api_key=api_key,
        basic_auth=basic_auth,
        request_timeout=timeout_s,
        max_retries=MAX_RETRIES,
        retry_on_timeout=True,
        **options,
    )


class ElasticIndex:
    """A :class:`~audit.search.port.SearchIndex` on an Elasticsearch server."""

    def __init__(
        self, client: Elasticsearch, prefix: str = "chancery", refresh: Refresh = "wait_for"
    ) -> None:
        self._client = client
        self._prefix = check_partition(prefix)
        self._refresh: Literal["wait_for"] | bool = "wait_for" if refresh == "wait_for" else True

    def ensure(self, partition: str) -> None:
        """Create the partition's index unless it exists."""
        name = self._name(partition)
        with _guarded():
            if self._client.indices.exists(index=name):
                return
            try:
                self._client.indices.create(
                    index=name, mappings=_MAPPINGS, settings=_SETTINGS, aliases={_write_alias(name): {}}
                )
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def drop(self, partition: str) -> None:
        """Remove the partition's index."""
        with _guarded():
            self._client.indices.delete(index=self._name(partition), ignore_unavailable=True)

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        """Insert or replace ``documents``; what the server refuses is told by record id."""
        latest = {document.rid: document for document in documents}
        actions: list[dict[str, Any]] = [
            {"_op_type": "index", "_id": document.rid, "_source": _entry(document)}
            for document in latest.values()
        ]
        refused: dict[str, str] = {}
        for rid, status, reason in self._bulk(partition, actions):
            if status == 404:
                raise NotFound(f"There is no index for partition {partition}.", code="no_such_partition")
            if status >= 300:
                refused[rid] = reason
        return PutResult(len(latest) - len(refused), refused)

    def delete(self, partition: str, rids: Sequence[str]) -> None:
        """Remove documents; what is not there is ignored."""
        failed = [
            reason
            for _, status, reason in self._bulk(
                partition, [{"_op_type": "delete", "_id": rid} for rid in rids]
            )
            if status >= 300 and status != 404
        ]
        if failed:
            raise Unavailable(f"The index refused to delete: {failed[0]}", code="index_unavailable")

    def count(self, partition: str) -> int:
        """Return how many documents the partition holds."""
        return self.total({partition: MatchAll()})

    def ids(self, partition: str) -> Iterator[str]:
        """Yield every record id in ascending order."""
        after: list[str] | None = None
        while True:
            with _guarded():
                found = self._client.search(
                    index=self._name(partition),
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
        with _guarded():
            found = self._client.search(
                index=self._name(partition),
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
            searches.append({"index": self._name(partition), "ignore_unavailable": True})
            searches.append({"query": filtered(question), "size": 0, "track_total_hits": True})
        with _guarded():
            answers = self._client.msearch(searches=searches)["responses"]
        for answer in answers:
            if "error" in answer:
                raise Unavailable(
                    f"Elasticsearch could not count: {_reason(answer['error'])}.", code="index_unavailable"
                )
        return sum(int(answer["hits"]["total"]["value"]) for answer in answers)

    def health(self) -> Health:
        """Tell whether the server answers, and whether it has stopped taking documents."""
        pattern = f"{self._prefix}-*"
        try:
            with _guarded():
                status = str(self._client.cluster.health(index=pattern)["status"])
                blocked = [*self._blocked_indices(pattern), *self._blocked_cluster()]
        except Unavailable as error:
            return Health(reachable=False, writable=False, detail=error.message)
        if blocked:
            return Health(
                reachable=True,
                writable=False,
                detail=f"The server takes no documents for {', '.join(blocked)}.",
            )
        return Health(
            reachable=True, writable=status != "red", detail=f"The state of the indexes is {status}."
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _name(self, partition: str) -> str:
        return f"{self._prefix}-{check_partition(partition)}"

    def _bulk(self, partition: str, actions: Sequence[dict[str, Any]]) -> Iterator[tuple[str, int, str]]:
        """Run ``actions`` and yield (record id, status, reason) for each."""
        alias = _write_alias(self._name(partition))
        with _guarded():
            answers = streaming_bulk(
                self._client,
                actions,
                index=alias,
                require_alias=True,
                chunk_size=_CHUNK,
                max_retries=MAX_RETRIES,
                initial_backoff=_FIRST_BACKOFF_S,
                raise_on_error=False,
                refresh=self._refresh,
            )
            for _, answer in answers:
                (item,) = answer.values()
                yield item["_id"], int(item["status"]), _reason(item.get("error"))

    def _blocked_indices(self, pattern: str) -> Iterator[str]:
        """Yield the indexes that refuse documents, as they all do once the disk is nearly full."""
        found = self._client.indices.get_settings(index=pattern, name="index.blocks.*", flat_settings=True)
        for name, answer in sorted(found.items()):
            if any(answer["settings"].get(block) == "true" for block in _BLOCKS):
                yield name

    def _blocked_cluster(self) -> Iterator[str]:
        """Yield a word for the whole cluster if it was made read-only."""
        found = self._client.cluster.get_settings(flat_settings=True)
        for settings in (found["persistent"], found["transient"]):
            if any(
                settings.get(f"cluster.blocks.{block}") == "true"
                for block in ("read_only", "read_only_allow_delete")
            ):
                yield "the whole cluster"


def _write_alias(name: str) -> str:
    return f"{name}.write"


def _entry(document: IndexDocument) -> dict[str, Any]:
    """Return the server's form of a document; what is empty is absent."""
    entry = {name: getattr(document, name) for name in _MAPPINGS["properties"]}
    return {name: value for name, value in entry.items() if value != ""}


def _reason(error: Any) -> str:
    """Return why the server refused an item, in its own word for it; never what it refused."""
    return str(error.get("type", "refused")) if isinstance(error, Mapping) else str(error or "")


@contextmanager
def _guarded() -> Iterator[None]:
    """Turn failures of the server and of the way to it into ``index_unavailable``."""
    try:
        yield
    except (ApiError, TransportError, BulkIndexError) as error:
        status = f" (status {error.status_code})" if isinstance(error, ApiError) else ""
        raise Unavailable(
            f"Elasticsearch did not answer as it should: {type(error).__name__}{status}.",
            code="index_unavailable",
        ) from error
