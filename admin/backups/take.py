"""Takes a backup of a house, in use or not: data into one folder, keys into a sealed file in another.

Either half appears whole or not at all: it is written under a name that begins with a dot, synced, and
renamed; the keys first, so that data which is there always has its keys. The process opens no ring: it
copies bytes.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import core
from admin.backups.files import Spoken, keep_files, place_of, spoken_of
from admin.backups.keys_file import SETTINGS, SUFFIX, KeyFile, KeysWriter, is_condemned, key_files
from admin.backups.manifest import (
    DATA_STORES,
    FORMAT,
    MANIFEST,
    Disposition,
    Manifest,
    StoredFile,
    house_of,
    measure,
)
from admin.backups.moment import moment_of
from admin.databases import database_of
from admin.house import check_whole
from audit.ledger.tiles import sync_folder
from core.access import Database
from core.crypto import keyfiles
from core.crypto.passphrase import PassphraseCost, check_passphrase, read_clear
from core.errors import ChanceryError, Conflict, InvalidInput
from core.settings import Settings
from core.types import Clock, new_id, to_ms

LOCK: Final = ".backup"
LEDGER: Final = "ledger"
_DRAFT: Final = ".draft-"
_POLICY: Final = "SELECT COALESCE(MAX(number), 0) FROM bundles"
_REVISION: Final = "SELECT version_num FROM alembic_version"
_ENTRIES: Final = "SELECT log, MAX(seq) + 1 FROM ledger_entries GROUP BY log"
_DISPOSITIONS: Final = (
    "SELECT partition_id, state, due_ms, condemned_by, condemned_ms FROM dispositions ORDER BY partition_id"
)


Drafts = tuple[Path, Path, Path]
"""Where the halves are written first, and the keystore beside the house: data, keys, home."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken: its halves, for how long writers waited, and which old keys were removed."""

    data: Path
    keys: Path
    manifest: Manifest
    removed: tuple[Path, ...]


def take(
    settings: Settings,
    clock: Clock,
    *,
    data: Path,
    keys: Path,
    passphrase: str,
    name: str,
    settings_from: Path | None = None,
    record: Callable[[], None] = lambda: None,
) -> Taken:
    """Take a backup into the folders ``data`` and ``keys``; remove backups of keys whose time is over.

    ``record`` puts on record that it is taken, before the moment, so that the backup says so itself.

    Raises:
        InvalidInput: ``passphrase_too_short``, ``same_place``.
        NotFound: ``not_set_up``.
        Conflict: ``backup_running``; ``half_set_up``; ``migrations_behind``.
        Unavailable: ``store_unavailable``, ``tool_missing``, ``tool_too_old``, ``tool_failed``,
            ``blobs_unavailable``.
        IntegrityError: ``database_damaged``.
    """
    check_passphrase(passphrase)
    if data.resolve() == keys.resolve():
        raise InvalidInput(
            "Data and keys go to two places: together they open everything.", code="same_place"
        )
    check_whole(settings)
    for folder in (data, keys):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(settings.home):
        house = house_of(settings.keys_dir)
        draft = f"{_DRAFT}{house}"
        drafts = (data / draft, keys / draft, settings.home / draft)
        _remove(*drafts)
        record()
        try:
            manifest, spoken = _copy(settings, clock, house, name, drafts)
            lost = keep_files(settings, spoken, drafts[0])
            manifest = replace(manifest, files=_measured(drafts[0]), lost=lost)
            # Looked at after the key files were read: what was condemned by then is left out of them.
            files = list(key_files(settings.keys_dir))
            manifest = replace(manifest, dispositions=_dispositions(settings))
            _write(drafts[0] / MANIFEST, manifest.to_bytes())
            _sync_all(drafts[0])
            _seal_keys(settings, manifest, files, drafts, passphrase, settings_from)
            drafts[1].rename(keys / f"{name}{SUFFIX}")
            sync_folder(keys)
            drafts[0].rename(data / name)
            sync_folder(data)
        finally:
            _remove(*drafts)
        removed = _remove_old(keys, house, manifest.made_ms)
        return Taken(data / name, keys / f"{name}{SUFFIX}", manifest, removed)


