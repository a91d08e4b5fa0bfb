"""How the cluster is: reachable, of a version we speak, taking documents, with room for more shards."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from audit.search.elastic.trouble import check_version, guarded
from audit.search.port import Health, ShardHeadroom
from core.errors import Unavailable

LOOK_S: Final = 3.0
_BLOCKS: Final = ("index.blocks.read_only_allow_delete", "index.blocks.read_only", "index.blocks.write")
_LIMIT: Final = "cluster.max_shards_per_node"


class Cluster:
    """Asks about the cluster, never for documents; its questions have a short time limit."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client.options(request_timeout=LOOK_S)
        self._known = False

    def check_version(self) -> None:
        """Refuse a cluster of another major version; one that was right is not asked again.

        Raises:
            Unavailable: ``index_version``.
        """
        if self._known:
            return
        with guarded():
            found = self._client.nodes.info(
                node_id="_all", metric="_none", filter_path="nodes.*.name,nodes.*.version"
            )
            versions = {str(node["name"]): str(node["version"]) for node in found["nodes"].values()}
        check_version(versions)
        self._known = True

    def health(self, indexes: Sequence[str]) -> Health:
        """Tell whether the cluster answers, and whether it has stopped taking documents."""
        try:
            self.check_version()
            with guarded():
                status = str(self._client.cluster.health(index=indexes)["status"])
                blocked = [*self._blocked_indexes(indexes), *self._blocked_cluster()]
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

    def headroom(self) -> ShardHeadroom:
        """Return how many shards of open indexes there are, and how many the data nodes may hold.

        Raises:
            Unavailable: ``index_unavailable`` and its like.
        """
        with guarded():
            health = self._client.cluster.health()
            kinds = ("active_shards", "initializing_shards", "unassigned_shards")
            per_node = int(self._settings(include_defaults=True)[_LIMIT])
            return ShardHeadroom(
                used=sum(int(health[kind]) for kind in kinds),
                limit=per_node * int(health["number_of_data_nodes"]),
            )

    def _blocked_indexes(self, indexes: Sequence[str]) -> Iterator[str]:
        """Yield the indexes that refuse documents, as they all do once the disk is nearly full."""
        found = self._client.indices.get_settings(index=indexes, name="index.blocks.*", flat_settings=True)
        for name, answer in sorted(found.items()):
            if any(answer["settings"].get(block) == "true" for block in _BLOCKS):
                yield name

    def _blocked_cluster(self) -> Iterator[str]:
        """Yield a word for the whole cluster if it was made read-only."""
        settings = self._settings()
        if any(
            settings.get(f"cluster.blocks.{block}") == "true"
            for block in ("read_only", "read_only_allow_delete")
        ):
            yield "the whole cluster"

    def _settings(self, *, include_defaults: bool = False) -> dict[str, Any]:
        """Return the settings of the cluster that hold."""
        found = self._client.cluster.get_settings(flat_settings=True, include_defaults=include_defaults)
        return {**found.get("defaults", {}), **found["persistent"], **found["transient"]}
