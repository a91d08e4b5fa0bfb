"""Compiled detector databases on disk: compiling takes seconds, loading takes none.

A database is sealed under the process's own ring, so that whoever can write a file still cannot
change what is detected; what does not open is compiled anew.
"""

import hashlib
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from core.crypto.envelope import associated, open_sealed, seal
from core.crypto.rings import Ring
from core.errors import IntegrityError
from core.files import write_whole


class DetectorCache(MutableMapping[str, bytes]):
    """A mapping of fingerprint to compiled database, one file each."""

    def __init__(self, folder: Path, ring: Ring) -> None:
        self._folder = folder / ring.name
        self._key = ring.subkey("detector-cache")

    def __getitem__(self, name: str) -> bytes:
        try:
            return open_sealed(self._key, self._path(name).read_bytes(), associated("detectors", name))
        except (OSError, IntegrityError):
            raise KeyError(name) from None

    def __setitem__(self, name: str, database: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._path(name), seal(self._key, database, associated("detectors", name)))

    def __delitem__(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return len(list(self._folder.glob("*.db"))) if self._folder.exists() else 0

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.db"
