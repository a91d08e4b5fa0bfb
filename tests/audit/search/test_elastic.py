"""Elasticsearch keeps the port's promises, and shows when it does not take documents."""

import dataclasses
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings

from audit.search.elastic import ElasticIndex, connect, index_template
from audit.search.port import MatchAll, SearchIndex
from core.errors import NotFound, Unavailable
from core.types import new_id
from tests.audit.search.corpus import Archive, queries, records
from tests.audit.search.test_engines_agree import check_equal
from tests.contracts.search_index import OTHER, PARTITION, SearchIndexContract, document, has, rids, word
from tests.services.recording_proxy import recording

# The first run fetches the server.
pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


class TestElasticsearch(SearchIndexContract):
    @pytest.fixture
    def index(self, client: Elasticsearch) -> Iterator[SearchIndex]:
        yield from indexed(client)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=queries())
def test_it_returns_what_the_plain_text_says(archive: Archive, fed: ElasticIndex, text: str) -> None:
    check_equal(archive, fed, text)


def test_a_refused_document_is_named_and_the_others_are_kept(index: ElasticIndex) -> None:
    index.ensure(PARTITION)
    bad = dataclasses.replace(document("bad"), at_ms="soon")  # type: ignore[arg-type]
    result = index.put(PARTITION, [document("r1", "merger"), bad, document("r2", "merger")])
    assert result.accepted == 2
    assert result.refused == {"bad": "document_parsing_exception"}
    assert rids(index, has("merger")) == ["r2", "r1"]


def test_a_blocked_index_blames_no_document_and_says_so_in_its_health(
    index: ElasticIndex, client: Elasticsearch
) -> None:
    index.ensure(PARTITION)
    name = index._name(PARTITION)
    client.indices.put_settings(index=name, settings={"index.blocks.read_only_allow_delete": True})
    with pytest.raises(Unavailable, match="cluster_block_exception") as caught:
        index.put(PARTITION, [document("r1")])
    assert caught.value.code == "index_blocked"
    health = index.health()
    assert health.reachable
    assert not health.writable
    assert name in health.detail
    client.indices.put_settings(index=name, settings={"index.blocks.read_only_allow_delete": None})
    assert index.put(PARTITION, [document("r1")]).accepted == 1


def test_a_full_cluster_says_how_full_it_is_and_refuses_a_new_index_alone(
    index: ElasticIndex, client: Elasticsearch
) -> None:
    index.ensure(PARTITION)
    before = index.headroom()
    assert before.limit == 1_000
    client.cluster.put_settings(persistent={"cluster.max_shards_per_node": before.used})
    try:
        full = index.headroom()
        with pytest.raises(Unavailable, match="max_shards_per_node") as caught:
            index.ensure(OTHER)
        assert index.put(PARTITION, [document("r1")]).accepted == 1
    finally:
        client.cluster.put_settings(persistent={"cluster.max_shards_per_node": None})
    assert caught.value.code == "index_full"
    assert (full.left, full.used) == (0, before.used)
    index.ensure(OTHER)
    assert index.headroom().used > before.used


def test_a_rebuilt_index_takes_over_in_one_call(elasticsearch_url: str) -> None:
    with recording(elasticsearch_url) as (url, requests):
        index = ElasticIndex(connect(url), f"t{new_id()}", refresh="immediate")
        for name in (PARTITION, f"{PARTITION}-g2"):
            index.ensure(name)
        requests.clear()
        index.go_live(PARTITION, f"{PARTITION}-g2")
        assert [(request.method, request.path) for request in requests] == [("POST", "/_aliases")]
        for name in (PARTITION, f"{PARTITION}-g2"):
            index.drop(name)
        index.close()


def test_the_template_of_the_house_tunes_its_indexes_and_no_others(
    index: ElasticIndex, client: Elasticsearch
) -> None:
    for prefix in (index._prefix, f"{index._prefix}-test"):  # two houses, whose names begin alike
        client.indices.put_index_template(name=prefix, **index_template(prefix))
    try:
        index.ensure(PARTITION)
        made = client.indices.get_settings(index=index._name(PARTITION), flat_settings=True)
        assert made[index._name(PARTITION)]["settings"]["index.auto_expand_replicas"] == "0-1"
        with pytest.raises(Exception, match="index_not_found_exception"):
            client.index(index=index._name(OTHER), document={})
    finally:
        client.indices.delete_index_template(name=f"{index._prefix}*")


def test_an_index_removed_behind_our_back_is_not_made_up_again(
    index: ElasticIndex, client: Elasticsearch
) -> None:
    index.ensure(PARTITION)
    client.indices.delete(index=index._name(PARTITION))
    with pytest.raises(NotFound):
        index.put(PARTITION, [document("r1")])
    assert not client.indices.exists(index=index._name(PARTITION))


def test_a_field_that_the_mapping_does_not_know_is_refused(
    index: ElasticIndex, client: Elasticsearch
) -> None:
    index.ensure(PARTITION)
    with pytest.raises(Exception, match="strict_dynamic_mapping_exception"):
        client.index(index=index._name(PARTITION), document={"text": "plain"})


def test_the_server_keeps_no_source(index: ElasticIndex, client: Elasticsearch) -> None:
    index.ensure(PARTITION)
    index.put(PARTITION, [document("r1", "merger")])
    assert "_source" not in client.get(index=index._name(PARTITION), id="r1")


def test_waiting_for_the_periodic_refresh_acknowledges_what_can_be_found(client: Elasticsearch) -> None:
    waiting = ElasticIndex(client, f"t{new_id()}")
    waiting.ensure(PARTITION)
    waiting.put(PARTITION, [document("r1", "merger")])
    assert rids(waiting, has("merger")) == ["r1"]
    waiting.drop(PARTITION)


def test_a_server_out_of_reach_is_unavailable_and_unhealthy() -> None:
    nowhere = ElasticIndex(connect("http://127.0.0.1:9", timeout_s=1))
    with pytest.raises(Unavailable) as caught:
        nowhere.search(PARTITION, MatchAll(), limit=1)
    assert caught.value.code == "index_unavailable"
    assert not nowhere.health().reachable
    nowhere.close()


def test_requests_hold_no_word_and_questions_travel_in_bodies(elasticsearch_url: str) -> None:
    with recording(elasticsearch_url) as (url, requests):
        index = ElasticIndex(connect(url), f"t{new_id()}", refresh="immediate")
        index.ensure(PARTITION)
        index.put(PARTITION, [document("r1", "canaryone canarytwo")])
        assert rids(index, has("canaryone")) == ["r1"]
        index.drop(PARTITION)
        index.close()
    assert any("_search" in request.line for request in requests)
    for request in requests:
        assert "canary" not in request.line
        assert b"canary" not in request.body
        assert word("canaryone") not in request.line


def indexed(client: Elasticsearch) -> Iterator[ElasticIndex]:
    """Yield an index under a prefix of its own and remove it afterwards."""
    prefix = f"t{new_id()}"
    yield ElasticIndex(client, prefix, refresh="immediate")
    names = list(client.indices.get(index=f"{prefix}-*", expand_wildcards="all"))
    for name in names:
        client.indices.delete(index=name)


@pytest.fixture
def index(client: Elasticsearch) -> Iterator[ElasticIndex]:
    yield from indexed(client)


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    made = connect(elasticsearch_url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(records(200))


@pytest.fixture(scope="module")
def fed(archive: Archive, client: Elasticsearch) -> Iterator[ElasticIndex]:
    for made in indexed(client):
        archive.feed(made)
        yield made
