"""Passwords: rules for new ones, and Argon2id (RFC 9106) for kept ones.

A password is compared after NFKC, so that the same characters typed on another keyboard match.
"""

import base64
import os
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import InvalidInput, TooLarge
from core.identity.directory import MAX_PASSWORD_CHARS, canonical_username

MIN_PASSWORD_CHARS = 12
MIN_DISTINCT_CHARS = 5

_SALT_BYTES = 16
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class HashCost:
    """What one hash costs: memory in KiB, passes over it, and lanes computed side by side."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


class Passwords:
    """Hashes and verifies at one cost. Blocks for as long as the cost says: never on an event loop."""

    def __init__(self, cost: HashCost, hasher: type[PasswordHasher] = PasswordHasher) -> None:
        self._hasher = hasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
            type=Type.ID,
        )
        # A well-formed hash of no password at all: verifying against it costs what verifying costs.
        self._nobody = (
            f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
            f"${_unpadded(os.urandom(_SALT_BYTES))}${_unpadded(os.urandom(_HASH_BYTES))}"
        )

    def hash(self, password: str) -> str:
        """Return the encoded Argon2id hash of ``password`` with a fresh salt."""
        return self._hasher.hash(_prepared(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether ``stored`` is of ``password``. None costs one hash as well and is never right."""
        try:
            self._hasher.verify(stored or self._nobody, _prepared(password))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Tell whether ``stored`` was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)


def check_new_password(password: str, username: str) -> None:
    """Refuse a password that others would guess.

    Raises:
        InvalidInput: ``password_too_short``, ``password_holds_name`` or ``password_too_simple``.
        TooLarge: ``password_too_long``.
    """
    prepared = _prepared(password)
    if len(prepared) < MIN_PASSWORD_CHARS:
        raise InvalidInput(
            f"A password takes at least {MIN_PASSWORD_CHARS} characters; a few unrelated words are good.",
            code="password_too_short",
            limit=MIN_PASSWORD_CHARS,
        )
    if max(len(password), len(prepared)) > MAX_PASSWORD_CHARS:
        raise TooLarge(
            f"A password takes at most {MAX_PASSWORD_CHARS} characters.",
            code="password_too_long",
            limit=MAX_PASSWORD_CHARS,
        )
    name = canonical_username(username)
    if name and name in canonical_username(password):
        raise InvalidInput(
            "A password must not hold the name it belongs to. Choose another.", code="password_holds_name"
        )
    if len(set(prepared)) < MIN_DISTINCT_CHARS:
        raise InvalidInput(
            f"A password takes at least {MIN_DISTINCT_CHARS} different characters.",
            code="password_too_simple",
        )


def _prepared(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _unpadded(octets: bytes) -> str:
    return base64.b64encode(octets).rstrip(b"=").decode("ascii")
