"""Sealed envelopes: AES-256-GCM with the key named in front, or one opaque error.

Layout of an envelope, which never changes under one version byte::

    version (1) | key id (8) | nonce (12) | ciphertext and tag (n + 16)

The key id is an HMAC of the key itself, so an envelope opens under one key only, and version and
key id are authenticated with the caller's associated data. Nonces are random (NIST SP 800-38D
allows 2^32 messages under one key; keys here seal far fewer). Nothing returns ``False``: what does
not verify raises :class:`core.errors.IntegrityError`, which says nothing about why.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from core.errors import IntegrityError

VERSION: Final = b"\x01"
KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEADER: Final = len(VERSION) + KEY_ID_BYTES
OVERHEAD: Final = _HEADER + _NONCE_BYTES + _TAG_BYTES
"""Bytes by which an envelope is longer than its plaintext."""

Part = str | int | bytes | None
"""What associated data is made of."""


def refused() -> IntegrityError:
    """Return the one error for everything that does not verify."""
    return IntegrityError("It does not verify: altered, moved, or not yours to open.")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Key:
    """256 bits of key and the id that commits to them. Never printed, never pickled.

    Raises:
        IntegrityError: the material is not 32 bytes long.
    """

    material: bytes
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if len(self.material) != KEY_BYTES:
            raise refused()
        object.__setattr__(self, "id", _id_of(self.material))

    @classmethod
    def generate(cls) -> "Key":
        """Return a fresh random key."""
        return cls(os.urandom(KEY_BYTES))

    def __repr__(self) -> str:
        return f"Key(id={self.id.hex()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self.material, other.material)

    def __hash__(self) -> int:
        return hash(self.id)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key does not leave its process: wrap it.")


def associated(purpose: str, *parts: Part) -> bytes:
    """Return the injective encoding of a purpose and its parts, for associated data and MACs.

    Every part carries its type and its length (32 bits, big endian), so that no two different
    sequences share an encoding: ``("ab", "c")`` and ``("a", "bc")`` differ, as do ``1`` and ``"1"``.
    """
    return b"".join((_encoded(purpose), *map(_encoded, parts)))


def seal(key: Key, plaintext: bytes, aad: bytes) -> bytes:
    """Return ``plaintext`` sealed under ``key`` and bound to ``aad`` (see :func:`associated`)."""
    header = VERSION + key.id
    nonce = os.urandom(_NONCE_BYTES)
    return header + nonce + AESGCM(key.material).encrypt(nonce, plaintext, header + aad)


def open_sealed(key: Key, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext of ``sealed``.

    Raises:
        IntegrityError: another key, other associated data, or a changed byte; it is not said which.
    """
    header, nonce = sealed[:_HEADER], sealed[_HEADER : _HEADER + _NONCE_BYTES]
    if len(sealed) < OVERHEAD or not hmac.compare_digest(header, VERSION + key.id):
        raise refused()
    try:
        return AESGCM(key.material).decrypt(nonce, sealed[_HEADER + _NONCE_BYTES :], header + aad)
    except InvalidTag:
        raise refused() from None


def derive(key: Key, purpose: str, *parts: Part) -> Key:
    """Return the subkey of ``key`` for one purpose (HKDF-Expand with SHA-256, RFC 5869 section 2.3).

    The extract step is left out because every :class:`Key` is uniformly random already.
    """
    expand = HKDFExpand(SHA256(), KEY_BYTES, associated("derive/v1", purpose, *parts))
    return Key(expand.derive(key.material))


def keyed_hash(key: Key, purpose: str, *parts: Part) -> bytes:
    """Return HMAC-SHA256 over :func:`associated` of the arguments: 32 bytes that die with the key."""
    return hmac.digest(key.material, associated(purpose, *parts), hashlib.sha256)


def _id_of(material: bytes) -> bytes:
    return hmac.digest(material, associated("key-id/v1"), hashlib.sha256)[:KEY_ID_BYTES]


def _encoded(part: Part) -> bytes:
    if part is None:
        tag, body = b"n", b""
    elif isinstance(part, bytes):
        tag, body = b"b", part
    elif isinstance(part, int):
        tag, body = b"i", b"%d" % part
    else:
        tag, body = b"s", part.encode("utf-8", "surrogatepass")
    return tag + len(body).to_bytes(4, "big") + body
