"""Sealed records: a body whose clear columns are part of what is authenticated.

A record that is moved to another row, or whose row has any clear column changed, does not open.
"""

from collections.abc import Mapping

from core.crypto.envelope import Key, Part, associated, open_sealed, seal


def seal_record(data_key: Key, plaintext: bytes, clear: Mapping[str, Part], *, purpose: str) -> bytes:
    """Return ``plaintext`` sealed under the record's own key, bound to ``purpose`` and clear columns."""
    return seal(data_key, plaintext, _bound(purpose, clear))


def open_record(data_key: Key, sealed: bytes, clear: Mapping[str, Part], *, purpose: str) -> bytes:
    """Return the plaintext of a record.

    Raises:
        IntegrityError: another record's key, another purpose, or a changed byte or column.
    """
    return open_sealed(data_key, sealed, _bound(purpose, clear))


def _bound(purpose: str, clear: Mapping[str, Part]) -> bytes:
    columns = sorted(clear.items())
    flat: list[Part] = [part for column in columns for part in column]
    return associated("record/v1", purpose, len(columns), *flat)
