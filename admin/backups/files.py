"""The files that people sent, in a backup: sealed objects, copied where they lie in a folder.

Objects are written once and never changed, and each is noted in a database before it is written. So what
the databases' moment speaks of is copied after it, and nothing else is. What was removed lawfully while
it was copied is no longer spoken of now; what is still spoken of and not there was lost before.

A bucket is another firm's disk, or another room's, with copies of its own: it is named, and looked through.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from admin.databases import database_of
from admin.databases.port import Snapshot
from core.access import Database
from core.blobs.folder import FolderBlobs
from core.blobs.open import open_blob_store
from core.blobs.port import BlobStore
from core.blobs.sealed import objects_of
from core.errors import NotFound
from core.messaging.files.held import WHOLE
from core.messaging.files.model import Role
from core.settings import Settings

BLOBS: Final = "blobs"
"""The folder of the files among the data."""
FOLDER: Final = "folder"

_OF_CHAT: Final = (
    "SELECT b.blob_id, b.size, b.role, f.state FROM file_blobs b JOIN files f ON f.id = b.file_id"
)
_OF_ARCHIVE: Final = "SELECT blob_id, size FROM blob_references"


@dataclass(frozen=True, slots=True)
class Spoken:
    """The objects that databases of one moment speak of, and those among them that have to be there.

    What was made of a file (small pictures, its text) may have been noted by a reader that died.
    """

    all: frozenset[str]
    needed: frozenset[str]


def spoken_of(chat: Snapshot, archive: Snapshot) -> Spoken:
    """Return what two snapshots speak of."""
    kept = list(_objects((blob, size) for blob, size in archive.rows(_OF_ARCHIVE)))
    rows = chat.rows(_OF_CHAT)
    original = [(blob, size) for blob, size, role, state in rows if role == Role.ORIGINAL and state in WHOLE]
    every = {*kept, *_objects((blob, size) for blob, size, *_ in rows)}
    return Spoken(frozenset(every), frozenset([*kept, *_objects(original)]))


def place_of(settings: Settings) -> str:
    """Return what a manifest says about where files are kept."""
    if settings.blobs_kind == "folder":
        return FOLDER
    return (
        f"bucket {settings.s3_bucket} at {settings.s3_endpoint or 'AWS'}, {settings.s3_prefix or 'no prefix'}"
    )


def keep_files(settings: Settings, spoken: Spoken, data: Path) -> tuple[str, ...]:
    """Copy files out of a folder, or look through a bucket; return the objects that are lost.

    Raises:
        Unavailable: ``blobs_unavailable``, ``store_unavailable``.
    """
    store = open_blob_store(settings)
    there = (
        _copied(store, spoken.all, data / BLOBS) if settings.blobs_kind == "folder" else set(store.names())
    )
    lacking = spoken.needed - there
    return tuple(sorted(lacking & _needed_now(settings))) if lacking else ()


def restore_files(settings: Settings, data: Path) -> None:
    """Put the files of a backup to where the settings keep files. Raises Unavailable."""
    store, kept = open_blob_store(settings), FolderBlobs(data / BLOBS)
    for name in kept.names():
        store.put(name, kept.get(name))


def _copied(store: BlobStore, names: Iterable[str], folder: Path) -> set[str]:
    copy, there = FolderBlobs(folder), set()
    for name in sorted(names):
        try:
            copy.put(name, store.get(name))
        except NotFound:
            continue
        there.add(name)
    return there


def _needed_now(settings: Settings) -> frozenset[str]:
    chat, archive = (database_of(settings, one).snapshot() for one in (Database.CHAT, Database.ARCHIVE))
    try:
        return spoken_of(chat, archive).needed
    finally:
        chat.close()
        archive.close()


def _objects(blobs: Iterable[tuple[str, int]]) -> Iterator[str]:
    for blob, size in blobs:
        yield from objects_of(blob, size)
