"""Brings a house back from a backup, into an empty place only.

Everything is verified before anything is written: both halves of one house, whole, of a version that
this program understands, the keys no older than the data. A restore that fails leaves nothing; one that
was killed is no house, and the next begins anew (see :mod:`admin.house`).

What was decided since the backup holds: a partition whose destruction is known, from the keystore of the
keys or from any newer backup beside the data, gets no keys back and is destroyed again.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert, select, update

from admin.backups.files import restore_files
from admin.backups.keys_file import KEYS, SETTINGS, KeysReader, is_condemned, opened_keys, write_key
from admin.backups.manifest import (
    DATA_STORES,
    MANIFEST,
    Disposition,
    Manifest,
    damaged,
    house_of_pins,
    measure,
    parse_manifest,
)
from admin.backups.take import LEDGER, copy_name
from admin.databases import database_of
from admin.house import setting_up
from admin.migrations import current, head, knows, upgrade
from admin.wiring.evidence import ledger_folder
from admin.wiring.policy import highest_path
from audit.ledger.checkpoint import write_checkpoint
from audit.ledger.entries import Log
from audit.retention.dispose import DispositionState
from core.access import Database
from core.crypto import keyfiles
from core.crypto.pins import PINS_FILE
from core.crypto.rings import HOLDERS, RingName
from core.errors import ChanceryError, Conflict, IntegrityError
from core.schema import archive, keystore
from core.settings import Settings
from core.types import Clock, from_ms, to_ms
from policies.highest import HighestBundle

_DRAFT: Final = ".restoring"
_PINS: Final = f"{KEYS}/{RingName.CHAT}/{PINS_FILE}"
_LATE: Final = (DispositionState.EXPIRING, DispositionState.DESTROYED)

Reach = Callable[[str], None]
"""Told at each step; a fault test dies there."""


@dataclass(frozen=True, slots=True)
class Halves:
    """A backup that was verified: what each half says, its settings, and what must not come back."""

    data: Manifest
    keys: Manifest
    settings: bytes | None
    dispositions: tuple[Disposition, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the halves, the partitions that get no keys back, and what differs, by name."""

    halves: Halves
    withheld: tuple[str, ...]
    differences: tuple[str, ...]


def verify(
    data: Path, keys: Path, passphrase: str, clock: Clock, kind: str, *, accept_ended: bool = False
) -> Halves:
    """Read both halves from end to end; return what they say.

    Raises:
        IntegrityError: ``backup_damaged``, ``backup_closed``, ``backup_newer``.
        Conflict: ``foreign_backup``, ``keys_older``, ``keys_ended``, ``backup_kind``.
    """
    content = _read(data / MANIFEST)
    of_data = parse_manifest(content)
    for name, file in of_data.files.items():
        if not (data / name).is_file() or measure(data / name) != file:
            raise damaged(name)
    with opened_keys(keys, passphrase) as reader:
        settings = _read_through(reader)
        of_keys = reader.manifest
    _check_fit(of_data, of_keys, hashlib.sha256(content).hexdigest())
    if of_data.kind != kind:
        raise Conflict(
            f"This backup is of databases of kind {of_data.kind!r}, the settings say {kind!r}. Restore it as "
            "what it is; `chancery db move` moves a house to a server.",
            code="backup_kind",
        )
    if of_keys.ends_ms <= to_ms(clock.now()) and not accept_ended:
        day = from_ms(of_keys.ends_ms).astimezone(UTC).date()
        raise Conflict(
            f"The time of these keys ended on {day}: they may open what retention has destroyed since. Take "
            "newer ones, or say --accept-ended.",
            code="keys_ended",
        )
    for database in Database:
        half = of_data if database in DATA_STORES else of_keys
        if not knows(database, half.revisions[database]):
            raise IntegrityError(
                "This backup was made by a newer version of Chancery. Install that one first.",
                code="backup_newer",
            )
    return Halves(of_data, of_keys, settings, _known_dispositions(data, of_data, of_keys))


