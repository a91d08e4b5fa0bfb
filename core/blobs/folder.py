"""Blobs in a folder: one file an object, in 1,024 folders by the first two letters of its name."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import InvalidInput, NotFound, Unavailable
from core.files import write_whole
from core.types import new_id

_NAME: Final = re.compile(r"[a-z2-7]{2}[a-z0-9.]{1,60}")


class FolderBlobs:
    """Implements :class:`core.blobs.port.BlobStore` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``, synced with the folder that names it."""
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content, durable=True)
            _sync(path.parent)
        except OSError as error:
            raise _unavailable(error) from error

    def get(self, name: str) -> bytes:
        """Return what is kept under ``name``."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotFound("This file is no longer there.", code="no_blob") from None
        except OSError as error:
            raise _unavailable(error) from error

    def delete(self, name: str) -> None:
        """Remove ``name``."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(error) from error

    def names(self) -> Iterator[str]:
        """Yield every name; drafts of a writer that died are none."""
        try:
            for path in self._folder.glob("??/*"):
                if _NAME.fullmatch(path.name):
                    yield path.name
        except OSError as error:
            raise _unavailable(error) from error

    def check(self) -> None:
        """Write, read and remove a small object."""
        name = new_id()
        self.put(name, b"check")
        try:
            if self.get(name) != b"check":
                raise Unavailable("The folder of files gives back other bytes.", code="blobs_unavailable")
        finally:
            self.delete(name)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidInput("This can not name a blob.", code="blob_name")
        return self._folder / name[:2] / name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        f"The folder of files cannot be used: {error.strerror or 'unknown'}. IT has to look at it.",
        code="blobs_unavailable",
    )
