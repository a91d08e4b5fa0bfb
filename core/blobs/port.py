"""Where blobs are kept: objects under names that tell nothing. What is in them is sealed before."""

from collections.abc import Iterator
from typing import Protocol


class BlobStore(Protocol):
    """A folder or a bucket. An object is there whole or not at all, and durable once it was put."""

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``; what was there before is replaced in one step.

        Raises:
            Unavailable: ``blobs_unavailable``; nothing, or all of it, was written.
        """
        ...

    def get(self, name: str) -> bytes:
        """Return what is kept under ``name``.

        Raises:
            NotFound: ``no_blob``.
            Unavailable: ``blobs_unavailable``.
        """
        ...

    def delete(self, name: str) -> None:
        """Remove ``name``; one that is not there is removed already. Raises Unavailable."""
        ...

    def names(self) -> Iterator[str]:
        """Yield every name, in no order. Raises Unavailable."""
        ...

    def written_ms(self, name: str) -> int:
        """Return when ``name`` was written.

        Raises:
            NotFound: ``no_blob``.
            Unavailable: ``blobs_unavailable``.
        """
        ...

    def check(self) -> None:
        """Write, read and remove a small object. Raises Unavailable ``blobs_unavailable``, saying why."""
        ...
