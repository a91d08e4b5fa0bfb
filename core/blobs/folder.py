"""Blobs in a folder: one file an object, in 1,024 folders by the first two letters of its name."""

import errno
import os
import re
import stat
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
            if not path.parent.is_dir():
                _make(path.parent)
            write_whole(path, content, durable=True)
            _sync(path.parent)
        except OSError as error:
            raise _unavailable(error) from error

    def get(self, name: str) -> bytes:
        """Return what is kept under ``name``."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise _no_blob() from None
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

    def written_ms(self, name: str) -> int:
        """Return when ``name`` was written."""
        try:
            return self._path(name).stat().st_mtime_ns // 1_000_000
        except FileNotFoundError:
            raise _no_blob() from None
        except OSError as error:
            raise _unavailable(error) from error

    def check(self) -> None:
        """See that files can be written here; a folder that is not there yet is not made by looking."""
        folder = self._folder
        while not folder.exists():
            folder = folder.parent
        try:
            if folder == self._folder:
                probe = folder / f".check.{new_id()}"
                write_whole(probe, b"")
                probe.unlink()
            elif not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise _unavailable(error) from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidInput("This can not name a blob.", code="blob_name")
        return self._folder / name[:2] / name


def _make(folder: Path) -> None:
    """Make a folder whose files whoever may write beside it may remove too: several system users share it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _no_blob() -> NotFound:
    return NotFound("This file is no longer there.", code="no_blob")


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        f"The folder of files cannot be used: {error.strerror or 'unknown'}. IT has to look at it.",
        code="blobs_unavailable",
    )
