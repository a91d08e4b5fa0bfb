"""Keyed hashes by which a decision recognises a text or a value again without keeping it.

A confirmation holds for one text, a release for the findings an officer saw. Both are named by
fingerprints that only the holder of the conversation's key can make, so that nobody finds a card
number by trying all of them against a receipt.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol

KeyedHash = Callable[[bytes], str]
"""A hash under a secret key: HMAC or keyed BLAKE2. The same bytes give the same text."""


class Fingerprints(Protocol):
    """How one decision names texts and findings."""

    def of_text(self, text: str) -> str:
        """Return the fingerprint of a whole text."""
        ...

    def of_finding(self, rule: str, detector: str, value: str) -> str:
        """Return the key of one finding: see :func:`finding_key`."""
        ...


def finding_key(rule: str, detector: str, value_hash: str) -> str:
    """Return the stable name of a finding: the same rule, detector and value give the same key.

    64 hexadecimal characters over length-prefixed parts, so that no two triples run together.
    """
    parts = [part.encode("utf-8", "surrogatepass") for part in (rule, detector, value_hash)]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


class KeyedFingerprints:
    """Fingerprints under a secret key."""

    def __init__(self, keyed_hash: KeyedHash) -> None:
        self._hash = keyed_hash

    def of_text(self, text: str) -> str:
        """Return the fingerprint of a whole text."""
        return self._hash(b"text\0" + text.encode("utf-8", "surrogatepass"))

    def of_finding(self, rule: str, detector: str, value: str) -> str:
        """Return the key of one finding."""
        hashed = self._hash(b"value\0" + value.encode("utf-8", "surrogatepass"))
        return finding_key(rule, detector, hashed)
