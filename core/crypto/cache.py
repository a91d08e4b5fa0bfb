"""A small map of open keys that several threads share without a lock."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class KeyCache(Generic[K, V]):
    """At most ``size`` entries; the oldest goes first.

    Single dictionary operations are atomic, and a lock made under a patched ``threading`` must not
    be shared between an event loop and its thread pool.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return what is kept under ``key``."""
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep ``value`` under ``key``."""
        self._entries[key] = value
        while len(self._entries) > self._size:
            try:
                oldest = next(iter(self._entries))
            except (StopIteration, RuntimeError):  # another thread is evicting
                return
            self._entries.pop(oldest, None)

    def drop(self, key: K) -> None:
        """Forget ``key``."""
        self._entries.pop(key, None)
