"""Files that hold keys: made once, readable by their owner alone, destroyed for good.

A file appears whole or not at all (written beside its place, synced, then linked, which fails if
the name is taken), and folder entries are synced too. A file that others may read is refused, not
repaired, because its key may be known already.

Where one ring is shared by several system users (the chat ring of a house whose roles run apart), its
folders carry the set-group-id bit. Files there may be read by the group; in a folder that the group may
write, mode ``2770``, each of its members may destroy a key that another made.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Final

from core.errors import Conflict, NotFound, SettingsError, Unavailable

_PRIVATE: Final = 0o600
_READ_BY_GROUP: Final = 0o640
_SHARED: Final = 0o660
_FOLDER: Final = 0o700
_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


def make_folder(path: Path) -> None:
    """Create the folder ``path`` with mode 0700; a shared parent's bits are passed on to it.

    Raises:
        Conflict: ``key_exists`` if it is there already.
    """
    try:
        path.mkdir(mode=_FOLDER, parents=True)
    except FileExistsError:
        raise Conflict(f"{path} exists already; keys are never overwritten.", code="key_exists") from None
    if _is_shared(path.parent):
        path.chmod(0o2770)
    _sync_folder(path.parent)


def check_folder(path: Path) -> None:
    """Return if ``path`` is a folder that keeps others out.

    Raises:
        NotFound: ``keys_missing`` if there is no such folder.
        SettingsError: ``key_mode`` if others may enter it.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise NotFound(f"There are no keys at {path}: run `chancery init`.", code="keys_missing") from None
    allowed = 0o770 if mode & stat.S_ISGID else _FOLDER
    if stat.S_IMODE(mode) & 0o777 & ~allowed:
        raise _too_open(path, mode, _FOLDER)


def create(path: Path, content: bytes) -> None:
    """Write a new key file, whole and synced, or leave nothing.

    Raises:
        Conflict: ``key_exists`` if the name is taken; the file there is left alone.
        Unavailable: ``keys_unavailable`` for trouble of the disk: it is nobody's mistake, and passes.
    """
    try:
        _create(path, content)
    except OSError as error:
        if error.errno not in _DISK:
            raise
        raise Unavailable(
            f"No key can be written to {path.parent} ({error.strerror}). Look at its disk, then try again.",
            code="keys_unavailable",
            retry_after=1,
        ) from error


def _create(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if _is_shared(path.parent):
                os.fchmod(file.fileno(), _SHARED if _may_write(path.parent) else _READ_BY_GROUP)
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        raise Conflict(f"{path} exists already; keys are never overwritten.", code="key_exists") from None
    finally:
        beside.unlink()
    _sync_folder(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path`` in one step, synced, with a key file's mode."""
    beside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    create(beside, content)
    beside.replace(path)
    _sync_folder(path.parent)


def read(path: Path) -> bytes:
    """Return the content of a key file that nobody else may read.

    Raises:
        NotFound: ``keys_missing`` if it is not there.
        SettingsError: ``key_mode`` if its mode lets others read it, or it is no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        raise NotFound(f"There is no key at {path}.", code="keys_missing") from None
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        allowed = _SHARED if _is_shared(path.parent) else _PRIVATE
        if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & ~allowed:
            raise _too_open(path, mode, _PRIVATE)
        return file.read()


def destroy(path: Path) -> None:
    """Overwrite and remove a key file and sync both; a file that is gone already is fine.

    Overwriting helps only where the file system writes in place; what a medium or a backup keeps
    beyond that is outside of this program's reach.
    """
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    _sync_folder(path.parent)


def _is_shared(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_ISGID)


def _may_write(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IWGRP)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _too_open(path: Path, mode: int, wanted: int) -> SettingsError:
    return SettingsError(
        f"{path} has mode {stat.S_IMODE(mode):04o}, so others may know the key. If none of them can: "
        f"chmod {wanted:04o} {path}; otherwise make new keys.",
        code="key_mode",
    )
