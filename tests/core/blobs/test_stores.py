"""Every place for blobs keeps the contract; each says in a typed error that it is out of order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.blobs.bucket import BucketBlobs, BucketSettings
from core.blobs.folder import FolderBlobs
from core.blobs.port import BlobStore
from core.errors import InvalidInput, Unavailable
from tests.contracts.blobs import BlobStoreContract
from tests.fakes.blobs import MemoryBlobs
from tests.services.buckets import ACCESS, REGION, SECRET, new_bucket, s3_server


class TestMemory(BlobStoreContract):
    @pytest.fixture
    def store(self) -> BlobStore:
        return MemoryBlobs()


class TestFolder(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> BlobStore:
        return FolderBlobs(tmp_path / "blobs")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as endpoint:
        yield endpoint


def bucket(endpoint: str, name: str) -> BucketBlobs:
    return BucketBlobs(BucketSettings(endpoint, name, REGION, ACCESS, SECRET, prefix="chancery/"))


class TestBucket(BlobStoreContract):
    @pytest.fixture
    def store(self, s3: str) -> BlobStore:
        return bucket(s3, new_bucket(s3, **{"others/report.pdf": b"not ours"}))


def test_a_bucket_that_is_not_there_is_out_of_order(s3: str) -> None:
    with pytest.raises(Unavailable) as refused:
        bucket(s3, "nowhere-at-all").check()
    assert refused.value.code == "blobs_unavailable"


def test_a_bucket_that_hangs_up_while_it_answers_is_out_of_order() -> None:
    with hanging_up() as endpoint, pytest.raises(Unavailable) as refused:
        bucket(endpoint, "files").get("abcd.0")
    assert refused.value.code == "blobs_unavailable"


@contextmanager
def hanging_up() -> Iterator[str]:
    """Serve objects of which only the beginning comes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"the beginning")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_folder_that_cannot_be_written_is_out_of_order(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(Unavailable) as refused:
        FolderBlobs(tmp_path / "blobs").check()
    assert refused.value.code == "blobs_unavailable"


@pytest.mark.parametrize("name", ["../keys/root.key", "", "aa/b", "/etc/passwd", "AB.0"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        FolderBlobs(tmp_path).get(name)


def test_a_draft_that_a_dead_writer_left_is_no_blob(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    store.put("abcd.0", b"x")
    (tmp_path / "ab" / ".abcd.1.123456").write_bytes(b"half")
    assert list(store.names()) == ["abcd.0"]
