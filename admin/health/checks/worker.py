"""What the worker looks at: its databases, its rings, the index, the ledger, what waits."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import select

from admin.health.checks.common import (
    database_check,
    open_store,
    pins_of,
    publics,
    ring_check,
    ring_or_none,
    told,
)
from admin.health.limits import Check
from admin.health.lines import HealthLine, ok, red, warning
from admin.health.told import LAG_RED_MS, files_line, shard_line
from admin.sandbox.run import sandbox_of
from admin.wiring.evidence import LOG_KEYS, ledger_folder, ledger_origin
from admin.wiring.indexes import archive_index
from audit.archive.names import CLASSES, month_after, partition_id
from audit.ledger import rows
from audit.ledger.checkpoint import open_note, read_note
from audit.ledger.entries import Log
from core.access import Database
from core.blobs.open import open_blob_store
from core.crypto.chat_keys import month_of
from core.crypto.pins import (
    DESK_MAILBOX,
    DISCOVERY_IDENTITY,
    LOG_ARCHIVE,
    LOG_AUDIT,
    WORKER_IDENTITY,
    WORKER_MAILBOX,
)
from core.crypto.rings import ProcessRole, Ring, RingName, open_ring
from core.errors import ChanceryError, NotFound
from core.messaging.brake import oldest_unsealed_ms
from core.schema import archive
from core.settings import Settings
from core.store import Statement
from core.types import SystemClock

ROLE: Final = ProcessRole.WORKER

_PARTITIONS = Statement(select(archive.partitions.c.partition_id))


def check(settings: Settings, _: dict[str, Any]) -> dict[str, Any]:
    """Look at what the worker may open."""
    checks = [
        *(
            database_check(settings, ROLE, one)
            for one in (Database.ARCHIVE, Database.KEYSTORE, Database.DESK)
        ),
        ring_check(settings, ROLE, RingName.ARCHIVE),
        ring_check(settings, ROLE, RingName.LEDGER),
        Check("search engine", lambda: _index(settings), 3 * settings.elasticsearch_timeout_seconds),
        Check("files", lambda: _files(settings), 60.0),
        Check("ledger checkpoint", lambda: _ledger(settings)),
        Check("partition keys", lambda: _partitions(settings)),
        Check("unarchived messages", lambda: _waiting(settings)),
    ]
    ring = ring_or_none(settings, ROLE, RingName.ARCHIVE)
    own = _own(ring, ring_or_none(settings, ROLE, RingName.LEDGER))
    return told(checks, own=own, pins=pins_of(ring, DISCOVERY_IDENTITY, DESK_MAILBOX))


def _own(ring: Ring | None, ledger: Ring | None) -> dict[str, bytes]:
    given: dict[str, Callable[[], bytes]] = {}
    if ring is not None:
        given[WORKER_MAILBOX] = lambda: ring.mailbox().public.to_bytes()  # noqa: PLW0108 - opened where a failure is told
        given[WORKER_IDENTITY] = lambda: ring.signer().verifier.public
    if ledger is not None:
        given[LOG_ARCHIVE] = lambda: ledger.signer(LOG_ARCHIVE).verifier.public
        given[LOG_AUDIT] = lambda: ledger.signer(LOG_AUDIT).verifier.public
    return publics(given)


def _files(settings: Settings) -> Iterator[HealthLine]:
    """Keep and read a small blob, and let the sandbox read a line of text."""
    try:
        open_blob_store(settings).check()
        sandbox_of(settings).check()
    except ChanceryError as error:
        yield files_line("files", error.message)
    else:
        yield files_line("files", "")


def _index(settings: Settings) -> Iterator[HealthLine]:
    index = archive_index(settings)
    try:
        health = index.health()
        if health.ok:
            yield ok("search engine", health.detail)
        else:
            step = "See that it runs, can be reached from here, and that its disk has room. Sending goes on."
            yield red("search engine", health.detail, step)
        headroom = index.headroom() if health.reachable else None
        if headroom is not None:
            yield shard_line("search engine", headroom.used, headroom.limit)
    finally:
        index.close()


def _ledger(settings: Settings) -> Iterator[HealthLine]:
    """Compare the size of each published checkpoint, whose signature is checked, with the database."""
    ring = open_ring(RingName.LEDGER, settings.keys_dir, ROLE)
    store = open_store(settings, ROLE, Database.ARCHIVE)
    try:
        sizes = {log: store.read(lambda tx, of=log: rows.size(tx, of)) for log in Log}  # type: ignore[misc]
    finally:
        store.close()
    for log, size in sizes.items():
        name = "ledger checkpoint"
        try:
            note = read_note(ledger_folder(settings, log))
        except NotFound:
            if size:
                step = "Stop the suite and run `chancery ledger rebuild`: it is made again from the archive."
                yield red(name, f"The {log} log has {size:,} entries and no checkpoint.", step)
            else:
                yield ok(name, f"The {log} log has no entries yet.")
            continue
        published = open_note(note, ledger_origin(settings, log), ring.signer(LOG_KEYS[log]).verifier)
        if published.size > size:
            step = (
                "An older copy of the archive was put back. Restore the newest, or ask whoever restored it."
            )
            yield red(
                name, f"The {log} log has {published.size:,} entries signed, the archive only {size:,}.", step
            )
        else:
            yield ok(name, f"The {log} log: {published.size:,} of {size:,} entries are signed.")


def _partitions(settings: Settings) -> Iterator[HealthLine]:
    store = open_store(settings, ROLE, Database.ARCHIVE)
    try:
        there = {row.partition_id for row in store.read(lambda tx: tx.rows(_PARTITIONS))}
    finally:
        store.close()
    now = month_of(SystemClock().now())
    missing = {
        month: [name for name in CLASSES if partition_id(month, name) not in there]
        for month in (now, month_after(now))
    }
    step = "Start the desk, which makes keys ahead, or run `chancery keys rotate`; then start the worker."
    if missing[now]:
        says = f"The archive has no partition of {now} for {', '.join(missing[now])}: nothing is archived."
        yield red("partition keys", says, step)
    elif missing[month_after(now)]:
        yield warning("partition keys", f"Partitions of {month_after(now)} are not there yet.", step)
    else:
        yield ok("partition keys", f"Partitions are there up to {month_after(now)}.")


def _waiting(settings: Settings) -> Iterator[HealthLine]:
    store = open_store(settings, ROLE, Database.CHAT)
    try:
        oldest = store.read(oldest_unsealed_ms)
    finally:
        store.close()
    age = 0 if oldest is None else max(0, int(time.time() * 1000) - oldest)
    name = "unarchived messages"
    if age <= LAG_RED_MS:
        yield ok(name, "None is older than a minute.")
    else:
        says = (
            f"The oldest waits for {age // 1000:,} s; sending slows at {settings.archive_slow_seconds:,} s."
        )
        yield warning(name, says, "Start the worker if it is stopped; else look for `archiver` in its log.")
