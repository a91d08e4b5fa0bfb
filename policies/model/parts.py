"""What every piece of a policy bundle is made of: strict structs, names, words, how sure one must be."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from core.types import Confidence, Verdict

Id = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}\Z")]
"""A name that findings, receipts and sentences carry: letters, digits, ``-`` and ``_``."""

Words = Annotated[str, Meta(min_length=1, max_length=200)]
Sentence = Annotated[str, Meta(min_length=1, max_length=1_000)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen piece of a bundle that refuses keys it does not know."""


class Level(StrEnum):
    """How sure a detector must be, in an author's words."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def confidence(self) -> Confidence:
        """Return the figure that matches are compared with."""
        return Confidence[self.name]


class Unscannable(StrEnum):
    """What becomes of a text that could not be scanned to its end."""

    QUARANTINE = "quarantine"
    BLOCK = "block"

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of the finding ``unscannable``."""
        return Verdict(self.value)
