"""Ed25519 signatures (RFC 8032) that verify or raise.

Messages are signed as given; callers bind a purpose by signing :func:`core.crypto.envelope.associated`
or, for the ledger, a note whose first line names the log.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.crypto.envelope import refused

SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key to check signatures against.

    Raises:
        IntegrityError: the bytes are no Ed25519 public key.
    """

    public: bytes
    _key: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "_key", Ed25519PublicKey.from_public_bytes(self.public))
        except ValueError:
            raise refused() from None

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if ``signature`` is over ``message`` by this key.

        Raises:
            IntegrityError: it is not.
        """
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise refused() from None


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Signer:
    """A private key, as its 32-byte seed. Never printed, never pickled.

    Raises:
        IntegrityError: the seed is not 32 bytes long.
    """

    seed: bytes
    verifier: Verifier = field(init=False)
    _key: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise refused()
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "verifier", Verifier(key.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls) -> "Signer":
        """Return a fresh signer."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over ``message``."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"Signer(public={self.verifier.public.hex()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signer) and hmac.compare_digest(self.seed, other.seed)

    def __hash__(self) -> int:
        return hash(self.verifier.public)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A private key does not leave its process: wrap it.")
