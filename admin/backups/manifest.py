"""What a backup says of itself: which house, when, at which revisions, and the hash of each file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from core.access import Database
from core.crypto.envelope import associated
from core.crypto.pins import DISCOVERY_IDENTITY, PINS_FILE, parse_pins
from core.crypto.rings import RingName
from core.errors import ChanceryError, IntegrityError, NotFound

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
DATA_STORES: Final = (Database.CHAT, Database.ARCHIVE, Database.DESK)
"""The databases of the data; the keystore is with the keys."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a backup."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Disposition:
    """A partition whose destruction was decided: nothing of it may come back from an older backup."""

    partition: str
    state: str
    due_ms: int
    condemned_by: str
    condemned_ms: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in one half of a backup. ``data_sha256`` is of the other half's manifest, in the keys'.

    ``blobs`` says where the house keeps files; ``lost`` are the objects that it spoke of and had no more.
    """

    format: int
    id: str
    house: str
    tenant: str
    version: str
    kind: str
    made_ms: int
    ends_ms: int
    stopped_ms: float
    revisions: Mapping[str, str]
    entries: Mapping[str, int]
    policy: int
    dispositions: tuple[Disposition, ...]
    files: Mapping[str, StoredFile]
    data_sha256: str = ""
    blobs: str = ""
    lost: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def parse_manifest(content: bytes) -> Manifest:
    """Return the manifest that :meth:`Manifest.to_bytes` wrote.

    Raises:
        IntegrityError: ``backup_damaged``; ``backup_newer`` if a newer program wrote it.
    """
    try:
        found = msgspec.json.decode(content)
        newer = int(found["format"]) > FORMAT
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        raise damaged(MANIFEST) from None
    if newer:
        raise IntegrityError(
            "This backup was made by a newer version of Chancery. Install that one first.",
            code="backup_newer",
        )
    try:
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError:
        raise damaged(MANIFEST) from None


def damaged(name: str) -> IntegrityError:
    """Return the error for a file of a backup that is not what its manifest says."""
    return IntegrityError(
        f"{name} of this backup is missing or altered. Nothing was restored; take another backup.",
        code="backup_damaged",
        file=name,
    )


def measure(path: Path) -> StoredFile:
    """Return size and hash of a file."""
    with path.open("rb") as file:
        return StoredFile(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def house_of(keys_dir: Path) -> str:
    """Return what tells one house from every other: a hash of its desk's public identity.

    Raises:
        NotFound: ``keys_missing``.
    """
    try:
        content = (keys_dir / RingName.CHAT / PINS_FILE).read_bytes()
    except FileNotFoundError:
        raise NotFound(
            f"There are no keys of a house at {keys_dir}: run `chancery init`.", code="keys_missing"
        ) from None
    return house_of_pins(content)


def house_of_pins(content: bytes) -> str:
    """Return the same from the content of the chat ring's pins. Raises IntegrityError."""
    try:
        identity = parse_pins(content)[DISCOVERY_IDENTITY]
    except (KeyError, ChanceryError):
        raise damaged(PINS_FILE) from None
    return hashlib.sha256(associated("house/v1", identity)).hexdigest()[:32]
