"""Opens the blobs that the settings name."""

from core.blobs.bucket import BucketBlobs, BucketSettings
from core.blobs.folder import FolderBlobs
from core.blobs.port import BlobStore
from core.settings import Settings


def open_blob_store(settings: Settings) -> BlobStore:
    """Return the folder or the bucket; nothing is touched yet."""
    if settings.blobs_kind == "folder":
        return FolderBlobs(settings.blobs_dir)
    return BucketBlobs(
        BucketSettings(
            endpoint=settings.s3_endpoint,
            bucket=settings.s3_bucket,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            prefix=settings.s3_prefix,
            ca_file=str(settings.s3_ca_file or ""),
        )
    )
