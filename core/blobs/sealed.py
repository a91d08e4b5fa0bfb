"""Sealed blobs: AES-256-GCM in chunks of one MiB, each an object of its own.

So an upload goes on where it stopped, a range is read without the rest, and no process ever holds a
whole file. A chunk is bound to its blob and its place; how long the blob is stands with its key, sealed,
wherever the blob is referred to: a chunk that is missing, moved or cut is found.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.blobs.port import BlobStore
from core.crypto.envelope import Key, associated, open_sealed, refused, seal
from core.types import new_id

CHUNK: Final = 1024 * 1024
DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Blob:
    """What a referrer keeps of a blob, sealed: its name, its key and its length."""

    id: str
    key: Key
    size: int
    pieces: bytes = b""
    """What :func:`piece_digest` says of each chunk, where they came in one by one: no other is read."""

    @classmethod
    def new(cls, size: int) -> "Blob":
        """Return a blob that is not written yet."""
        return cls(new_id(), Key.generate(), size)

    @classmethod
    def from_dict(cls, told: dict[str, object]) -> "Blob":
        """Return what :meth:`as_dict` told."""
        return cls(
            str(told["id"]),
            Key(bytes.fromhex(str(told["key"]))),
            int(str(told["size"])),
            bytes.fromhex(str(told.get("pieces", ""))),
        )

    def as_dict(self) -> dict[str, object]:
        """Return it as plain values, to be sealed at once."""
        told: dict[str, object] = {"id": self.id, "key": self.key.material.hex(), "size": self.size}
        return {**told, "pieces": self.pieces.hex()} if self.pieces else told


class Blobs:
    """Reads and writes blobs of one store."""

    def __init__(self, store: BlobStore) -> None:
        self.store = store

    def put_chunk(self, blob: Blob, index: int, content: bytes) -> None:
        """Write one chunk; every one but the last has :data:`CHUNK` bytes."""
        self.store.put(_object(blob.id, index), seal(blob.key, content, _bound(blob.id, index)))

    def put(self, content: bytes) -> Blob:
        """Write ``content`` as a new blob."""
        blob = Blob.new(len(content))
        for index in range(chunks_of(blob.size)):
            self.put_chunk(blob, index, content[index * CHUNK : (index + 1) * CHUNK])
        return blob

    def read(self, blob: Blob, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to before ``end``, a chunk at a time.

        Raises:
            NotFound: ``no_blob``.
            IntegrityError: a chunk is not the one that was written there.
            Unavailable: ``blobs_unavailable``.
        """
        end = blob.size if end is None else min(end, blob.size)
        for index in range(start // CHUNK, chunks_of(end)):
            content = open_sealed(blob.key, self.store.get(_object(blob.id, index)), _bound(blob.id, index))
            known = blob.pieces[index * DIGEST : (index + 1) * DIGEST]
            if len(content) != min(CHUNK, blob.size - index * CHUNK) or (
                blob.pieces and piece_digest(content) != known
            ):
                raise refused()
            yield content[max(0, start - index * CHUNK) : end - index * CHUNK]

    def whole(self, blob: Blob) -> bytes:
        """Return all of it; for what is known to be small. Raises as :meth:`read`."""
        return b"".join(self.read(blob))

    def delete(self, blob: str, size: int) -> None:
        """Remove every chunk of a blob; may be repeated. Raises Unavailable."""
        for name in objects_of(blob, size):
            self.store.delete(name)


def piece_digest(content: bytes) -> bytes:
    """Return by what a chunk is known again; it stands sealed beside the key."""
    return hashlib.sha256(content).digest()[:DIGEST]


def chunks_of(size: int) -> int:
    """Return how many chunks hold ``size`` bytes."""
    return -(-size // CHUNK)


def objects_of(blob: str, size: int) -> Iterator[str]:
    """Yield the names of the objects in which a blob of ``size`` bytes is kept."""
    for index in range(chunks_of(size)):
        yield _object(blob, index)


def blob_of(name: str) -> str:
    """Return the blob that an object of a store belongs to."""
    return name.partition(".")[0]


def _object(blob: str, index: int) -> str:
    return f"{blob}.{index}"


def _bound(blob: str, index: int) -> bytes:
    return associated("blob-chunk/v1", blob, index)
