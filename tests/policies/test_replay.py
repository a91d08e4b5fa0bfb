"""Decisions are kept as JSON values, can be taken again, and leave receipts without text."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from core.errors import IntegrityError
from core.types import Decision, Facts, Verdict
from policies.bundle import Bundle, canonical
from policies.receipts import receipt
from policies.records import decision_from_record, decision_record, facts_from_json, facts_to_json
from policies.replay import Outcome, replay
from tests.factories.policies import FINGERPRINTS, decided, make_bundle, make_compiler, make_facts
from tests.factories.policy_strategies import any_facts, bundles, texts

CARD = "4111 1111 1111 1111"
RULES = """
dlp:
  rules:
    - {id: CARD, title: card, verdict: justify, detectors: [payment_card]}
    - {id: WORD, title: word, verdict: quarantine, lexicon: [alpha]}
"""


@settings(max_examples=25, deadline=None)
@given(bundles(), any_facts(), texts)
def test_every_decision_can_be_kept_and_taken_again(bundle: Bundle, facts: Facts, text: str) -> None:
    first = decided(make_compiler().compile(bundle), text, facts)
    approved = replace(facts, approved=frozenset(first.obligations.get("finding_keys", ())))
    for given_facts in (facts, approved):
        decision = decided(make_compiler().compile(bundle), text, given_facts)
        kept_facts, kept = _kept(facts_to_json(given_facts)), _kept(decision_record(decision))
        assert facts_from_json(kept_facts) == given_facts
        assert decision_from_record(kept) == decision
        result = replay(kept_facts, text, canonical(bundle), kept, make_compiler())
        assert (result.outcome, result.differs) == (Outcome.SAME, ())


def test_a_confirmed_and_a_released_decision_replay_without_the_key() -> None:
    first = decide(f"{CARD}", make_facts())
    confirmed = make_facts(confirmed=("CARD",), confirmed_text=first.obligations["text_hash"])
    assert decide(CARD, confirmed).verdict is Verdict.FLAG
    assert _replayed(CARD, confirmed) is Outcome.SAME
    released = make_facts(
        approved=frozenset(decide(f"alpha {CARD}", make_facts()).obligations["finding_keys"])
    )
    assert decide(f"alpha {CARD}", released).verdict is Verdict.FLAG
    assert _replayed(f"alpha {CARD}", released) is Outcome.SAME


def test_a_record_that_was_changed_gets_another_answer() -> None:
    decision = decide(CARD, make_facts())
    record = decision_record(decision) | {"verdict": "allow", "findings": []}
    record["obligations"]["finding_keys"] = []
    result = replay(facts_to_json(make_facts()), CARD, canonical(make_bundle(RULES)), record, make_compiler())
    assert result.outcome is Outcome.DIFFERENT
    assert {"verdict", "findings"} <= set(result.differs)


@pytest.mark.parametrize(
    ("gone", "outcome"),
    [
        ("facts", Outcome.RECORD_GONE),
        ("text", Outcome.RECORD_GONE),
        ("recorded", Outcome.RECORD_GONE),
        ("canonical", Outcome.BUNDLE_GONE),
    ],
)
def test_a_replay_says_which_part_is_gone(gone: str, outcome: Outcome) -> None:
    given_parts: dict[str, Any] = {
        "facts": facts_to_json(make_facts()),
        "text": CARD,
        "canonical": canonical(make_bundle(RULES)),
        "recorded": decision_record(decide(CARD, make_facts())),
    }
    assert replay(**given_parts, compiler=make_compiler()).outcome is Outcome.SAME
    assert replay(**given_parts | {gone: None}, compiler=make_compiler()).outcome is outcome


def test_another_engine_is_not_asked_to_repeat_the_answer() -> None:
    record = decision_record(decide(CARD, make_facts())) | {"engine": "0"}
    result = replay(facts_to_json(make_facts()), CARD, canonical(make_bundle(RULES)), record, make_compiler())
    assert result.outcome is Outcome.ENGINE_GONE


def test_another_bundle_is_not_taken_for_the_recorded_one() -> None:
    record = decision_record(decide(CARD, make_facts()))
    result = replay(facts_to_json(make_facts()), CARD, canonical(make_bundle()), record, make_compiler())
    assert result.outcome is Outcome.BUNDLE_GONE


@pytest.mark.parametrize("value", [{}, {"surface": "moon"}])
def test_a_record_that_was_never_written_is_an_integrity_error(value: dict[str, Any]) -> None:
    for read in (facts_from_json, decision_from_record):
        with pytest.raises(IntegrityError):
            read(value)


def test_a_receipt_has_rules_counts_and_keyed_hashes_but_no_text() -> None:
    text = f"alpha {CARD} and alpha"
    decision = decide(text, make_facts())
    slip = receipt(decision, text, FINGERPRINTS)
    assert slip.verdict is Verdict.QUARANTINE
    assert slip.rules == {"CARD": 1, "WORD": 2}
    assert slip.text_hash == FINGERPRINTS.of_text(text)
    assert len(slip.finding_keys) == 3
    written = json.dumps(slip.as_dict())
    assert all(part not in written for part in ("alpha", "4111", "1111"))


def decide(text: str, facts: Facts) -> Decision:
    return decided(make_compiler().compile(make_bundle(RULES)), text, facts)


def _replayed(text: str, facts: Facts) -> Outcome:
    decision = _kept(decision_record(decide(text, facts)))
    form = canonical(make_bundle(RULES))
    return replay(_kept(facts_to_json(facts)), text, form, decision, make_compiler()).outcome


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps(value))
    return kept
