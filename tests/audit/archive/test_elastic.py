"""The evidence world on a real Elasticsearch that fails: sending goes on, coverage tells, all is caught up."""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from threading import Event
from typing import Any

import orjson
import pytest
from elasticsearch import Elasticsearch

from admin.handbook import DOCS
from audit.archive.rebuild import IndexRebuild, IndexSwitch
from audit.archive.reconcile import Reconciler
from audit.archive.search_service import Purpose
from audit.search.elastic import ElasticIndex, connect
from core.access import Database
from core.errors import Unavailable
from core.schema import archive
from core.store import Tx
from core.types import new_id
from tests.factories.archive import Desk, Evidence, Worker, make_evidence
from tests.factories.chat import ANA, BEN, CLEO
from tests.services.recording_proxy import Answer, Instead, Recorded, recording

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

PURPOSE = Purpose("officer-1", "matter-1", "insider dealing")
PARTITION = "2026-03-direct"


class World:
    """Chat, archive and desk around a cluster behind a proxy; ``trouble`` is what the proxy does instead."""

    def __init__(
        self, evidence: Evidence, requests: list[Recorded], client: Elasticsearch, url: str, prefix: str
    ) -> None:
        self.evidence = evidence
        self.requests = requests
        self.client = client
        self.url = url
        self.prefix = prefix
        self.trouble: Instead = lambda _: None
        self.room = evidence.chat.direct()
        self.worker: Worker = evidence.worker()
        self.desk: Desk = evidence.desk()

    def say(self, text: str) -> None:
        """Send a message, which is acknowledged, and let the worker do what it can."""
        assert self.evidence.chat.send(self.room, text)["ok"]
        self.carry()

    def carry(self) -> None:
        self.worker.archiver.run_until_idle()

    def wait(self) -> None:
        """Let the time pass after which the worker tries again."""
        self.evidence.clock.advance(10)
        self.carry()

    def sealed(self) -> int:
        """Return how many records are searched once they are indexed."""
        return sum(row.indexable for row in self.evidence.rows(Database.ARCHIVE, archive.records))

    def check_whole(self) -> None:
        """See that everything is indexed, once, and nothing waits."""
        counts = self.evidence.counts()
        assert counts["indexed"] == self.sealed()
        assert counts["chat outbox"] == 0
        assert self.desk.search.coverage().complete
        assert self.reconciler().run().differences == []

    def reconciler(self) -> Reconciler:
        return Reconciler(
            chat_store=self.worker.chat,
            archive_store=self.worker.archive,
            outboxes=self.worker.outboxes,
            index=self.evidence.index,
        )

    def rebuild(self) -> None:
        """Make the index of the partition again, as desk and worker do."""
        jobs: list[dict[str, object]] = []

        def post(tx: Tx, kind: str, payload: dict[str, object]) -> str:
            jobs.append(payload)
            return "job"

        at_desk = IndexRebuild(
            archive_store=self.desk.archive,
            desk_store=self.desk.desk,
            reader=self.desk.reader,
            keys=self.desk.keys,
            open_index=lambda: ElasticIndex(connect(self.url), self.prefix, refresh="immediate"),
            post=post,
            record=self.evidence.desk_trail.record,
        )
        at_worker = IndexSwitch(
            archive_store=self.worker.archive, indexes=self.worker.indexes, clock=self.evidence.clock
        )
        generation = at_desk.begin(PARTITION, actor="officer-1")
        at_worker.build(jobs[-1])
        at_desk.fill(PARTITION, generation, actor="officer-1")
        at_worker.switch(jobs[-1])


def test_every_request_is_covered_by_the_role_of_the_handbook(world: World) -> None:
    world.say("the merger is on")
    index = world.evidence.index
    assert index.health().ok
    assert index.headroom() is not None
    assert world.desk.search.search(PURPOSE, '"the merger" OR merg*').total == 1
    world.rebuild()
    world.say("after the rebuild")
    world.check_whole()
    world.worker.indexes.drop(PARTITION, 2)
    role = role_of_the_handbook(world.prefix)
    asked = {(request.method, re.sub(r"[a-z0-9]{10,}", "…", request.path)) for request in world.requests}
    assert len(asked) > 10
    lacking = [
        (request.line, need)
        for request in world.requests
        for need in needs(request)
        if not grants(role, *need)
    ]
    assert lacking == []
    unneeded = [
        privilege
        for privilege in (*role["cluster"], *role["indices"][0]["privileges"])
        if all(without(role, privilege, request) for request in world.requests)
    ]
    assert unneeded == [], "and nothing more is in it"


