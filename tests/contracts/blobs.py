"""What every place for blobs promises: a folder, a bucket, and the one in memory that tests use."""

import pytest

from core.blobs.port import BlobStore
from core.errors import NotFound
from core.types import SystemClock, new_id, to_ms


class BlobStoreContract:
    """Inherit from it, and give a fixture ``store``."""

    def test_what_was_put_is_got_again(self, store: BlobStore) -> None:
        store.put(name := new_id() + ".0", b"content")
        assert store.get(name) == b"content"

    def test_putting_again_replaces_it_whole(self, store: BlobStore) -> None:
        name = new_id() + ".0"
        store.put(name, b"a longer first content")
        store.put(name, b"second")
        assert store.get(name) == b"second"

    def test_what_is_not_there_is_told_by_its_code(self, store: BlobStore) -> None:
        with pytest.raises(NotFound) as refused:
            store.get(new_id() + ".0")
        assert refused.value.code == "no_blob"

    def test_deleting_may_be_repeated(self, store: BlobStore) -> None:
        store.put(name := new_id() + ".0", b"content")
        store.delete(name)
        store.delete(name)
        with pytest.raises(NotFound):
            store.get(name)

    def test_all_names_are_listed_and_no_others(self, store: BlobStore) -> None:
        names = {f"{new_id()}.{number}" for number in range(5)}
        for name in names:
            store.put(name, b"")
        assert set(store.names()) == names

    def test_it_says_when_something_was_written(self, store: BlobStore) -> None:
        before = to_ms(SystemClock().now())
        store.put(name := new_id() + ".0", b"content")
        # S3 tells whole seconds.
        assert before - 1_000 <= store.written_ms(name) <= to_ms(SystemClock().now())
        with pytest.raises(NotFound):
            store.written_ms(new_id() + ".0")

    def test_it_says_that_it_works_and_leaves_nothing_behind(self, store: BlobStore) -> None:
        store.check()
        assert list(store.names()) == []
