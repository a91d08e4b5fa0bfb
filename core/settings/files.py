"""Where files are kept, how large they may be, and what the child that reads them may use."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsError
from core.settings.setting import check_one_of, setting


@dataclass(frozen=True, kw_only=True)
class FileSettings:
    """Files that people send."""

    blobs_kind: str = setting(
        "blobs.kind", "Where files are kept, sealed: `folder` or `s3`.", default="folder", example="s3"
    )
    blobs_folder: Path | None = setting(
        "blobs.folder",
        "Folder of files; `blobs` inside the home folder if unset. Every process must reach it.",
        example="/srv/chancery/blobs",
    )
    s3_endpoint: str = setting(
        "s3.endpoint",
        "Address of an S3-compatible server; unset: AWS.",
        default="",
        example="https://s3.acme.example",
    )
    s3_bucket: str = setting(
        "s3.bucket", "The bucket; it is not made for you.", default="", example="chancery-files"
    )
    s3_region: str = setting("s3.region", "Its region.", default="us-east-1", example="eu-central-1")
    s3_prefix: str = setting("s3.prefix", "Begins the name of every object.", default="", example="chancery/")
    s3_access_key: str = setting(
        "s3.access_key",
        "Access key; unset: found as the AWS tools find it.",
        default="",
        example="AKIA…",
        secret=True,
    )
    s3_secret_key: str = setting(
        "s3.secret_key", "Secret of the access key.", default="", example="…", secret=True
    )
    s3_ca_file: Path | None = setting(
        "s3.ca_file", "Certificates to trust for the server, as PEM.", example="/etc/chancery/s3-ca.pem"
    )
    files_max_mib: int = setting(
        "files.max_mib",
        "Largest file, in MiB; a policy may say less.",
        default=256,
        example="1024",
    )
    files_unfinished_mib: int = setting(
        "files.unfinished_mib",
        "How much one person may have uploaded, in MiB, without sending it.",
        default=1024,
        example="256",
    )
    files_unfinished_count: int = setting(
        "files.unfinished_count",
        "How many files one person may have uploaded without sending them.",
        default=50,
        example="20",
    )
    files_starts_per_minute: int = setting(
        "files.starts_per_minute",
        "How many files one person may begin to upload in a minute.",
        default=60,
        example="20",
    )
    files_unfinished_hours: int = setting(
        "files.unfinished_hours",
        "After how long a file that was never sent is removed.",
        default=24,
        example="2",
    )
    sandbox_seconds: int = setting(
        "sandbox.seconds", "How long reading one file may take.", default=30, example="10"
    )
    sandbox_memory_mib: int = setting(
        "sandbox.memory_mib",
        "How much memory the child that reads a file may use.",
        default=1536,
        example="768",
    )
    sandbox_at_once: int = setting(
        "sandbox.at_once",
        "How many files are read at the same time, each by a child of its own with this much memory.",
        default=2,
        example="4",
    )
    sandbox_read_mib: int = setting(
        "sandbox.read_mib",
        "Largest file that is read; text in a larger one is unreadable for the policy.",
        default=64,
        example="128",
    )

    def check_files(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        check_one_of("blobs.kind", self.blobs_kind, "folder", "s3")
        if self.sandbox_at_once < 1:
            raise SettingsError(
                "sandbox.at_once must be at least 1: files are read by a child.", key="sandbox.at_once"
            )
        if self.blobs_kind == "s3" and not self.s3_bucket:
            raise SettingsError("blobs.kind is 's3' but s3.bucket is not set. Name it.", key="s3.bucket")
