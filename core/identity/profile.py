"""What is sealed about a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson


@dataclass(frozen=True, slots=True)
class Profile:
    """What is sealed about a person: the directory's word, and what it means here."""

    directory: str
    stable_id: str
    username: str
    display_name: str
    email: str = ""
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    segments: frozenset[str] = frozenset()
    external: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is sealed."""
        return {**asdict(self), "groups": sorted(self.groups), "segments": sorted(self.segments)}

    def as_bytes(self) -> bytes:
        """Return the octets that are sealed."""
        return orjson.dumps(self.as_dict())

    @classmethod
    def from_bytes(cls, octets: bytes) -> Self:
        """Return what :meth:`as_bytes` gave."""
        given = orjson.loads(octets)
        sets = {name: frozenset(given[name]) for name in ("groups", "segments")}
        return cls(**{**given, **sets})
