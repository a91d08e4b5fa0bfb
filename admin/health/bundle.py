"""The support bundle: what somebody who helps from outside needs, and nothing that is a secret or anybody's.

What goes in is chosen, never what is left out: versions, settings of kinds that hold no secret, checks,
status files, revisions, sizes and counts, and lines of our own log. No key, password or text is read.
"""

import os
import platform
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import fields
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import func, select

from admin.databases import database_of
from admin.health.files import DESK_STATUS, WORKER_STATUS, read_status
from admin.health.limits import Check, run_checks
from admin.health.lines import HealthLine
from admin.migrations import current, head
from core import __version__
from core.access import Database
from core.schema.everything import METADATA
from core.settings import Settings

LAST_LINES: Final = 2_000
COUNT_WITHIN: Final = 20.0
_READ_AT_MOST: Final = 4 << 20

_OWN_LINE: Final = re.compile(r"timestamp=\S+ level=\w+ |\{\"timestamp\":")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IN_URL: Final = re.compile(r"//[^/@\s]*@")
_PASSWORD: Final = re.compile(r"(?i)(password|passwd|pwd|secret|token|api_?key)\s*=\s*('[^']*'|[^\s&;]+)")
_NAMED: Final = frozenset(
    {"ldap.bind_dn", "directory.roles", "directory.external_groups", "directory.service_groups"}
)
"""Settings that may name people: their values stay here."""


def write_bundle(
    path: Path, settings: Settings, lines: Sequence[HealthLine], logs: Sequence[Path] = ()
) -> list[str]:
    """Write the bundle to a new file that only its owner may read; return the names of what is in it."""
    files = dict(_files(settings, lines, logs))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return list(files)


def masked(text: str) -> str:
    """Return a text without passwords in addresses and without addresses of people."""
    return _ADDRESS.sub("<address>", _PASSWORD.sub(r"\1=<masked>", _IN_URL.sub("//<masked>@", text)))


def _files(
    settings: Settings, lines: Sequence[HealthLine], logs: Sequence[Path]
) -> Iterator[tuple[str, bytes]]:
    yield "versions.json", _json(_versions())
    yield "settings.json", _json(dict(_settings(settings)))
    yield "doctor.json", _json([line.as_dict() for line in lines])
    names = (
        WORKER_STATUS,
        DESK_STATUS,
        *sorted(p.name for p in settings.home.glob("realtime-status-*.json")),
    )
    for name in names:
        status = read_status(settings.home / name)
        if status is not None:
            yield f"status/{name}", _json(status)
    yield "databases.json", _json(_databases(settings))
    yield "sizes.json", _json(dict(_sizes(settings)))
    for number, log in enumerate(logs, 1):
        yield f"logs/{number}.log", _tail(log).encode()


def _versions() -> dict[str, Any]:
    return {
        "chancery": __version__,
        "python": sys.version,
        "system": platform.platform(),
        "packages": {one.metadata["Name"]: one.version for one in distributions()},
    }


def _settings(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Yield every setting: whether a secret is set, and of the others what they are."""
    for field in fields(settings):
        key, value = field.metadata["key"], getattr(settings, field.name)
        if field.metadata["secret"] or key in _NAMED:
            yield key, "<set>" if value else "<not set>"
        elif isinstance(value, bool | int | float | None):
            yield key, value
        else:
            yield key, list(value) if isinstance(value, tuple) else str(value)


def _databases(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def look(database: Database) -> list[HealthLine]:
        housed = database_of(settings, database)
        told: dict[str, Any] = {"revision": current(housed), "newest": head(database)}
        found[database] = told
        if told["revision"] is not None:
            with housed.connect() as connection:
                told["rows"] = {
                    table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                    for table in METADATA[database].sorted_tables
                }
        return []

    trouble = run_checks(
        [Check(database, lambda of=database: look(of), COUNT_WITHIN) for database in Database]  # type: ignore[misc]
    )
    return {**found, "trouble": [line.as_dict() for line in trouble]}


def _sizes(settings: Settings) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield how many files each folder of the house holds, and their bytes; keys are left alone."""
    for name in ("stores", "index", "ledger", "cache"):
        sizes = [path.stat().st_size for path in (settings.home / name).rglob("*") if path.is_file()]
        yield name, {"files": len(sizes), "bytes": sum(sizes)}


def _tail(path: Path) -> str:
    """Return the last lines of a log that are ours; of others only how many there were."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _READ_AT_MOST))
        lines = file.read().decode("utf-8", "replace").splitlines()[-LAST_LINES:]
    own = [masked(line) for line in lines if _OWN_LINE.match(line)]
    return "\n".join([f"{len(lines) - len(own)} lines of other programs are left out.", *own, ""])


def _json(value: Any) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(_masked_within(value), option=options)


def _masked_within(value: Any) -> Any:
    """Return a value with every text in it masked."""
    if isinstance(value, dict):
        return {str(key): _masked_within(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_within(one) for one in value]
    return masked(str(value)) if isinstance(value, str) else value
