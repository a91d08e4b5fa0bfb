"""Blobs in memory: whole or not at all, like a folder or a bucket, and out of order when told so."""

import time
from collections.abc import Callable, Iterator

from core.errors import NotFound, Unavailable


class MemoryBlobs:
    """Implements :class:`core.blobs.port.BlobStore` in a dictionary."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, int] = {}
        self.broken = False
        self.before_put: Callable[[bytes], None] | None = None
        """Called once, where a put is under way and not there yet."""

    def put(self, name: str, content: bytes) -> None:
        self._check()
        if call := self.before_put:
            self.before_put = None
            call(content)
        self.objects[name] = bytes(content)
        self.written[name] = time.time_ns() // 1_000_000

    def get(self, name: str) -> bytes:
        self._check()
        if name not in self.objects:
            raise NotFound("This file is no longer there.", code="no_blob")
        return self.objects[name]

    def delete(self, name: str) -> None:
        self._check()
        self.objects.pop(name, None)

    def names(self) -> Iterator[str]:
        self._check()
        yield from tuple(self.objects)

    def written_ms(self, name: str) -> int:
        self.get(name)
        return self.written[name]

    def check(self) -> None:
        self._check()

    def _check(self) -> None:
        if self.broken:
            raise Unavailable("The files are out of order.", code="blobs_unavailable")
