"""Policies for their approvers: what is proposed, how it differs from the one in force, its own tests."""

from collections.abc import Sequence
from dataclasses import dataclass

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from core.errors import Denied
from core.identity.permissions import Principal
from core.types import PersonId, to_ms
from policies.bundle import Bundle, canonical, from_canonical, hash_of
from policies.bundle_tests import TestReport
from policies.lifecycle import Head, Proposal, State
from policies.standard import PACKS, load_pack


@dataclass(frozen=True, slots=True)
class ProposedPolicy:
    """One proposal, with names. Times in milliseconds; ``own`` tells that the reader made it."""

    id: str
    name: str
    hash: str
    state: State
    author: str
    reason: str
    at_ms: int
    decided_by: str
    decided_ms: int | None
    own: bool


@dataclass(frozen=True, slots=True)
class PolicyReview:
    """What an approver looks at. ``in_force`` is the canonical form of the bundle approved last, if known."""

    proposed: ProposedPolicy
    bundle: Bundle
    canonical: bytes
    in_force: bytes | None
    head: Head
    tests: TestReport


class PolicyPages:
    """Proposals for approvers; an approval is signed by the desk."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._approvals = services.approvals
        self._officers = services.officers
        self._names = names

    def proposals(self, by: Principal) -> Sequence[ProposedPolicy]:
        """Return all proposals, newest first."""
        return [self._proposed(by, one) for one in self._approvals.proposals()]

    def head(self) -> Head:
        """Return number and hash of the bundle approved last."""
        return self._approvals.head()

    def review(self, by: Principal, proposal: str) -> PolicyReview:
        """Return one proposal with its tests. Raises NotFound ``no_proposal``."""
        found, head = self._approvals.get(proposal), self._approvals.head()
        return PolicyReview(
            proposed=self._proposed(by, found),
            bundle=from_canonical(found.canonical),
            canonical=found.canonical,
            in_force=self._form_of(head),
            head=head,
            tests=self._approvals.test(proposal),
        )

    def approve(self, by: Principal, proposal: str) -> None:
        """Sign a proposal; the worker puts it in force.

        Raises:
            Denied: ``own_request``.
            Conflict: ``already_decided`` or ``already_enforced``.
            InvalidInput: ``bundle_tests_failed``.
        """
        self._check_not_own(by, proposal)
        self._approvals.approve(proposal, self._names.acting(by).person, by.id)

    def reject(self, by: Principal, proposal: str) -> None:
        """Reject a proposal. Raises Denied ``own_request``, Conflict ``already_decided``."""
        self._check_not_own(by, proposal)
        self._approvals.reject(proposal, by.id)

    def _check_not_own(self, by: Principal, proposal: str) -> None:
        if self._is_own(by, self._approvals.get(proposal)):
            raise Denied("Nobody decides on their own policy; a second person has to.", code="own_request")

    def _is_own(self, by: Principal, found: Proposal) -> bool:
        return self._officers.is_person(self._names.acting(by), PersonId(found.author))

    def _form_of(self, head: Head) -> bytes | None:
        """Return the bundle in force: one that was proposed here, or the one a new house began with."""
        for proposal in self._approvals.proposals():
            if proposal.hash == head.hash:
                return proposal.canonical
        for name in PACKS:
            form = canonical(load_pack(name))
            if hash_of(form) == head.hash:
                return form
        return None

    def _proposed(self, by: Principal, found: Proposal) -> ProposedPolicy:
        names = self._names.of_officers()
        return ProposedPolicy(
            id=found.id,
            name=from_canonical(found.canonical).name,
            hash=found.hash,
            state=found.state,
            author=self._names.of_person(found.author),
            reason=found.reason,
            at_ms=to_ms(found.at),
            decided_by=names.get(found.decided_by, found.decided_by),
            decided_ms=to_ms(found.decided_at) if found.decided_at else None,
            own=self._is_own(by, found),
        )
