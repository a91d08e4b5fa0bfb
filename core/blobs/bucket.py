"""Blobs in an S3-compatible bucket: the one door to boto3.

The client is made at its first use, because that takes a second and most processes of a house with a
folder never need it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.errors import NotFound, Unavailable
from core.types import new_id, to_ms


@dataclass(frozen=True)
class BucketSettings:
    """Where the bucket is and who may use it."""

    endpoint: str
    bucket: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    prefix: str = ""
    ca_file: str = ""


class BucketBlobs:
    """Implements :class:`core.blobs.port.BlobStore` in a bucket. S3 answers a put once it is durable."""

    def __init__(self, settings: BucketSettings) -> None:
        self._settings = settings

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``."""
        self._call("put_object", Key=self._key(name), Body=content)

    def get(self, name: str) -> bytes:
        """Return what is kept under ``name``."""
        content: bytes = self._call("get_object", lambda given: given["Body"].read(), Key=self._key(name))
        return content

    def delete(self, name: str) -> None:
        """Remove ``name``."""
        self._call("delete_object", Key=self._key(name))

    def names(self) -> Iterator[str]:
        """Yield every name, a page at a time."""
        more: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Prefix=self._settings.prefix, **more)
            for one in page.get("Contents", ()):
                yield str(one["Key"]).removeprefix(self._settings.prefix)
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def written_ms(self, name: str) -> int:
        """Return when ``name`` was written."""
        return to_ms(self._call("head_object", Key=self._key(name))["LastModified"])

    def check(self) -> None:
        """Write, read and remove a small object."""
        name = new_id()
        self.put(name, b"check")
        try:
            if self.get(name) != b"check":
                raise Unavailable("The bucket gives back other bytes.", code="blobs_unavailable")
        finally:
            self.delete(name)

    def _key(self, name: str) -> str:
        return self._settings.prefix + name

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        settings = self._settings
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint or None,
            region_name=settings.region,
            aws_access_key_id=settings.access_key or None,
            aws_secret_access_key=settings.secret_key or None,
            verify=settings.ca_file or None,
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
                # Servers that are compatible with S3 seldom know its newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def _call(self, operation: str, take: Callable[[Any], Any] = lambda given: given, /, **asked: Any) -> Any:
        """Return what ``take`` makes of the answer: a body may break off while it is read."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return take(getattr(self._client, operation)(Bucket=self._settings.bucket, **asked))
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in {"NoSuchKey", "404"}:
                raise NotFound("This file is no longer there.", code="no_blob") from None
            raise _unavailable(code) from error
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        f"The bucket of files does not answer as it should ({why}). IT has to look at it.",
        code="blobs_unavailable",
    )
