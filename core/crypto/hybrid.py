"""Sealing to somebody else's public key: HPKE with a post-quantum hybrid (RFC 9180, X-Wing).

The key encapsulation joins ML-KEM-768 (FIPS 203) and X25519, so a record stays closed unless both
are broken; HKDF-SHA256 and AES-256-GCM follow. Layout of what is sealed::

    version (1) | id of the public key (8) | encapsulated key (1120) | ciphertext and tag (n + 16)

``info`` is mandatory and binds purpose and place; header and info are authenticated together.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from core.crypto.envelope import KEY_ID_BYTES, associated, refused

VERSION: Final = b"\x11"
_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1184
_X25519_BYTES: Final = 32
_HEADER: Final = len(VERSION) + KEY_ID_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class HybridPublic:
    """The public half: an ML-KEM-768 encapsulation key and an X25519 key, 1,217 bytes serialised.

    Raises:
        IntegrityError: the bytes are no such keys.
    """

    encoded: bytes
    id: bytes = field(init=False)
    _key: hpke.MLKEM768X25519PublicKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        body = self.encoded[len(VERSION) :]
        if self.encoded[: len(VERSION)] != VERSION or len(body) != _MLKEM_PUBLIC_BYTES + _X25519_BYTES:
            raise refused()
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(body[:_MLKEM_PUBLIC_BYTES])
            x25519 = X25519PublicKey.from_public_bytes(body[_MLKEM_PUBLIC_BYTES:])
        except ValueError:
            raise refused() from None
        digest = hashlib.sha256(associated("hybrid-key-id/v1", self.encoded)).digest()
        object.__setattr__(self, "id", digest[:KEY_ID_BYTES])
        object.__setattr__(self, "_key", hpke.MLKEM768X25519PublicKey(mlkem, x25519))

    def to_bytes(self) -> bytes:
        """Return the serialised form, which the constructor takes."""
        return self.encoded

    def __repr__(self) -> str:
        return f"HybridPublic(id={self.id.hex()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridPublic) and self.encoded == other.encoded

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HybridPrivate:
    """The private half: the 64-byte ML-KEM seed and the X25519 key, kept apart. Never printed.

    Raises:
        IntegrityError: seed or key have the wrong length.
    """

    seed: bytes
    x25519: bytes
    public: HybridPublic = field(init=False)
    _key: hpke.MLKEM768X25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _SEED_BYTES or len(self.x25519) != _X25519_BYTES:
            raise refused()
        mlkem = MLKEM768PrivateKey.from_seed_bytes(self.seed)
        x25519 = X25519PrivateKey.from_private_bytes(self.x25519)
        encoded = VERSION + mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        object.__setattr__(self, "public", HybridPublic(encoded))
        object.__setattr__(self, "_key", hpke.MLKEM768X25519PrivateKey(mlkem, x25519))

    @classmethod
    def generate(cls) -> "HybridPrivate":
        """Return a fresh pair."""
        return cls(
            MLKEM768PrivateKey.generate().private_bytes_raw(),
            X25519PrivateKey.generate().private_bytes_raw(),
        )

    @classmethod
    def from_bytes(cls, encoded: bytes) -> "HybridPrivate":
        """Return the pair that :meth:`to_bytes` wrote.

        Raises:
            IntegrityError: the bytes are no such pair.
        """
        if encoded[: len(VERSION)] != VERSION:
            raise refused()
        body = encoded[len(VERSION) :]
        return cls(body[:_SEED_BYTES], body[_SEED_BYTES:])

    def to_bytes(self) -> bytes:
        """Return version, seed and X25519 key: 97 bytes to wrap, never to store bare."""
        return VERSION + self.seed + self.x25519

    def __repr__(self) -> str:
        return f"HybridPrivate(id={self.public.id.hex()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A private key does not leave its process: wrap it.")


def seal_to(public: HybridPublic, plaintext: bytes, info: bytes) -> bytes:
    """Return ``plaintext`` sealed to the holder of the private half and bound to ``info``.

    Raises:
        IntegrityError: the public key is one that no honest holder has (a low-order point).
    """
    header = VERSION + public.id
    try:
        return header + _suite().encrypt(plaintext, public._key, header + info)
    except ValueError:
        raise refused() from None


def open_with(private: HybridPrivate, sealed: bytes, info: bytes) -> bytes:
    """Return what :func:`seal_to` sealed.

    Raises:
        IntegrityError: another key, other info, or a changed byte; it is not said which.
    """
    header = VERSION + private.public.id
    if not hmac.compare_digest(sealed[:_HEADER], header):
        raise refused()
    try:
        return _suite().decrypt(sealed[_HEADER:], private._key, header + info)
    except (InvalidTag, ValueError):
        raise refused() from None


def _suite() -> hpke.Suite:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
