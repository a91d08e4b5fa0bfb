"""Three real nodes, of which one is killed: what was acknowledged stays, and the others take the rest."""

from collections.abc import Iterator

import pytest
from elasticsearch import ApiError, Elasticsearch, TransportError

from audit.search.elastic import ElasticIndex, connect, index_template
from audit.search.port import MatchAll
from core.errors import Unavailable
from tests.contracts.search_index import OTHER, PARTITION, document
from tests.factories.suite import wait_for
from tests.services.elasticsearch import ClusterNode

# Three servers start and elect each other: about a minute on a small machine.
pytestmark = [pytest.mark.services, pytest.mark.faults, pytest.mark.timeout(600)]

FIRST, LATER = range(40), range(40, 80)


def test_a_killed_node_loses_nothing_and_stops_nothing_for_long(
    index: ElasticIndex, client: Elasticsearch, elasticsearch_cluster: list[ClusterNode]
) -> None:
    for partition in (PARTITION, OTHER):
        index.ensure(partition)
        index.put(partition, [document(f"r{i:02}", f"word{i}") for i in FIRST])
    client.cluster.health(wait_for_status="green", timeout="60s")
    room = index.headroom()
    assert (room.limit, room.used) == (3_000, 4), "three data nodes; two indexes with a replica each"
    holder_of_a_primary(client, elasticsearch_cluster).kill()

    def put_all() -> bool:
        try:
            for partition in (PARTITION, OTHER):
                index.put(partition, [document(f"r{i:02}", f"word{i}") for i in LATER])
        except Unavailable:  # until another copy has become the primary one
            return False
        return True

    wait_for(put_all, 120, "the other nodes taking documents")
    for partition in (PARTITION, OTHER):
        assert sorted(index.ids(partition)) == [f"r{i:02}" for i in (*FIRST, *LATER)], "each of them once"
        assert len(index.search(partition, MatchAll(), limit=100)) == 80
    assert index.health().ok


def holder_of_a_primary(client: Elasticsearch, nodes: list[ClusterNode]) -> ClusterNode:
    """Return a node that takes the writes of an index."""
    state = client.cluster.state(metric="routing_table,nodes")
    shards = [
        shard
        for routed in state["routing_table"]["indices"].values()
        for copies in routed["shards"].values()
        for shard in copies
    ]
    name = next(state["nodes"][shard["node"]]["name"] for shard in shards if shard["primary"])
    return nodes[["one", "two", "three"].index(name)]


@pytest.fixture
def index(client: Elasticsearch) -> ElasticIndex:
    return ElasticIndex(client, "chancery", refresh="immediate")


@pytest.fixture
def client(elasticsearch_cluster: list[ClusterNode]) -> Iterator[Elasticsearch]:
    made = connect([node.url for node in elasticsearch_cluster])
    wait_for(lambda: elected(made), 180, "three nodes forming a cluster")
    made.indices.put_index_template(name="chancery", **index_template("chancery"))
    yield made
    made.close()


def elected(client: Elasticsearch) -> bool:
    try:
        return bool(client.cluster.health(timeout="1s")["number_of_nodes"] == 3)
    except (ApiError, TransportError):  # nobody is elected yet
        return False
