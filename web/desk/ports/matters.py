"""Matters, and reading inside them."""

from collections.abc import Sequence
from typing import Protocol

from admin.bootstrap.desk import (
    Ask,
    EvidenceFile,
    Found,
    KeptSearch,
    Reading,
)
from audit.matters.matters import Matter
from audit.search.port import Hit
from core.identity.permissions import Principal
from core.types import MatterId, OfficerId


class MatterDesk(Protocol):
    """Matters, their searches, and reading inside them."""

    def of(self, by: Principal) -> Sequence[Matter]:
        """Return the matters of an officer, newest first."""
        ...

    def get(self, by: Principal, matter: MatterId) -> Matter:
        """Return one matter to one of its officers. Raises NotFound ``no_matter``."""
        ...

    def open(self, by: Principal, purpose: str, officers: Sequence[OfficerId]) -> MatterId:
        """Open a matter. Raises InvalidInput ``purpose_missing`` or ``no_officer``."""
        ...

    def add(self, by: Principal, matter: MatterId, officers: Sequence[OfficerId]) -> None:
        """Let officers read in a matter. Raises InvalidInput ``no_officer``, Conflict ``matter_closed``."""
        ...

    def close(self, by: Principal, matter: MatterId) -> None:
        """Close a matter. Raises Conflict ``matter_closed``, or ``matter_holds`` while it keeps a hold."""
        ...

    def keep(self, by: Principal, matter: MatterId, ask: Ask) -> str:
        """Check what is asked and keep it, sealed; return its id.

        Raises:
            InvalidInput: ``bad_query`` with ``position``, ``reason_missing``, ``bad_dates``.
            Denied: ``not_in_matter``.
        """
        ...

    def searches(self, by: Principal, matter: MatterId) -> Sequence[KeptSearch]:
        """Return the searches of a matter, newest first."""
        ...

    def search(self, by: Principal, matter: MatterId, search: str) -> KeptSearch:
        """Return one search of a matter. Raises NotFound ``no_search``."""
        ...

    def run(self, by: Principal, matter: MatterId, search: str, after: Hit | None = None) -> Found:
        """Return a page of results.

        Raises:
            Denied: ``not_in_matter`` or ``not_your_search``.
            InvalidInput: ``too_common`` or ``bad_query``.
            Unavailable: ``index_unavailable``.
        """
        ...

    def read(self, by: Principal, matter: MatterId, search: str, item: str, around: int = ...) -> Reading:
        """Return an item in full with ``around`` records before and after. Raises NotFound ``no_record``."""
        ...

    def file(self, by: Principal, matter: MatterId, search: str, item: str, file: str) -> EvidenceFile:
        """Return a file of an item. Raises NotFound ``no_file``."""
        ...
