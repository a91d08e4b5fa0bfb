"""Proposed policies."""

from collections.abc import Sequence
from typing import Protocol

from admin.bootstrap.desk import (
    PolicyReview,
    ProposedPolicy,
)
from core.identity.permissions import Principal
from policies.lifecycle import Head


class PolicyDesk(Protocol):
    """Proposed policies for approvers."""

    def proposals(self, by: Principal) -> Sequence[ProposedPolicy]:
        """Return all proposals, newest first."""
        ...

    def head(self) -> Head:
        """Return number and hash of the bundle approved last."""
        ...

    def review(self, by: Principal, proposal: str) -> PolicyReview:
        """Return one proposal with its tests. Raises NotFound ``no_proposal``."""
        ...

    def approve(self, by: Principal, proposal: str) -> None:
        """Sign a proposal.

        Raises:
            Denied: ``own_request``.
            Conflict: ``already_decided`` or ``already_enforced``.
            InvalidInput: ``bundle_tests_failed``.
        """
        ...

    def reject(self, by: Principal, proposal: str) -> None:
        """Reject a proposal. Raises Denied ``own_request``, Conflict ``already_decided``."""
        ...
