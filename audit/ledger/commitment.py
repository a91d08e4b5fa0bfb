"""Commitments: what the ledger keeps of an item, so that its fields can be shown one by one.

With ``r``, 32 random bytes that exist only inside the sealed item: for each field ``k``,
``r_k = HMAC-SHA256(r, "archive-field/v1" || 0x00 || k)`` and ``h_k = HMAC-SHA256(r_k, JCS(value))``;
the commitment is ``SHA-256(0x02 || JCS({k: base64(h_k)}))`` (JCS is RFC 8785). A redacted production
gives ``r_k`` and the value of what is shown and only ``h_k`` of the rest; ``r`` itself never leaves.
Once ``r`` is gone the commitment tells nothing, not even of a guessed text.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import rfc8785

from core.errors import IntegrityError, InvalidInput

SALT_BYTES: Final = 32
_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Some fields of an item with the keys that open them, and the hashes of the others."""

    values: Mapping[str, Any]
    keys: Mapping[str, bytes]
    hidden: Mapping[str, bytes]


def new_salt() -> bytes:
    """Return a fresh ``r``; it belongs inside the sealed item and nowhere else."""
    return os.urandom(SALT_BYTES)


def commit_fields(r: bytes, item: Mapping[str, Any]) -> bytes:
    """Return the 32-byte commitment to ``item``.

    Raises:
        InvalidInput: ``not_canonical`` for a value that RFC 8785 refuses (an integer beyond 2^53, NaN).
    """
    return commit_hashes({name: field_hash(field_key(r, name), value) for name, value in item.items()})


def disclose(r: bytes, item: Mapping[str, Any], shown: Collection[str]) -> Disclosure:
    """Return ``item`` with only the fields ``shown``; the others stay provable, but closed.

    Raises:
        InvalidInput: as :func:`commit_fields`.
    """
    return Disclosure(
        values={name: value for name, value in item.items() if name in shown},
        keys={name: field_key(r, name) for name in item if name in shown},
        hidden={n: field_hash(field_key(r, n), v) for n, v in item.items() if n not in shown},
    )


def check_disclosure(commitment: bytes, disclosure: Disclosure) -> None:
    """Return if ``disclosure`` is of the item that was committed to.

    Raises:
        IntegrityError: it is not: a value, a key or a hash was changed, added or left out.
    """
    names = disclosure.values.keys()
    if names == disclosure.keys.keys() and not names & disclosure.hidden.keys():
        opened = {n: field_hash(disclosure.keys[n], v) for n, v in disclosure.values.items()}
        if hmac.compare_digest(commit_hashes({**opened, **disclosure.hidden}), commitment):
            return
    raise IntegrityError("The fields shown are not those of the item that the ledger knows.")


def commit_hashes(hashes: Mapping[str, bytes]) -> bytes:
    """Return the commitment to fields of which only the hashes ``h_k`` are known."""
    encoded = {name: base64.b64encode(digest).decode("ascii") for name, digest in hashes.items()}
    return hashlib.sha256(b"\x02" + canonical(encoded)).digest()


def field_key(r: bytes, name: str) -> bytes:
    """Return ``r_k``, which discloses one field and no other."""
    return hmac.digest(r, b"archive-field/v1\x00" + name.encode("utf-8"), "sha256")


def field_hash(key: bytes, value: Any) -> bytes:
    """Return ``h_k`` of a field's value; raises as :func:`commit_fields`."""
    return hmac.digest(key, canonical(value), "sha256")


def canonical(value: Any) -> bytes:
    """Return the canonical JSON (RFC 8785) of ``value``.

    Where nothing but strings, small integers and plain keys occurs, a sorting encoder writes the
    same bytes as the reference one, which is far slower.

    Raises:
        InvalidInput: ``not_canonical`` if the value has no canonical form.
    """
    try:
        if _is_simple(value):
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, orjson.JSONEncodeError, UnicodeError) as error:
        raise InvalidInput(f"This has no canonical form: {error}.", code="not_canonical") from None


def _is_simple(value: Any) -> bool:
    if value is None or isinstance(value, (bool, str)):
        return True
    if isinstance(value, int):
        return -_LARGEST < value < _LARGEST
    if isinstance(value, list):
        return all(map(_is_simple, value))
    if isinstance(value, dict):
        # Beyond ASCII the order of keys differs: RFC 8785 sorts UTF-16, the encoder UTF-8.
        return all(isinstance(k, str) and k.isascii() and _is_simple(v) for k, v in value.items())
    return False
