"""Who may move a bundle from state to state: draft, approved, enforced, retired.

Pure: each function takes values and returns values or raises; storing them belongs to the chat store
and the desk store. An approval names the hash, the number and the predecessor; its payload is what
the desk signs and what every process verifies, so that a writer of databases changes no policy.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import rfc8785

from core.errors import Conflict, Denied, InvalidInput
from core.types import BundleHash
from policies.bundle import hash_of
from policies.bundle_tests import TestReport

PURPOSE = "chancery/policy-approval/v1"
"""What a signature over an approval is for; no other signature can stand in for it."""

NO_PREDECESSOR = BundleHash("")
"""The predecessor of bundle number 1."""


class State(StrEnum):
    """Where a bundle stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"
    ENFORCED = "enforced"
    RETIRED = "retired"


_NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.APPROVED, State.REJECTED}),
    State.APPROVED: frozenset({State.ENFORCED, State.REJECTED}),
    State.REJECTED: frozenset(),
    State.ENFORCED: frozenset({State.RETIRED}),
    State.RETIRED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A bundle that somebody wants enforced, and who has decided about it so far."""

    id: str
    hash: BundleHash
    canonical: bytes
    author: str
    reason: str
    at: datetime
    state: State = State.DRAFT
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A bundle with its place in the line, signed. This is what the gates of all processes take."""

    hash: BundleHash
    number: int
    predecessor: BundleHash
    signature: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The bundle enforced now: its number and hash. A new house has number 0 and no hash."""

    number: int = 0
    hash: BundleHash = NO_PREDECESSOR


def approval_payload(hashed: BundleHash, number: int, predecessor: BundleHash) -> bytes:
    """Return the bytes that an approver's signature covers: RFC 8785 JSON with the purpose in it."""
    return rfc8785.dumps({"purpose": PURPOSE, "hash": hashed, "number": number, "predecessor": predecessor})


def propose(form: bytes, author: str, reason: str, at: datetime, proposal: str) -> Proposal:
    """Return a draft of the bundle whose canonical form is ``form``.

    Raises:
        InvalidInput: ``reason_needed``; a proposal says why.
    """
    if not reason.strip():
        raise InvalidInput("Say why this policy is proposed; the approver reads it.", code="reason_needed")
    return Proposal(proposal, hash_of(form), form, author, reason, at)


def approve(
    proposal: Proposal,
    approver: str,
    head: Head,
    report: TestReport,
    at: datetime,
    sign: Callable[[bytes], bytes],
) -> tuple[Proposal, Approval]:
    """Return the approved proposal and its signed approval as successor of ``head``.

    Raises:
        Denied: ``own_request``; nobody approves what they proposed.
        Conflict: ``already_decided``, or ``already_enforced`` if it is the bundle in force.
        InvalidInput: ``bundle_tests_failed`` with the names of the tests, or ``tests_of_another``.
    """
    if approver == proposal.author:
        raise Denied("Nobody approves their own policy; a second person has to.", code="own_request")
    moved = _move(proposal, State.APPROVED, approver, at)
    check_tests(proposal.hash, report)
    if proposal.hash == head.hash:
        raise Conflict("This policy is in force already.", code="already_enforced")
    return moved, _signed(proposal.hash, head, sign)


def approve_first(form: bytes, report: TestReport, sign: Callable[[bytes], bytes]) -> Approval:
    """Return the approval of the first bundle of a new house, the only one that needs no second person.

    Raises:
        InvalidInput: ``bundle_tests_failed`` or ``tests_of_another``.
    """
    hashed = hash_of(form)
    check_tests(hashed, report)
    return _signed(hashed, Head(), sign)


def reject(proposal: Proposal, approver: str, at: datetime) -> Proposal:
    """Return the rejected proposal; its author may withdraw it in the same way.

    Raises:
        Conflict: ``already_decided``.
    """
    return _move(proposal, State.REJECTED, approver, at)


def enforce(proposal: Proposal) -> Proposal:
    """Return an approved proposal as enforced.

    Raises:
        Conflict: ``already_decided``; it is not approved, or was enforced before.
    """
    return _move(proposal, State.ENFORCED, proposal.decided_by, proposal.decided_at)


def retire(proposal: Proposal) -> Proposal:
    """Return an enforced proposal as retired: its successor is in force.

    Raises:
        Conflict: ``already_decided``; it is not enforced.
    """
    return _move(proposal, State.RETIRED, proposal.decided_by, proposal.decided_at)


def check_tests(hashed: BundleHash, report: TestReport) -> None:
    """Refuse a bundle whose own tests fail.

    Raises:
        InvalidInput: ``bundle_tests_failed`` with ``tests`` (name and complaint of each), or
            ``tests_of_another`` if the report is about another bundle.
    """
    if report.bundle != hashed:
        raise InvalidInput("These test results are of another bundle.", code="tests_of_another")
    if not report.passed:
        names = "; ".join(each.name for each in report.failures)
        raise InvalidInput(
            f"The bundle fails its own tests, so it cannot be approved. {names}",
            code="bundle_tests_failed",
            tests=[
                {"name": each.name, "complaint": each.complaint.as_dict()}
                for each in report.failures
                if each.complaint is not None
            ],
        )


def _move(proposal: Proposal, state: State, decided_by: str, at: datetime | None) -> Proposal:
    if state not in _NEXT[proposal.state]:
        raise Conflict(
            f"This proposal is {proposal.state} already; it cannot become {state}.",
            code="already_decided",
            state=proposal.state.value,
        )
    return replace(proposal, state=state, decided_by=decided_by, decided_at=at)


def _signed(hashed: BundleHash, head: Head, sign: Callable[[bytes], bytes]) -> Approval:
    number = head.number + 1
    signature = sign(approval_payload(hashed, number, head.hash))
    return Approval(hashed, number, head.hash, signature)
