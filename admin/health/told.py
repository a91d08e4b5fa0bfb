"""What worker, desk and websocket processes told about themselves, in sentences that a person can act on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from admin.health.files import DESK_STATUS, WORKER_STATUS, fresh_status, read_status, realtime_statuses
from admin.health.lines import HealthLine, ok, red, unchecked, warning
from core.crypto.rings import RingName
from core.settings import Settings
from core.types import from_ms

LAG_RED_MS: Final = 60_000
SHARDS_AHEAD: Final = 24
"""Room for the indexes of a month, each with a replica, and for their rebuilding."""
STALL_RED_MS: Final = 500
"""A loop that stands still for so long makes everybody on that process wait; 50 ms is the promise."""

_NOT_ARCHIVED: Final = "{count} items are not archived yet, the oldest for {seconds} s."
_NOT_INDEXED: Final = "{count} items are archived, not indexed, the oldest for {seconds} s."
_NOT_FOUND: Final = "{count} items cannot be found in the chat yet, the oldest for {seconds} s."

START: Final = "Start it: `chancery serve`, or its unit. Its log says why it ended."


def told_lines(settings: Settings, now: datetime) -> Iterator[HealthLine]:
    """Yield all that processes told in their files. Nothing is opened or asked."""
    worker = fresh_status(settings.home / WORKER_STATUS, now)
    desk = fresh_status(settings.home / DESK_STATUS, now)
    for name, status, file, ring in (
        ("worker", worker, WORKER_STATUS, RingName.LEDGER),
        ("desk chores", desk, DESK_STATUS, RingName.DISCOVERY),
    ):
        path = settings.home / file
        if not (path.exists() or (settings.keys_dir / ring).exists()):
            # Whose keys are not kept here does not run here.
            yield unchecked(name, "Runs on another machine.", "Ask there: `chancery status`.")
        else:
            yield _chores(name, status, path, now)
    if worker is not None:
        yield from _worker(worker)
    for status in realtime_statuses(settings, now).values():
        yield _loop(status)


def _chores(name: str, status: Mapping[str, Any] | None, path: Any, now: datetime) -> HealthLine:
    if status is None:
        last = read_status(path)
        says = f"Says nothing since {_when(int(last['at_ms']), now)}." if last else "Says nothing yet."
        return red(name, says, START)
    if status["failing"]:
        says = f"Failing: {', '.join(status['failing'])}; it tries again and again."
        return red(name, says, "Look for `chore failed` in its log: the error stands beside it.")
    return ok(name, "Running.")


def _worker(worker: Mapping[str, Any]) -> Iterator[HealthLine]:
    """Yield what the worker knows: policy, lag, index, partitions, ledger, directory."""
    policy = worker["policy"]
    if policy:
        yield ok("policy", f"Number {policy['number']}, {policy['hash'][:12]}, confirmed.")
    else:
        step = "Run `chancery doctor`: it says whether the database or the policy's signature is at fault."
        yield red("policy", "Not confirmed by the worker; nothing can be released or expire.", step)
    if worker["directory"]:
        yield from _directory(worker["directory"])
    step = "Look for `archiver` and `chore failed` in the worker's log; sending slows, then stops."
    yield _lag("archive", worker["sealing"], worker["sealing_age_ms"], _NOT_ARCHIVED, step)
    step = "See that the search engine answers and has room. Nothing is lost, and searches say so."
    yield _lag("indexing", worker["indexing"], worker["indexing_age_ms"], _NOT_INDEXED, step)
    waits, oldest = worker["chat_search"], worker["chat_search_age_ms"]
    yield _lag("chat search", waits, oldest, _NOT_FOUND, step)
    yield _index(worker["index"], int(worker["refused"]))
    if worker["shards"]:
        yield shard_line("index shards", **worker["shards"])
    if worker["bus"]:
        yield bus_line("bus", worker["bus"]["ok"], worker["bus"]["detail"])
    files = worker.get("files")
    if files:
        yield files_line("files", files["detail"])
    missing = worker["missing_partitions"]
    if missing:
        step = "Run `chancery keys rotate` where the desk runs, before the month turns."
        yield red("partitions", f"No keys for {', '.join(missing)}.", step)
    else:
        yield ok("partitions", "Keys are made ahead.")
    sizes = ", ".join(f"{size:,} in {log}" for log, size in worker["ledger"].items())
    yield ok("ledger", f"Entries signed: {sizes}.")
    jump = worker.get("clock_jump")
    if jump:
        says = f"The worker's clock was set by {jump['ms'] / 1000:+,.1f} s at {_at(jump['at_ms'])}."
        step = "See that one time service sets the clock, and slowly: `chronyc tracking` or `timedatectl`."
        yield warning("clock", says, step)


def _index(index: Mapping[str, Any], refused: int) -> HealthLine:
    if not index["ok"]:
        step = "See that the search engine runs, can be reached from here, and that its disk has room."
        return red("index", index["detail"], step)
    if refused:
        says = f"Refuses {refused:,} documents; every search says so."
        step = (
            "Look for `index_refused` in the worker's log and at the engine's, then `chancery index rebuild`."
        )
        return red("index", says, step)
    return ok("index", index["detail"])


def files_line(name: str, trouble: str) -> HealthLine:
    """Return whether files can be kept, and read in the sandbox; without either they wait."""
    if not trouble:
        return ok(name, "Can be kept, and read in the sandbox.")
    step = "Messages with files wait until this is mended; nothing is lost. See settings `blobs.` and `s3.`."
    return red(name, trouble, step)


def bus_line(name: str, answers: bool, detail: str) -> HealthLine:
    """Return whether hints travel between processes; without them everything arrives, a little later."""
    if answers:
        return ok(name, detail)
    step = (
        "Nothing is lost; people on different processes see each other half a second later, and nobody "
        "typing. See that the server runs, and that `bus.url` and its password are right."
    )
    return warning(name, detail, step)


def shard_line(name: str, used: int, limit: int) -> HealthLine:
    """Return whether the cluster has room for the indexes to come."""
    says = f"{used:,} of the {limit:,} shards that the cluster may hold are in use."
    if limit - used >= SHARDS_AHEAD:
        return ok(name, says)
    step = "Add a data node, remove indexes that nobody needs, or raise `cluster.max_shards_per_node`."
    return red(name, says, step)


def server_lines(name: str, servers: Sequence[Mapping[str, Any]]) -> Iterator[HealthLine]:
    """Yield how each directory server is; as long as one answers, people can sign in."""
    away = sum(not one["ok"] for one in servers)
    for one in servers:
        if one["ok"] and one.get("warning"):
            step = "Renew it in time: afterwards nobody can sign in by this server."
            yield warning(name, f"{one['server']}: {one['warning']}", step)
        elif one["ok"]:
            yield ok(name, f"{one['server']}: {one['says']}")
        elif away < len(servers):
            step = (
                "Others answer, so people can sign in. See that this one runs and can be reached from here."
            )
            yield warning(name, one["says"], step)
        else:
            step = (
                "Nobody can sign in. Mend what it says; else see that the server runs, that a firewall lets "
                "this machine reach its port, and that `ldap.uris` and `ldap.ca_file` are right."
            )
            yield red(name, one["says"], step)


def _directory(directory: Mapping[str, Any]) -> Iterator[HealthLine]:
    yield from server_lines("directory", directory["servers"])
    sync = directory["sync"]
    if sync is None:
        step = "It runs by itself once a directory server answers."
        yield red("directory sync", "Was not done yet, so leavers keep their accounts.", step)
    elif sync["stopped"]:
        step = (
            "Look closer with `chancery directory sync --dry-run`; people who left stay until it is resolved."
        )
        yield red("directory sync", f"Stopped, nothing is changed. {sync['stopped']}", step)
    else:
        yield ok("directory sync", f"Has {sync['present']:,} people as the directory has them.")


def _lag(name: str, count: int, age_ms: int, what: str, step: str) -> HealthLine:
    if not count:
        return ok(name, "Nothing waits.")
    says = what.format(count=f"{count:,}", seconds=f"{age_ms // 1000:,}")
    return red(name, says, step) if age_ms > LAG_RED_MS else ok(name, says)


def _loop(status: Mapping[str, Any]) -> HealthLine:
    says = (
        f"{status['connections']:,} connections at {status['listens']}; the loop stood still for "
        f"{status['worst_stall_ms']:,} ms at most in the last minute."
    )
    if status["worst_stall_ms"] < STALL_RED_MS:
        return ok("realtime loop", says)
    step = "See what else takes the processor (`top`); share the people among more `realtime` processes."
    return warning("realtime loop", says, step)


def _when(at_ms: int, now: datetime) -> str:
    seconds = max(0, int((now - from_ms(at_ms)).total_seconds()))
    return f"{seconds} s" if seconds < 600 else _at(at_ms)


def _at(at_ms: int) -> str:
    return from_ms(at_ms).astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")
