"""Every place for blobs keeps the contract; each says in a typed error that it is out of order."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from core.blobs.bucket import BucketBlobs, BucketSettings
from core.blobs.folder import FolderBlobs
from core.blobs.port import BlobStore
from core.errors import InvalidInput, Unavailable
from core.types import new_id
from tests.contracts.blobs import BlobStoreContract
from tests.fakes.blobs import MemoryBlobs


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
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket(endpoint: str, name: str) -> BucketBlobs:
    return BucketBlobs(BucketSettings(endpoint, name, "us-east-1", "key", "secret", prefix="chancery/"))


class TestBucket(BlobStoreContract):
    @pytest.fixture
    def store(self, s3: str) -> BlobStore:
        name = new_id()
        client = boto3.client(
            "s3",
            endpoint_url=s3,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        client.create_bucket(Bucket=name)
        client.put_object(Bucket=name, Key="others/report.pdf", Body=b"not ours")
        client.close()
        return bucket(s3, name)


def test_a_bucket_that_is_not_there_is_out_of_order(s3: str) -> None:
    with pytest.raises(Unavailable) as refused:
        bucket(s3, "nowhere-at-all").check()
    assert refused.value.code == "blobs_unavailable"


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
