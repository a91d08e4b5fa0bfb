"""What was done, and whether this process can do its work."""

from typing import Any, Protocol

from admin.bootstrap.desk import (
    TrailPage,
)


class Trail(Protocol):
    """What officers, administrators and policies did."""

    def page(self, before: int | None = None) -> TrailPage:
        """Return the newest acts whose leaf is below ``before``."""
        ...


class Readiness(Protocol):
    """Whether this process can do its work."""

    def answer(self) -> tuple[dict[str, Any], int]:
        """Return body and status of ``/readyz``: a short code of why it cannot, or nothing."""
        ...
