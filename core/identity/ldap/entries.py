"""Entries as a server sent them: octets by attribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the server sent it; attribute names in lower case, values as octets."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def octets(self, name: str) -> bytes:
        """Return the first value of ``name``, or nothing."""
        return next(iter(self.values.get(name.lower(), ())), b"")

    def first(self, name: str) -> str:
        """Return the first value of ``name`` as text, or the empty text."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Return all values of ``name`` as text."""
        return [value.decode("utf-8", "replace") for value in self.values.get(name.lower(), ())]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, and whether the server held more back."""

    entries: tuple[Entry, ...]
    more: bool = False