@pytest.mark.parametrize("kind", ["429", "503", "garbage", "not found at all", "hangs"])
def test_a_cluster_that_fails_stops_nobody_and_is_caught_up_unaided(world: World, kind: str) -> None:
    world.say("before")
    world.check_whole()
    let_go = Event()
    answers: dict[str, Callable[[], Answer]] = {
        "429": lambda: refused(429, "circuit_breaking_exception"),
        "503": lambda: refused(503, "cluster_block_exception"),
        "garbage": lambda: Answer(200, b'{"took": []}'),
        "not found at all": lambda: Answer(404, b"<html>", {"Content-Type": "text/html"}),
        "hangs": lambda: refused(503, "late") if let_go.wait(20) else refused(503, "later"),
    }
    world.trouble = lambda _: answers[kind]()
    for text in ("osprey", "heron"):
        world.say(text)
        assert world.worker.archiver.lag().sealing == 0
    assert world.worker.archiver.lag().indexing == 2
    with pytest.raises(Unavailable) as caught:
        world.desk.search.search(PURPOSE, "osprey")
    assert caught.value.code.startswith("index_")
    assert not world.evidence.index.health().ok
    # It reads again and still takes nothing.
    writes = answers[kind]
    world.trouble = lambda request: writes() if request.path.endswith("_bulk") else None
    world.wait()
    coverage = world.desk.search.coverage()
    assert (coverage.not_indexed, coverage.complete) == (2, False)
    world.trouble = lambda _: None
    let_go.set()
    world.wait()
    world.check_whole()
    assert world.desk.search.search(PURPOSE, "osprey OR heron").total == 2


def test_documents_that_a_busy_shard_rejects_are_offered_until_it_takes_them(world: World) -> None:
    world.say("before")

    def rejected(request: Recorded) -> Answer | None:
        if not request.path.endswith("_bulk"):
            return None
        rids = [orjson.loads(line)["index"]["_id"] for line in request.body.splitlines()[::2]]
        error = {"type": "es_rejected_execution_exception", "reason": "queue"}
        items = [{"index": {"_id": rid, "status": 429, "error": error}} for rid in rids]
        return Answer(200, orjson.dumps({"took": 1, "errors": True, "items": items}))

    world.trouble = rejected
    world.say("during")
    world.evidence.clock.advance(30 * 86_400)
    world.carry()
    assert world.worker.archiver.refused() == 0, "it is not the document's fault, however long it lasts"
    assert world.desk.search.coverage().not_indexed == 1
    world.trouble = lambda _: None
    world.wait()
    world.check_whole()


def test_an_index_that_the_cluster_refuses_stops_no_other_and_is_made_once_there_is_room(
    world: World,
) -> None:
    world.say("in March")
    headroom = world.evidence.index.headroom()
    assert headroom is not None
    settings = world.client.cluster.put_settings
    settings(persistent={"cluster.max_shards_per_node": headroom.used})
    try:
        group = world.evidence.chat.group(ANA, BEN, CLEO)
        world.evidence.chat.send(group, "of a class that has no index yet")
        world.say("of one that has: osprey")
        coverage = world.desk.search.coverage()
        assert world.desk.search.search(PURPOSE, "osprey").total == 1
        assert coverage.not_indexed >= 1
        alarms = [orjson.loads(row.payload) for row in world.evidence.reports() if row.kind == "alarm"]
        assert [alarm["alarm"] for alarm in alarms] == ["index_full"]
    finally:
        settings(persistent={"cluster.max_shards_per_node": None})
    world.wait()
    world.check_whole()


def test_an_index_that_somebody_removed_is_made_anew_and_coverage_tells_what_it_lacks(world: World) -> None:
    world.say("lost")
    lost = world.sealed()
    world.client.indices.delete(index=f"{world.prefix}-{PARTITION}")
    world.say("osprey")
    world.wait()
    assert world.desk.search.search(PURPOSE, "osprey").total == 1
    assert world.desk.search.coverage().not_indexed == lost
    world.rebuild()
    world.carry()
    world.check_whole()