def restore(
    settings: Settings,
    data: Path,
    keys: Path,
    passphrase: str,
    halves: Halves,
    *,
    settle: Callable[[], list[str]],
    reach: Reach = lambda _: None,
) -> Restored:
    """Make the house from halves that were verified; ``settle`` puts it in order, and names what differs.

    Raises:
        Conflict: ``already_initialised``, ``being_set_up``, ``older_policy``; nothing was changed.
        Unavailable: ``blobs_unavailable``; nothing is left.
    """
    places = [highest_path(settings, role) for role, rings in HOLDERS.items() if RingName.CHAT in rings]
    highest, place = max((HighestBundle(each).number(), each) for each in places)
    if halves.data.policy < highest:
        raise Conflict(
            f"This machine has enforced policy {highest}; the backup has {halves.data.policy}, and an older "
            f"policy is never enforced again. Take a newer backup, or move {place} away.",
            code="older_policy",
        )
    with setting_up(settings):
        reach("restore.begun")
        withheld = _write_keys(settings, keys, passphrase, halves, reach)
        for database in DATA_STORES:
            database_of(settings, database).load(data / copy_name(database, halves.data.kind))
            reach(f"restore.{database}")
        restore_files(settings, data)
        reach("restore.files")
        for log in Log:
            note = data / LEDGER / log
            if note.exists():
                write_checkpoint(ledger_folder(settings, log), note.read_bytes())
        reach("restore.ledger")
        for database in Database:
            housed = database_of(settings, database)
            if current(housed) == head(database):
                housed.settle_grants()
            else:
                upgrade(housed)
        with database_of(settings, Database.ARCHIVE).connect() as connection:
            # Nobody who held a lease is alive.
            connection.execute(update(archive.leases).values(until_ms=0))
            there = {row[0] for row in connection.execute(select(archive.partitions.c.partition_id))}
            connection.commit()
        with database_of(settings, Database.KEYSTORE).connect() as connection:
            again = _condemn_again(connection, halves.dispositions, there)
            connection.commit()
        reach("restore.dispositions")
        found = settle()
        # Files were synced one by one; this is for the folders that name them.
        os.sync()
        reach("restore.settled")
    return Restored(halves, tuple(sorted({*withheld, *again})), tuple(found))


def _write_keys(settings: Settings, keys: Path, passphrase: str, halves: Halves, reach: Reach) -> set[str]:
    """Write the key files and the keystore; return the partitions whose keys were left out."""
    withheld: set[str] = set()
    keystore_copy = copy_name(Database.KEYSTORE, halves.keys.kind)
    draft = settings.home / "stores" / _DRAFT
    settings.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft.parent.mkdir(exist_ok=True, mode=0o700)
    with opened_keys(keys, passphrase) as reader:
        for place, entry, file in reader.members():
            if place.parts[0] == KEYS:
                path = place.relative_to(KEYS)
                condemned = is_condemned(path, halves.dispositions)
                if condemned is None:
                    write_key(settings.keys_dir, path, entry, file)
                else:
                    withheld.add(condemned)
            elif entry.name == keystore_copy and file is not None:
                with draft.open("wb") as target:
                    draft.chmod(0o600)
                    while part := file.read(1 << 20):
                        target.write(part)
    reach("restore.keys")
    database_of(settings, Database.KEYSTORE).load(draft)
    keyfiles.destroy(draft)
    reach("restore.keystore")
    return withheld


def _condemn_again(connection: Connection, known: Sequence[Disposition], there: set[str]) -> set[str]:
    """Let the desk destroy again what was condemned and is in the restored archive; return that."""
    c = keystore.dispositions.c
    states = {row.partition_id: row.state for row in connection.execute(select(keystore.dispositions))}
    again: set[str] = set()
    for one in known:
        if one.partition not in states:
            connection.execute(
                insert(keystore.dispositions).values(
                    partition_id=one.partition,
                    state=DispositionState.KEYLESS,
                    due_ms=one.due_ms,
                    condemned_by=one.condemned_by,
                    condemned_ms=one.condemned_ms,
                )
            )
            again.add(one.partition)
        elif states[one.partition] in _LATE and one.partition in there:
            connection.execute(
                update(keystore.dispositions)
                .where(c.partition_id == one.partition)
                .values(state=DispositionState.KEYLESS, destroyed_ms=None)
            )
            again.add(one.partition)
    return again


def _read_through(reader: KeysReader) -> bytes | None:
    """Read to the end, so that every byte is verified; return the settings."""
    settings: bytes | None = None
    house = ""
    for place, entry, file in reader.members():
        if file is None:
            continue
        if entry.name == SETTINGS:
            settings = file.read()
        elif str(place) == _PINS:
            house = house_of_pins(file.read())
        else:
            while file.read(1 << 20):
                pass
    if house != reader.manifest.house:
        raise damaged(_PINS)
    return settings


def _check_fit(data: Manifest, keys: Manifest, data_sha256: str) -> None:
    if data.house != keys.house:
        raise Conflict("Data and keys are of two different houses.", code="foreign_backup")
    if data.id == keys.id:
        if keys.data_sha256 != data_sha256:
            raise damaged(MANIFEST)
    elif keys.made_ms < data.made_ms:
        raise Conflict(
            "The keys are older than the data, so they would not open all of it. Take those of the same "
            "backup, or newer ones.",
            code="keys_older",
        )


def _known_dispositions(data: Path, of_data: Manifest, of_keys: Manifest) -> tuple[Disposition, ...]:
    """Return every decision that either half knows, or a newer backup of this house beside the data."""
    known = {one.partition: one for one in (*of_data.dispositions, *of_keys.dispositions)}
    for path in sorted(data.parent.glob(f"*/{MANIFEST}")):
        try:
            other = parse_manifest(path.read_bytes())
        except ChanceryError:
            continue  # another program's, or a newer one's: it says nothing to us
        if other.house == of_data.house:
            known |= {one.partition: one for one in other.dispositions if one.partition not in known}
    return tuple(known[partition] for partition in sorted(known))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise damaged(path.name) from None
