"""What the machine refuses, as a typed error: a disk that is full, a folder that is somebody else's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from core.errors import Unavailable


@contextmanager
def typed_trouble() -> Iterator[None]:
    """Turn what the operating system or a database file refuses into a sentence that one can act on.

    Raises:
        Unavailable: ``machine``, naming the file; ``database``.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read our output has gone; there is nobody to tell
    except OSError as error:
        where = error.filename or "the machine"
        raise Unavailable(
            f"{where}: {error.strerror or error}. Put that right, or name another folder with CHANCERY_HOME, "
            "and try again.",
            code="machine",
        ) from error
    except (sqlite3.Error, DBAPIError) as error:
        said = getattr(error, "orig", None) or error
        raise Unavailable(
            f"A database of this house cannot be used: {said}. See that the disk has room and that the "
            "folder is yours, and try again.",
            code="database",
        ) from error
