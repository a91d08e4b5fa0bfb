"""Where a list that goes over several conversations goes on: a time, and an id for what shares it."""

from dataclasses import dataclass
from typing import Final, Self

from core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page, newest first. Clients hand its text back as they got it."""

    at_ms: int
    id: str

    @property
    def place(self) -> tuple[int, str]:
        """Return what entries are ordered by."""
        return self.at_ms, self.id

    def __str__(self) -> str:
        return f"{self.at_ms}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cursor that was handed out as ``text``.

        Raises:
            InvalidInput: ``bad_place``; it never was.
        """
        at, dot, name = text.partition(".")
        if not (dot and name and at.isascii() and at.isdigit() and len(at) <= 15):
            raise InvalidInput("This place in the list was never given.", code="bad_place")
        return cls(int(at), name)


NEWEST: Final = Cursor(2**53, "")
"""Before everything: where a list begins."""
