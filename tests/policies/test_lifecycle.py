"""Who may move a policy from state to state."""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from core.errors import Conflict, Denied, InvalidInput
from core.types import BundleHash
from policies.bundle import canonical
from policies.bundle_tests import TestReport, run_tests
from policies.lifecycle import (
    Approval,
    Head,
    Proposal,
    State,
    approval_payload,
    approve,
    approve_first,
    enforce,
    propose,
    reject,
    retire,
)
from tests.factories.policies import MONDAY, make_bundle, make_compiled

GOOD = """
dlp: {rules: [{id: R, title: t, verdict: block, lexicon: [alpha]}]}
tests: [{name: alpha is blocked, given: {text: alpha}, expect: {verdict: block, rules: [R]}}]
"""
FAILING = GOOD.replace("expect: {verdict: block", "expect: {verdict: warn")
HEAD = Head(7, BundleHash("f" * 64))


def test_a_second_person_approves_and_the_signature_covers_hash_number_and_predecessor() -> None:
    proposal = make_proposal(GOOD)
    moved, approval = approve(proposal, "ben", HEAD, report_of(GOOD), MONDAY, bytes.upper)
    assert (moved.state, moved.decided_by) == (State.APPROVED, "ben")
    payload = approval_payload(proposal.hash, 8, HEAD.hash)
    assert approval == Approval(proposal.hash, 8, HEAD.hash, payload.upper())


def test_the_payload_names_its_purpose_and_every_part() -> None:
    assert approval_payload(BundleHash("aa"), 8, BundleHash("bb")) == (
        b'{"hash":"aa","number":8,"predecessor":"bb","purpose":"chancery/policy-approval/v1"}'
    )


def test_nobody_approves_their_own_policy() -> None:
    with pytest.raises(Denied) as refused:
        approve(make_proposal(GOOD), "ada", HEAD, report_of(GOOD), MONDAY, never_sign)
    assert refused.value.code == "own_request"


def test_a_bundle_whose_own_tests_fail_is_not_approved() -> None:
    with pytest.raises(InvalidInput) as refused:
        approve(make_proposal(FAILING), "ben", HEAD, report_of(FAILING), MONDAY, never_sign)
    assert refused.value.code == "bundle_tests_failed"
    assert refused.value.params["tests"] == [
        {
            "name": "alpha is blocked",
            "complaint": {
                "code": "wrong_verdict",
                "params": {"expected": "warn", "verdict": "block", "rules": "R"},
                "message": "Expected warn, got block by R.",
            },
        }
    ]


def test_the_results_of_another_bundle_prove_nothing() -> None:
    with pytest.raises(InvalidInput) as refused:
        approve(make_proposal(FAILING), "ben", HEAD, report_of(GOOD), MONDAY, never_sign)
    assert refused.value.code == "tests_of_another"


def test_the_bundle_in_force_is_not_approved_again() -> None:
    proposal = make_proposal(GOOD)
    with pytest.raises(Conflict) as refused:
        approve(proposal, "ben", Head(7, proposal.hash), report_of(GOOD), MONDAY, never_sign)
    assert refused.value.code == "already_enforced"


def test_a_proposal_needs_a_reason() -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(b"{}", "ada", "  ", MONDAY, "p1")
    assert refused.value.code == "reason_needed"


def test_the_first_bundle_of_a_house_is_number_one_and_still_passes_its_tests() -> None:
    approval = approve_first(canonical(make_bundle(GOOD)), report_of(GOOD), bytes.upper)
    assert (approval.number, approval.predecessor) == (1, "")
    with pytest.raises(InvalidInput, match="alpha is blocked"):
        approve_first(canonical(make_bundle(FAILING)), report_of(FAILING), never_sign)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (State.DRAFT, {State.APPROVED, State.REJECTED}),
        (State.APPROVED, {State.ENFORCED, State.REJECTED}),
        (State.REJECTED, set()),
        (State.ENFORCED, {State.RETIRED}),
        (State.RETIRED, set()),
    ],
)
def test_only_the_stated_moves_are_possible(state: State, allowed: set[State]) -> None:
    proposal = replace(make_proposal(GOOD), state=state)
    moves: dict[State, Callable[[], Proposal]] = {
        State.APPROVED: lambda: approve(proposal, "ben", HEAD, report_of(GOOD), MONDAY, bytes.upper)[0],
        State.REJECTED: lambda: reject(proposal, "ben", MONDAY),
        State.ENFORCED: lambda: enforce(proposal),
        State.RETIRED: lambda: retire(proposal),
    }
    for target, move in moves.items():
        if target in allowed:
            assert move().state is target
        else:
            with pytest.raises(Conflict) as refused:
                move()
            assert refused.value.code == "already_decided"


def make_proposal(body: str) -> Proposal:
    return propose(canonical(make_bundle(body)), "ada", "because", MONDAY, "p1")


def report_of(body: str) -> TestReport:
    return run_tests(make_compiled(body))


def never_sign(_payload: bytes) -> NoReturn:
    raise AssertionError("nothing may be signed")