def role_of_the_handbook(prefix: str) -> dict[str, Any]:
    """Return the role as the page has it, for the prefix of this test."""
    page = (DOCS / "elasticsearch.md").read_text("utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    role: dict[str, Any] = orjson.loads(block.replace("chancery-", f"{prefix}-"))
    return role


Need = tuple[str, frozenset[str], str]
"""Of a cluster or of indices; any of these privileges; on what."""

# As the pages "Security privileges" and of each request in Elastic's reference say.
_READS = frozenset({"read"})
_MANAGES = frozenset({"manage"})
_REFRESHES = frozenset({"maintenance", "manage"})
_MONITOR: list[Need] = [("cluster", frozenset({"monitor", "manage"}), "")]


def needs(request: Recorded) -> list[Need]:
    """Return what a request needs; a request that nobody thought of fails."""
    names, _, action = request.path.strip("/").partition("/")
    on = names.replace("%2C", ",").split(",")

    def each(*of: frozenset[str]) -> list[Need]:
        return [("indices", privileges, name) for privileges in of for name in on]

    match request.method, action:
        case "GET", _ if names in {"_nodes", "_cluster"}:
            return _MONITOR
        case "HEAD", "":
            return each(frozenset({"view_index_metadata", "manage"}))
        case "PUT", "":
            return each(frozenset({"create_index", "manage"}), _MANAGES)
        case "DELETE", "":
            return each(frozenset({"delete_index", "manage"}))
        case "PUT", "_bulk":
            assert b'{"delete"' not in request.body
            return each(frozenset({"index", "write"}), _REFRESHES)
        case "POST", "_search":
            return each(_READS)
        case "GET", _ if action.startswith("_settings"):
            return each(frozenset({"view_index_metadata", "monitor", "manage"}))
    if request.path == "/_msearch":
        on = [orjson.loads(line)["index"] for line in request.body.splitlines()[::2]]
        return each(_READS)
    if request.path == "/_aliases":
        actions = [value for one in orjson.loads(request.body)["actions"] for value in one.values()]
        on = [action[kind] for action in actions for kind in ("index", "alias")]
        return each(_MANAGES)
    raise AssertionError(f"nobody said what {request.line} needs")


def grants(role: dict[str, Any], scope: str, privileges: frozenset[str], name: str) -> bool:
    """Tell whether a role gives one of the privileges on an index, an alias or a pattern of them."""
    if scope == "cluster":
        return not privileges.isdisjoint(role["cluster"])
    return any(
        not privileges.isdisjoint(given["privileges"])
        and any(fnmatch(name, allowed) for allowed in given["names"])
        for given in role["indices"]
    )


def without(role: dict[str, Any], privilege: str, request: Recorded) -> bool:
    """Tell whether a request would do without one of the privileges of the role."""
    (given,) = role["indices"]
    less = {
        "cluster": [one for one in role["cluster"] if one != privilege],
        "indices": [{**given, "privileges": [one for one in given["privileges"] if one != privilege]}],
    }
    return all(grants(less, *need) for need in needs(request))


def refused(status: int, kind: str) -> Answer:
    return Answer(status, orjson.dumps({"error": {"type": kind, "reason": ""}, "status": status}))


@pytest.fixture
def world(tmp_path: Path, elasticsearch_url: str) -> Iterator[World]:
    prefix = f"t{new_id()}"
    made: list[World] = []
    client = connect(elasticsearch_url)
    with recording(elasticsearch_url, instead=lambda r: made[0].trouble(r) if made else None) as (
        url,
        requests,
    ):
        index = ElasticIndex(connect(url, timeout_s=1.5), prefix, refresh="immediate")
        evidence = make_evidence(tmp_path, index=index)
        made.append(World(evidence, requests, client, url, prefix))
        yield made[0]
        evidence.close()
        index.close()
    for name in list(client.indices.get(index=f"{prefix}-*", expand_wildcards="all")):
        client.indices.delete(index=name)
    client.close()
