"""Keys that live as long as their owner: a person, an officer, a conversation's name and topic.

Both classes satisfy :class:`core.identity.sealing.Sealer`.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from core.crypto.cache import KeyCache
from core.crypto.envelope import Key, associated, derive, keyed_hash, open_sealed, refused, seal
from core.crypto.rings import Ring

CACHED_KEYS: Final = 8192
_TAG_BYTES: Final = 16


class OwnerKeyRows(Protocol):
    """Where wrapped owner keys are kept. Inserting what is there already changes nothing."""

    def load_owner_key(self, owner_id: str) -> bytes | None:
        """Return an owner's wrapped key."""
        ...

    def load_owner_keys(self, owner_ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the wrapped keys of those owners that have one."""
        ...

    def insert_owner_key(self, owner_id: str, wrapped: bytes) -> None:
        """Add an owner's wrapped key durably, unless there is one."""
        ...


class OwnerKeys:
    """A random key an owner, wrapped under the ring's root and kept as a row."""

    def __init__(self, ring: Ring, rows: OwnerKeyRows, *, cached: int = CACHED_KEYS) -> None:
        self._root = ring.root
        self._rows = rows
        self._tags = ring.subkey("tags")
        self._keys: KeyCache[str, Key] = KeyCache(cached)

    def ensure(self, owner: str) -> None:
        """Make the owner's key if there is none, outside any transaction.

        Two processes that do this at once end up with one key.
        """
        if self._keys.get(owner) is not None:
            return
        if self._rows.load_owner_key(owner) is None:
            wrapped = self._root.wrap(Key.generate().material, associated("owner-key/v1", owner))
            self._rows.insert_owner_key(owner, wrapped)
        self._key(owner)

    def foresee(self, owners: Iterable[str]) -> None:
        """Read at once the keys that are not open yet; an owner without one gets none."""
        missing = [owner for owner in owners if self._keys.get(owner) is None]
        for owner, wrapped in (self._rows.load_owner_keys(missing) if missing else {}).items():
            self._unwrap(owner, wrapped)

    def seal(self, owner: str, plaintext: bytes, aad: bytes) -> bytes:
        """Return ``plaintext`` sealed under the owner's key and bound to ``aad``.

        Raises:
            IntegrityError: the owner has no key yet (see :meth:`ensure`).
        """
        return seal(self._key(owner), plaintext, associated("owned/v1", owner, aad))

    def open(self, owner: str, sealed: bytes, aad: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            IntegrityError: it does not verify, or the key is gone.
        """
        return open_sealed(self._key(owner), sealed, associated("owned/v1", owner, aad))

    def tag(self, purpose: str, value: str) -> str:
        """Return a keyed tag of ``value``, 32 hexadecimal digits: equal values meet, nothing is told."""
        return _tag(self._tags, purpose, value)

    def _key(self, owner: str) -> Key:
        key = self._keys.get(owner)
        if key is None:
            wrapped = self._rows.load_owner_key(owner)
            if wrapped is None:
                raise refused()
            key = self._unwrap(owner, wrapped)
        return key

    def _unwrap(self, owner: str, wrapped: bytes) -> Key:
        key = Key(self._root.unwrap(wrapped, associated("owner-key/v1", owner)))
        self._keys.put(owner, key)
        return key


class RingOwnerKeys:
    """Keys derived from the ring itself, where no owner's key has to die before the ring's."""

    def __init__(self, ring: Ring) -> None:
        self._owners = ring.subkey("owners")
        self._tags = ring.subkey("tags")

    def ensure(self, owner: str) -> None:
        """Do nothing: every owner has a key."""

    def foresee(self, owners: Iterable[str]) -> None:
        """Do nothing: no key is read."""

    def seal(self, owner: str, plaintext: bytes, aad: bytes) -> bytes:
        """Return ``plaintext`` sealed under the owner's key and bound to ``aad``."""
        return seal(derive(self._owners, "owner", owner), plaintext, associated("owned/v1", owner, aad))

    def open(self, owner: str, sealed: bytes, aad: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            IntegrityError: it does not verify.
        """
        return open_sealed(derive(self._owners, "owner", owner), sealed, associated("owned/v1", owner, aad))

    def tag(self, purpose: str, value: str) -> str:
        """Return a keyed tag of ``value``, 32 hexadecimal digits: equal values meet, nothing is told."""
        return _tag(self._tags, purpose, value)


class OwnerTitles:
    """Names and topics of conversations, each under its conversation's own key."""

    def __init__(self, keys: OwnerKeys) -> None:
        self._keys = keys

    def foresee_titles(self, owners: Iterable[str]) -> None:
        """Read at once the keys of owners whose names and topics will be opened."""
        self._keys.foresee(owners)

    def seal_title(self, owner: str, purpose: str, text: str) -> bytes:
        """Return ``text`` sealed as the ``purpose`` (name or topic) of ``owner``.

        Raises:
            IntegrityError: the owner has no key yet.
        """
        return self._keys.seal(owner, text.encode("utf-8", "surrogatepass"), associated("title/v1", purpose))

    def open_title(self, owner: str, purpose: str, sealed: bytes) -> str:
        """Return a name or topic.

        Raises:
            IntegrityError: it is another's, or was altered.
        """
        return self._keys.open(owner, sealed, associated("title/v1", purpose)).decode(
            "utf-8", "surrogatepass"
        )


def _tag(key: Key, purpose: str, value: str) -> str:
    return keyed_hash(key, "tag", purpose, value)[:_TAG_BYTES].hex()
