"""Receipts: what stays beside a message in the clear. Rules and counts, keyed hashes, no text, no spans."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.types import BundleHash, Decision, DecisionId, RuleId, Verdict
from policies.fingerprints import Fingerprints


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was decided, by which rules, under which bundle; hashes are keyed and die with their key."""

    decision: DecisionId
    verdict: Verdict
    bundle: BundleHash
    rules: Mapping[RuleId, int]
    text_hash: str
    finding_keys: tuple[str, ...]
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values in one order, so that equal receipts look equal."""
        return {
            "decision": self.decision,
            "verdict": self.verdict.value,
            "bundle": self.bundle,
            "rules": {rule: self.rules[rule] for rule in sorted(self.rules)},
            "text_hash": self.text_hash,
            "finding_keys": list(self.finding_keys),
            "complete": self.complete,
        }


def receipt(decision: Decision, text: str, fingerprints: Fingerprints) -> Receipt:
    """Return the receipt of a decision about ``text``."""
    return Receipt(
        decision=decision.id,
        verdict=decision.verdict,
        bundle=decision.bundle,
        rules=dict(Counter(finding.rule for finding in decision.findings)),
        text_hash=fingerprints.of_text(text),
        finding_keys=tuple(decision.obligations.get("finding_keys", ())),
        complete=decision.complete,
    )
