"""Files that are there whole or not at all, also where others may write into the folder."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Put ``content`` in the place of ``path`` in one step; ``durable`` forces it to disk first.

    The draft beside it has a name that nobody can guess and is never one that was there: in a folder
    that several system users share, one of them could have put a link to a file of another's there.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
