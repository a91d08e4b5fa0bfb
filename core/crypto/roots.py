"""What stands at the top of a ring: something that wraps and unwraps keys and gives nothing else away.

A root never hands out its own key, so that a KMS, Vault transit or a token can stand here as well.
"""

from pathlib import Path
from typing import Protocol

from core.crypto import keyfiles
from core.crypto.envelope import Key, associated, derive, open_sealed, seal


class Root(Protocol):
    """Wraps the keys of one ring."""

    def wrap(self, key_bytes: bytes, aad: bytes) -> bytes:
        """Return ``key_bytes`` sealed under the root and bound to ``aad``."""
        ...

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what :meth:`wrap` sealed.

        Raises:
            IntegrityError: it was not sealed by this root for this ``aad``.
        """
        ...


class KeyFileRoot:
    """A root in a file of 32 random bytes, mode 0600 (wider modes are refused)."""

    def __init__(self, path: Path) -> None:
        """Read the root.

        Raises:
            NotFound: ``keys_missing`` if the file is not there.
            SettingsError: ``key_mode`` if others may read it.
            IntegrityError: it is not 32 bytes long.
        """
        self._wrapping = derive(Key(keyfiles.read(path)), "root-wrap")

    @classmethod
    def create(cls, path: Path) -> "KeyFileRoot":
        """Make a new root at ``path`` and return it.

        Raises:
            Conflict: ``key_exists`` if there is a file already; a root is never overwritten.
        """
        keyfiles.create(path, Key.generate().material)
        return cls(path)

    def wrap(self, key_bytes: bytes, aad: bytes) -> bytes:
        """Return ``key_bytes`` sealed under the root and bound to ``aad``."""
        return seal(self._wrapping, key_bytes, associated("wrapped", aad))

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what :meth:`wrap` sealed.

        Raises:
            IntegrityError: it was not sealed by this root for this ``aad``.
        """
        return open_sealed(self._wrapping, wrapped, associated("wrapped", aad))
