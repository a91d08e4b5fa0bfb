"""Sealed blobs: what is kept tells nothing, ranges are what was asked for, and nothing can be moved about."""

import pytest

from core.blobs.sealed import CHUNK, Blob, Blobs, chunks_of
from core.crypto.envelope import Key
from core.errors import IntegrityError
from tests.fakes.blobs import MemoryBlobs

CONTENT = b"".join(bytes([number % 251]) for number in range(CHUNK)) * 2 + b"the end"


@pytest.fixture
def store() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def blobs(store: MemoryBlobs) -> Blobs:
    return Blobs(store)


def test_a_blob_is_read_back_whole(blobs: Blobs) -> None:
    assert blobs.whole(blobs.put(CONTENT)) == CONTENT


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (CHUNK - 1, CHUNK + 1), (CHUNK, 2 * CHUNK), (2 * CHUNK, len(CONTENT)), (5, 10**9)],
)
def test_any_range_is_read_without_the_rest(blobs: Blobs, store: MemoryBlobs, start: int, end: int) -> None:
    blob = blobs.put(CONTENT)
    assert b"".join(blobs.read(blob, start, end)) == CONTENT[start:end]


def test_nothing_of_the_content_stands_in_what_is_kept(blobs: Blobs, store: MemoryBlobs) -> None:
    blobs.put(b"the canary sings" * 1000)
    assert all(b"canary" not in kept for kept in store.objects.values())


def test_a_chunk_in_another_place_does_not_open(blobs: Blobs, store: MemoryBlobs) -> None:
    blob = blobs.put(CONTENT)
    first, second = f"{blob.id}.0", f"{blob.id}.1"
    store.objects[first], store.objects[second] = store.objects[second], store.objects[first]
    with pytest.raises(IntegrityError):
        blobs.whole(blob)


def test_a_chunk_of_another_blob_does_not_open(blobs: Blobs, store: MemoryBlobs) -> None:
    one, other = blobs.put(b"one"), blobs.put(b"two")
    store.objects[f"{one.id}.0"] = store.objects[f"{other.id}.0"]
    with pytest.raises(IntegrityError):
        blobs.whole(one)


def test_a_blob_cut_at_a_chunk_is_found(blobs: Blobs) -> None:
    blob = blobs.put(CONTENT)
    blobs.put_chunk(blob, 1, b"short")
    with pytest.raises(IntegrityError):
        blobs.whole(blob)


def test_without_its_key_a_blob_is_gone(blobs: Blobs) -> None:
    blob = blobs.put(b"content")
    with pytest.raises(IntegrityError):
        blobs.whole(Blob(blob.id, Key.generate(), blob.size))


def test_deleting_removes_every_chunk(blobs: Blobs, store: MemoryBlobs) -> None:
    blob = blobs.put(CONTENT)
    assert len(store.objects) == chunks_of(blob.size) == 3
    blobs.delete(blob.id, blob.size)
    assert store.objects == {}
