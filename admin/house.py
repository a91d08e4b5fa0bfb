"""Whether a house stands in the home folder: none yet, half of one, or a whole one.

A set-up that was stopped midway, even by ``kill -9``, is never taken for a house: a file says so
until all is done, and the next ``chancery init`` throws the half away and begins anew.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from admin.databases import PASSWORDS, database_of
from admin.databases.revision import check_newest
from admin.migrations import current
from core.access import Database
from core.errors import Conflict, NotFound
from core.settings import Settings

MARK: Final = ".set-up"
"""Locked while a house is set up; not empty while it is not whole."""


def check_whole(settings: Settings) -> None:
    """Return if a house stands there whole, with databases as this program knows them.

    Raises:
        NotFound: ``not_set_up``.
        Conflict: ``half_set_up``; ``migrations_behind``.
    """
    check_there(settings)
    if _is_half(settings):
        raise Conflict(
            f"The set-up in {settings.home} was not finished. Run `chancery init` or `chancery restore`: it "
            "begins anew.",
            code="half_set_up",
        )
    for database in Database:
        check_newest(database, current(database_of(settings, database)))


def check_there(settings: Settings) -> None:
    """Return if keys or databases of a house are there.

    Raises:
        NotFound: ``not_set_up``.
    """
    if not _is_there(settings):
        raise NotFound(
            f"Nothing is set up in {settings.home}. Run `chancery init`, or name the folder of your house "
            "with CHANCERY_HOME.",
            code="not_set_up",
        )


def _is_there(settings: Settings) -> bool:
    return bool(_rings(settings)) or any(database_of(settings, database).is_there() for database in Database)


@contextmanager
def setting_up(settings: Settings) -> Iterator[None]:
    """Keep others out while a house is set up inside; whatever stops it, no half of one is left.

    Raises:
        Conflict: ``already_initialised``, ``being_set_up``; nothing was changed.
    """
    if not (settings.home / MARK).exists():
        _check_empty(settings)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark = os.open(settings.home / MARK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Another process is setting {settings.home} up. Wait for it, or stop it.",
                code="being_set_up",
            ) from None
        if _is_half(settings):
            _clear(settings)
        _check_empty(settings)
        os.pwrite(mark, b"begun\n", 0)
        os.fsync(mark)
        try:
            yield
        except BaseException:
            _clear(settings)
            raise
        finally:
            os.ftruncate(mark, 0)
            os.fsync(mark)
    finally:
        os.close(mark)


def _check_empty(settings: Settings) -> None:
    if _is_there(settings):
        raise Conflict(
            f"{settings.home} holds a house already: keys in {settings.keys_dir}, or databases. A house is "
            "set up once; name another folder with CHANCERY_HOME.",
            code="already_initialised",
        )


def _is_half(settings: Settings) -> bool:
    mark = settings.home / MARK
    return mark.exists() and mark.stat().st_size > 0


def _clear(settings: Settings) -> None:
    """Remove what a set-up makes. The folders stay: they may be volumes of their own."""
    names = ("stores", "index", "chat-index", "ledger", "cache")
    folders = (*(settings.home / name for name in names), settings.blobs_dir)
    for left in (*_rings(settings), *(path for folder in folders for path in _inside(folder))):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for database in Database:
        database_of(settings, database).clear()


def _rings(settings: Settings) -> list[Path]:
    """Return what is among the keys; the passwords of a database server come before a house."""
    return [path for path in _inside(settings.keys_dir) if path.name != PASSWORDS]


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
