"""What every role looks at: its databases, its rings of keys, and what each ring pins of the others."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import extract, func, select, text

from admin.databases import database_of
from admin.databases.revision import revision_of
from admin.health.checks.rights import rights_line
from admin.health.limits import Check, NotWell, run_checks
from admin.health.lines import HealthLine, ok, red, unchecked, warning
from admin.health.report import revision_line
from core.access import Database
from core.crypto import keyfiles
from core.crypto.pins import Pins
from core.crypto.rings import ProcessRole, Ring, RingName, open_ring
from core.errors import ChanceryError, NotFound
from core.settings import Settings
from core.store import Statement, Store

CLOCK_WARN_S: Final = 2.0
CLOCK_RED_S: Final = 30.0

_TABLES_AT_SERVER = Statement(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
_TABLES = Statement(text("SELECT count(*) FROM sqlite_master"))
# They hold the same keys, so one looks for both.
_SAME_RING: Final = {ProcessRole.PAGES: (ProcessRole.PAGES, ProcessRole.REALTIME)}
_NOW = Statement(select(extract("epoch", func.clock_timestamp())))

Look = Callable[[], Iterator[HealthLine]]


def told(checks: list[Check], *, own: Mapping[str, bytes], pins: Mapping[str, bytes]) -> dict[str, Any]:
    """Run the checks; return what a step tells the doctor: lines, and public keys by their hashes."""
    return {
        "lines": [line.as_dict() for line in run_checks(checks)],
        "own": {name: _hash(public) for name, public in own.items()},
        "pins": {name: _hash(public) for name, public in pins.items()},
    }


def database_check(settings: Settings, role: ProcessRole, database: Database) -> Check:
    """Return the check of one database, as its role reaches it: it answers, and is of this program."""

    def look() -> Iterator[HealthLine]:
        store = _opened(settings, role, database)
        try:
            if _is_empty(settings, store):
                yield revision_line(database, None)
                return
            yield revision_line(database, revision_of(store))
            if settings.database_kind == "postgresql":
                roles = _SAME_RING.get(role, (role,))
                yield rights_line(store, settings.postgresql_prefix, roles, database)
                if database is not Database.KEYSTORE:
                    yield _clock(store, database)
        finally:
            store.close()

    return Check(f"{database} database", look)


def open_store(settings: Settings, role: ProcessRole, database: Database) -> Store:
    """Open a database for a check of what is in it.

    Raises:
        NotWell: the database is away or empty, which has a line of its own.
        PermissionError: this user may not read its file.
    """
    try:
        store = _opened(settings, role, database)
        if _is_empty(settings, store):
            store.close()
            raise NotWell(f"the {database} database")
    except ChanceryError as error:
        raise NotWell(f"the {database} database") from error
    return store


def _opened(settings: Settings, role: ProcessRole, database: Database) -> Store:
    """Open a database, or raise PermissionError where this user may not read its file."""
    path = settings.home / "stores" / f"{database}.db"
    if settings.database_kind == "sqlite" and path.exists() and not os.access(path, os.R_OK):
        raise PermissionError(13, "Permission denied", str(path))
    return database_of(settings, database).open(role)


def _is_empty(settings: Settings, store: Store) -> bool:
    """Tell whether a database has no tables, as one that was made and not set up yet. Raises Unavailable."""
    statement = _TABLES_AT_SERVER if settings.database_kind == "postgresql" else _TABLES
    return not store.read(lambda tx: tx.value(statement))


def ring_check(settings: Settings, role: ProcessRole, name: RingName) -> Check:
    """Return the check of one ring: its files are there, are its owner's alone, and open."""

    def look() -> Iterator[HealthLine]:
        folder = settings.keys_dir / name
        if not folder.exists() and settings.database_kind == "postgresql":
            yield unchecked(f"{name} keys", f"Not kept on this machine: there is no {folder}.")
            return
        open_ring(name, settings.keys_dir, role)
        count, owner = 0, folder.stat().st_uid
        for path in sorted(folder.rglob("*")):
            if path.is_dir():
                keyfiles.check_folder(path)
            else:
                keyfiles.read(path)
                count += 1
            if path.stat().st_uid != owner:
                step = f"Give it to the user of {role}: `chown --reference={folder} {path}`."
                yield red(f"{name} keys", f"{path} belongs to another user than its folder.", step)
                return
        yield ok(f"{name} keys", f"The ring opens; {count:,} files, each for its owner alone.")

    return Check(f"{name} keys", look)


def ring_or_none(settings: Settings, role: ProcessRole, name: RingName) -> Ring | None:
    """Return a ring if it can be opened; that it cannot is told by :func:`ring_check`."""
    try:
        return open_ring(name, settings.keys_dir, role)
    except Exception:
        return None


def publics(given: Mapping[str, Callable[[], bytes]]) -> dict[str, bytes]:
    """Return public keys by name, without those that cannot be had; the check of their ring says why."""
    found = {}
    for name, give in given.items():
        with suppress(Exception):
            found[name] = give()
    return found


def pins_of(ring: Ring | None, *names: str) -> dict[str, bytes]:
    """Return what a ring pins, under ``RING/NAME``; without what it does not pin."""
    found = {}
    for name in names if ring is not None else ():
        assert ring is not None
        with suppress(Exception):
            found[f"{ring.name}/{name}"] = _pin(ring, name)
    return found


def _pin(ring: Ring, name: str) -> bytes:
    try:
        return Pins(ring).get(name)
    except NotFound:
        return b""


def disk_lines(settings: Settings) -> Iterator[HealthLine]:
    """Yield how much room the disks have on which this house writes."""
    seen: set[int] = set()
    stores = [settings.home / "stores"] if settings.database_kind == "sqlite" else []
    for path in (settings.home, *stores, settings.home / "index", settings.keys_dir):
        if path.exists() and path.stat().st_dev not in seen:
            seen.add(path.stat().st_dev)
            yield _disk(settings, path)


def _disk(settings: Settings, path: Path) -> HealthLine:
    room = os.statvfs(path)
    free = room.f_bavail * room.f_frsize // (1 << 20)
    says = f"{free:,} MiB are free where {path} is."
    if room.f_files and room.f_favail < room.f_files // 100:
        return red(
            "disk", f"{says} Hardly any more files can be made there.", "Delete files, or use a larger disk."
        )
    step = (
        f"Make room there: a full disk stops sending. `du -xh {path} | sort -h | tail` shows what is large."
    )
    if free < settings.disk_full_mib:
        return red("disk", says, step)
    return warning("disk", says, step) if free < settings.disk_low_mib else ok("disk", says)


def _clock(store: Store, database: Database) -> HealthLine:
    """Compare this machine's clock with the database server's, as well as the way there lets one."""
    before = time.time()
    there = float(store.read(lambda tx: tx.value(_NOW)))
    after = time.time()
    off = max(before - there, there - after, 0.0)
    name, says = "clock", f"{off:.1f} s apart from the server of the {database} database."
    step = "Set both by one time service: `timedatectl` and `chronyc tracking` show how each is set."
    if off >= CLOCK_RED_S:
        return red(name, says, step)
    return warning(name, says, step) if off >= CLOCK_WARN_S else ok(name, says)


def _hash(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest() if public else ""
