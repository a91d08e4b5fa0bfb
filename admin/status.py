"""How the suite is, without any content: what `chancery status` prints and what it is drawn from.

Worker and desk write a small file about themselves every second or two; the processes that listen
are asked whether they answer. A file that is older than fifteen seconds says that nobody writes it.
"""

import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from admin.databases import database_of
from admin.migrations import current, head
from admin.processes import listen_address
from core.access import Database
from core.settings import Settings
from core.types import to_ms

WORKER_STATUS: Final = "worker-status.json"
DESK_STATUS: Final = "desk-status.json"
STALE_MS: Final = 15_000
LAG_RED_MS: Final = 60_000
SHARDS_AHEAD: Final = 24
"""Room for the indexes of a month, each with a replica, and for their rebuilding."""
ANSWER_WITHIN: Final = 2.0


class State(StrEnum):
    """How one thing is."""

    OK = "ok"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that can be well or not, and what to do if it is not."""

    name: str
    state: State
    says: str
    next_step: str = ""


def write_status(path: Path, status: Mapping[str, Any]) -> None:
    """Write a status file as a whole, so that no reader sees half of one."""
    draft = path.with_suffix(".new")
    draft.write_bytes(orjson.dumps(status))
    draft.replace(path)


def read_status(path: Path) -> dict[str, Any] | None:
    """Return what a status file says, or None if there is none."""
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found


def refused_documents(settings: Settings) -> int:
    """Return how many documents the index did not take, as the worker said last."""
    status = read_status(settings.home / WORKER_STATUS)
    return int(status.get("refused", 0)) if status else 0


def report(settings: Settings, now: datetime) -> list[Line]:
    """Return every check. Nothing is opened but what says how it is."""
    worker = _fresh(settings.home / WORKER_STATUS, now)
    return [
        *_migrations(settings),
        _listening("pages", settings.chat_listen, settings.chat_url),
        _listening("realtime", settings.realtime_listen, settings.realtime_url),
        _listening("desk", settings.desk_listen, settings.desk_url),
        _chores("worker", worker),
        _chores("desk chores", _fresh(settings.home / DESK_STATUS, now)),
        *(_about(worker) if worker else ()),
    ]


def _fresh(path: Path, now: datetime) -> dict[str, Any] | None:
    status = read_status(path)
    return status if status is not None and to_ms(now) - int(status["at_ms"]) <= STALE_MS else None


def _migrations(settings: Settings) -> Iterator[Line]:
    for database in Database:
        at, newest = current(database_of(settings, database)), head(database)
        if at == newest:
            yield Line(f"{database} store", State.OK, f"At revision {at}.")
        else:
            says = f"At revision {at}, newest is {newest}." if at else "Absent."
            step = "Run `chancery db upgrade`." if at else "Run `chancery init`."
            yield Line(f"{database} store", State.RED, says, step)


def _listening(name: str, listen: str, url: str) -> Line:
    host, port = listen_address(listen, url)
    connection = http.client.HTTPConnection(
        "127.0.0.1" if host == "localhost" else host, port, timeout=ANSWER_WITHIN
    )
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(url).netloc})
        status = connection.getresponse().status
    except OSError:
        return Line(name, State.RED, f"Does not answer at {host}:{port}.", "Start it: `chancery serve`.")
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        return Line(name, State.RED, f"Answers {status} at {host}:{port}.", "Look at its log.")
    return Line(name, State.OK, f"Answers at {host}:{port}.")


def _chores(name: str, status: Mapping[str, Any] | None) -> Line:
    if status is None:
        return Line(name, State.RED, "Said nothing for fifteen seconds.", "Start it: `chancery serve`.")
    if status["failing"]:
        return Line(name, State.RED, f"Failing: {', '.join(status['failing'])}.", "Look at its log.")
    return Line(name, State.OK, "Running.")


def _about(worker: Mapping[str, Any]) -> Iterator[Line]:
    """Yield what the worker knows: policy, lag, index, partitions, ledger."""
    policy = worker["policy"]
    if policy:
        yield Line("policy", State.OK, f"Number {policy['number']}, {policy['hash']}, confirmed.")
    else:
        yield Line("policy", State.RED, "Not confirmed; nothing can be sent.", "Look at the worker's log.")
    if worker["directory"]:
        yield from _directory(worker["directory"])
    yield _lag("archive", worker["sealing"], worker["sealing_age_ms"], "are not archived yet")
    yield _lag("indexing", worker["indexing"], worker["indexing_age_ms"], "are archived but not indexed yet")
    index, refused = worker["index"], int(worker["refused"])
    if not index["ok"]:
        yield Line("index", State.RED, index["detail"], "Look at the search engine.")
    elif refused:
        says = f"Refuses {refused} documents; every search says so."
        yield Line("index", State.RED, says, "Look at the search engine, then `chancery index rebuild`.")
    else:
        yield Line("index", State.OK, index["detail"])
    if worker["shards"]:
        yield _shards(**worker["shards"])
    missing = worker["missing_partitions"]
    if missing:
        yield Line(
            "partitions", State.RED, f"No keys for {', '.join(missing)}.", "Run `chancery keys rotate`."
        )
    else:
        yield Line("partitions", State.OK, "Keys are made ahead.")
    sizes = ", ".join(f"{size:,} in {log}" for log, size in worker["ledger"].items())
    yield Line("ledger", State.OK, f"Entries signed: {sizes}.")


def _shards(used: int, limit: int) -> Line:
    says = f"{used:,} of the {limit:,} shards that the cluster may hold are in use."
    if limit - used >= SHARDS_AHEAD:
        return Line("index shards", State.OK, says)
    step = "Add a data node, remove indexes that nobody needs, or raise cluster.max_shards_per_node."
    return Line("index shards", State.RED, says, step)


def _directory(directory: Mapping[str, Any]) -> Iterator[Line]:
    for one in directory["servers"]:
        if one["ok"]:
            yield Line("directory", State.OK, f"{one['server']}: {one['says']}")
        else:
            yield Line("directory", State.RED, one["says"], "Look at that server, and at `ldap.*`.")
    sync = directory["sync"]
    if sync is None:
        yield Line("directory sync", State.RED, "Was not done yet.", "Look at the directory's servers.")
    elif sync["stopped"]:
        step = "Look closer with `chancery directory sync --dry-run`."
        yield Line("directory sync", State.RED, f"Stopped, nothing is changed. {sync['stopped']}", step)
    else:
        yield Line("directory sync", State.OK, f"Has {sync['present']:,} people as the directory has them.")


def _lag(name: str, count: int, age_ms: int, what: str) -> Line:
    if not count:
        return Line(name, State.OK, "Nothing waits.")
    state = State.RED if age_ms > LAG_RED_MS else State.OK
    says = f"{count:,} items {what}, the oldest for {age_ms // 1000} s."
    return Line(name, state, says, "Look at the worker's log." if state is State.RED else "")
