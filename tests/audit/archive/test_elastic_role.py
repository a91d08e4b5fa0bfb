"""The role in the handbook is all that Chancery asks of a cluster, and nothing in it is too much."""

import re
from fnmatch import fnmatch
from typing import Any

import orjson
import pytest

from admin.handbook import DOCS
from tests.audit.archive.elastic_world import PARTITION, PURPOSE, World
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
    unneeded = [
        privilege
        for privilege in (*role["cluster"], *role["indices"][0]["privileges"])
        if all(without(role, privilege, request) for request in world.requests)
    ]
    assert unneeded == [], "and nothing more is in it"


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
