"""Runs the tests a bundle carries, and reports each by its name. A bundle that fails one is not approved."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from core.types import (
    ConversationId,
    Decision,
    Facts,
    FileFacts,
    ItemId,
    PersonFacts,
    PersonId,
    Preceding,
    Surface,
)
from policies.compiled import CompiledBundle
from policies.complaints import Complaint, complain
from policies.engine import decide
from policies.fingerprints import KeyedFingerprints
from policies.model.promises import BundleTest, Who
from policies.people import person_label

WHEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""The time of a test that names none: a Monday morning."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test: what was expected and what came out; there is no ``complaint`` when it passed."""

    __test__ = False

    name: str
    decision: Decision
    complaint: Complaint | None

    @property
    def passed(self) -> bool:
        """Tell whether the bundle keeps this promise."""
        return self.complaint is None


@dataclass(frozen=True, slots=True)
class TestReport:
    """All tests of one bundle, in their order."""

    __test__ = False

    bundle: str
    results: tuple[TestResult, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every test passed."""
        return all(result.passed for result in self.results)

    @property
    def failures(self) -> tuple[TestResult, ...]:
        """Return the tests that failed."""
        return tuple(result for result in self.results if not result.passed)


def run_tests(compiled: CompiledBundle) -> TestReport:
    """Return what each of the bundle's own tests says."""
    return TestReport(compiled.hash, tuple(_run(test, compiled) for test in compiled.bundle.tests))


def facts_of(test: BundleTest) -> Facts:
    """Return the facts that a test describes; earlier messages are of the same minute."""
    given = test.given
    at = given.at or WHEN
    return Facts(
        surface=Surface.FILE if given.file is not None else given.surface,
        sender=_person(given.from_, "sender"),
        conversation=ConversationId("test"),
        kind=given.kind,
        audience=tuple(_person(who, f"recipient-{number}") for number, who in enumerate(given.to)),
        at=at,
        preceding=tuple(
            Preceding(ItemId(f"earlier-{number}"), text, at) for number, text in enumerate(given.preceding)
        ),
        file=FileFacts(given.file.type, given.file.size, given.file.problem) if given.file else None,
    )


def _person(who: Who, name: str) -> PersonFacts:
    labels = frozenset(who.segments) | ({person_label(who.person)} if who.person else frozenset())
    return PersonFacts(PersonId(who.person or name), labels, frozenset(who.groups), who.external)


def _run(test: BundleTest, compiled: CompiledBundle) -> TestResult:
    fingerprints = KeyedFingerprints(lambda data: hashlib.sha256(data).hexdigest())
    decision = decide(
        facts_of(test), test.given.text, compiled, new_id=lambda: "test", fingerprints=fingerprints
    )
    return TestResult(test.name, decision, _complaint(test, decision))


def _complaint(test: BundleTest, decision: Decision) -> Complaint | None:
    found = sorted({str(finding.rule) for finding in decision.findings})
    expected = test.expect
    if decision.verdict is not expected.verdict:
        verdicts = {"expected": expected.verdict.value, "verdict": decision.verdict.value}
        if found:
            return complain("wrong_verdict", **verdicts, rules=found)
        return complain("wrong_verdict_without_rule", **verdicts)
    if expected.rules is not None and found != (wanted := sorted(set(expected.rules))):
        if not found:
            return complain("no_rule_decided", expected=wanted)
        return (
            complain("wrong_rules", expected=wanted, rules=found)
            if wanted
            else complain("rules_unexpected", rules=found)
        )
    return None
