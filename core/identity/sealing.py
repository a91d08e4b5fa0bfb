"""What this room asks of cryptography and of the trail; implemented by those who wire it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import orjson

from core.store import Tx
from core.trail import Tag

# Writes a trail row in the transaction of the act: tag, actor, subject, detail (sealed by the trail).
Recorder = Callable[[Tx, Tag, str, str, Mapping[str, Any]], None]


class Sealer(Protocol):
    """Seals what belongs to one owner under a key that lives as long as the owner."""

    def ensure(self, owner: str) -> None:
        """Make the owner's key if there is none. Called outside any transaction."""
        ...

    def foresee(self, owners: Iterable[str]) -> None:
        """Read at once the keys of owners whose things will be opened; of one without a key, none."""
        ...

    def seal(self, owner: str, plaintext: bytes, aad: bytes) -> bytes:
        """Return ``plaintext`` sealed under the owner's key and bound to ``aad``."""
        ...

    def open(self, owner: str, sealed: bytes, aad: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            IntegrityError: it does not verify, or the key is gone.
        """
        ...

    def tag(self, purpose: str, value: str) -> str:
        """Return a keyed hash of ``value`` for look-ups, different for each purpose."""
        ...


def bound_to(purpose: str, *columns: str) -> bytes:
    """Return the associated data of what is sealed into a row: the purpose and the row's clear columns.

    Different columns never give the same octets, so nothing sealed can be moved or get other columns.
    """
    return orjson.dumps([purpose, *columns])
