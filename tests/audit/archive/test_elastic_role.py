"""The role in the handbook is all that Chancery asks of a cluster, and nothing in it is too much."""

import re
from fnmatch import fnmatch
from typing import Any

import orjson
import pytest

from admin.handbook import DOCS
from audit.search.elastic import ElasticIndex, chat_prefix, connect
from core.types import ItemId
from tests.audit.archive.elastic_world import PARTITION, PURPOSE, World
from tests.factories.chat import ANA, BEN
from tests.factories.chat_search import make_searched
from tests.services.recording_proxy import Recorded

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


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
    assert unneeded(role, 0, world.requests) == [], "and nothing more is in it"


def test_the_employees_index_asks_for_no_more_than_its_part_of_the_role(world: World) -> None:
    index = ElasticIndex(connect((world.url,)), chat_prefix(world.prefix), "wait_for")
    searched = make_searched(world.evidence.chat, index)
    try:
        item = ItemId(searched.say(world.room, "the harbour opens")["id"])
        assert searched.texts(BEN, '"the harbour"') == ["the harbour opens"]
        asked_by_pages = len(world.requests)
        searched.service.search(BEN, "harbour opens")
        pages = world.requests[asked_by_pages:]
        assert pages and all(need == _READS for request in pages for _, need, _ in needs(request))
        searched.chat.messaging.delete(ANA, searched.chat.ids(), world.room, item)
        assert searched.texts(BEN, "harbour") == []
        assert searched.indexer.refill() == []
        searched.indexer.drop("2026-03", "direct")
    finally:
        index.close()
    role = role_of_the_handbook(world.prefix)
    mine = [request for request in world.requests if chat_prefix(world.prefix) in request.line]
    assert [request.line for request in mine if not all(grants(role, *need) for need in needs(request))] == []
    assert unneeded(role, 1, world.requests) == []


def unneeded(role: dict[str, Any], part: int, requests: list[Recorded]) -> list[str]:
    """Return the privileges of a part of the role that none of the requests needs."""
    privileges = (*role["cluster"], *role["indices"][part]["privileges"])
    return [
        privilege
        for privilege in privileges
        if all(without(role, part, privilege, request) for request in requests)
    ]


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
            deletes = [frozenset({"delete", "write"})] if b'{"delete"' in request.body else []
            return each(frozenset({"index", "write"}), _REFRESHES, *deletes)
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


def without(role: dict[str, Any], part: int, privilege: str, request: Recorded) -> bool:
    """Tell whether a request would do without one of the privileges of a part of the role."""
    parts = list(role["indices"])
    given = parts[part]
    parts[part] = {**given, "privileges": [one for one in given["privileges"] if one != privilege]}
    less = {"cluster": [one for one in role["cluster"] if one != privilege], "indices": parts}
    return all(grants(less, *need) for need in needs(request))