def new_name(settings: Settings, clock: Clock) -> str:
    """Return a name for a backup: the firm, the time, and something that no other has."""
    return f"{settings.tenant}-{clock.now():%Y%m%dT%H%M%SZ}-{new_id()[:8]}"


def copy_name(database: str, kind: str) -> str:
    """Return the name of a database's copy in a backup."""
    return f"{database}.dump" if kind == "postgresql" else f"{database}.db"


def _copy(settings: Settings, clock: Clock, house: str, name: str, drafts: Drafts) -> tuple[Manifest, Spoken]:
    """Copy the databases and checkpoints of one moment; return what is known of it, and its files."""
    data, _, home = drafts
    kind = settings.database_kind
    for folder in (data, data / LEDGER, home):
        folder.mkdir(mode=0o700)
    with moment_of(settings) as moment:
        made = clock.now()
        for log, note in moment.checkpoints.items():
            _write(data / LEDGER / log, note)
        for database, snapshot in moment.snapshots.items():
            folder = data if database in DATA_STORES else home
            snapshot.copy_to(folder / copy_name(database, kind))
        shots = moment.snapshots
        spoken = spoken_of(shots[Database.CHAT], shots[Database.ARCHIVE])
        manifest = Manifest(
            format=FORMAT,
            id=name,
            house=house,
            tenant=settings.tenant,
            version=core.__version__,
            kind=kind,
            made_ms=to_ms(made),
            ends_ms=to_ms(made + timedelta(days=settings.backup_keys_days)),
            stopped_ms=round(moment.stopped_ms, 1),
            revisions={str(database): str(shot.rows(_REVISION)[0][0]) for database, shot in shots.items()},
            entries={str(log): int(size) for log, size in shots[Database.ARCHIVE].rows(_ENTRIES)},
            policy=int(shots[Database.CHAT].rows(_POLICY)[0][0]),
            dispositions=(),
            files={},
            blobs=place_of(settings),
        )
        return manifest, spoken


def _measured(data: Path) -> dict[str, StoredFile]:
    return {str(path.relative_to(data)): measure(path) for path in sorted(data.rglob("*")) if path.is_file()}


def _seal_keys(
    settings: Settings,
    manifest: Manifest,
    files: list[KeyFile],
    drafts: Drafts,
    passphrase: str,
    settings_from: Path | None,
) -> None:
    data, sealed, home = drafts
    keystore = copy_name(Database.KEYSTORE, manifest.kind)
    of_keys = replace(manifest, files={}, data_sha256=measure(data / MANIFEST).sha256)
    cost = PassphraseCost(settings.argon2_memory_kib, settings.argon2_passes)
    descriptor = os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        writer = KeysWriter(file, passphrase, of_keys, cost)
        if settings_from is not None:
            writer.add(SETTINGS, settings_from.read_bytes())
        writer.add_file(keystore, home / keystore)
        for key in files:
            if is_condemned(key.path, manifest.dispositions) is None:
                writer.add_key(key)
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    keyfiles.destroy(home / keystore)


def _dispositions(settings: Settings) -> tuple[Disposition, ...]:
    now = database_of(settings, Database.KEYSTORE).snapshot()
    try:
        return tuple(Disposition(*row) for row in now.rows(_DISPOSITIONS))
    finally:
        now.close()


def _remove_old(keys: Path, house: str, now_ms: int) -> tuple[Path, ...]:
    """Remove this house's backups of keys whose time is over: they open what was destroyed since."""
    removed = []
    for path in sorted(keys.glob(f"*{SUFFIX}")):
        try:
            with path.open("rb") as file:
                clear = read_clear(file)
            over = clear["house"] == house and int(clear["ends_ms"]) <= now_ms
        except (ChanceryError, KeyError, ValueError):
            continue  # not ours
        if over:
            keyfiles.destroy(path)
            removed.append(path)
    return tuple(removed)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    lock = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Conflict(
            "Another backup of this house is being taken. Wait for it, or stop it.", code="backup_running"
        ) from None
    finally:
        os.close(lock)


def _remove(*drafts: Path) -> None:
    """Remove what a backup that did not come to its end left, also one that was killed."""
    for draft in drafts:
        if draft.is_dir():
            shutil.rmtree(draft)
        else:
            draft.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_all(folder: Path) -> None:
    for path in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        sync_folder(path)
