"""An Elasticsearch that fails: sending goes on, coverage tells, all is caught up."""

from collections.abc import Callable
from threading import Event

import orjson
import pytest

from core.errors import Unavailable
from tests.audit.archive.elastic_world import PARTITION, PURPOSE, World
from tests.factories.chat import ANA, BEN, CLEO
from tests.services.recording_proxy import Answer, Recorded

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("kind", "patience_s"),
    [("429", 30), ("garbage", 30), ("not found at all", 30), ("hangs", 3)],
)
def test_a_cluster_that_fails_stops_nobody_and_is_caught_up_unaided(world: World, kind: str) -> None:
    world.say("before")
    world.check_whole()
    let_go = Event()
    answers: dict[str, Callable[[], Answer]] = {
        "429": lambda: refused(429, "circuit_breaking_exception"),
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


def refused(status: int, kind: str) -> Answer:
    return Answer(status, orjson.dumps({"error": {"type": kind, "reason": ""}, "status": status}))
