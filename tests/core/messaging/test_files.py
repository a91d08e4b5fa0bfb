"""Many answers become one: what has to be confirmed comes before what is covered, and nothing is dropped."""

from datetime import UTC, datetime

import pytest

from core.messaging.files.checking import judged
from core.types import (
    BundleHash,
    ConversationId,
    ConversationKind,
    Decision,
    DecisionId,
    Facts,
    Finding,
    PersonFacts,
    PersonId,
    RuleId,
    Surface,
    Verdict,
)


def answer(surface: Surface, verdict: Verdict) -> tuple[Facts, Decision]:
    facts = Facts(
        surface,
        PersonFacts(PersonId("ana")),
        ConversationId("room"),
        ConversationKind.GROUP,
        (),
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    key = f"{surface}-{verdict}"
    return facts, Decision(
        id=DecisionId(key),
        verdict=verdict,
        bundle=BundleHash("b"),
        findings=(Finding(RuleId(key), "word", verdict, 3, 7),),
        redacted="covered" if verdict is Verdict.REDACT else None,
        obligations={"finding_keys": [key], "text_hash": f"hash of {surface}"},
    )


@pytest.mark.parametrize(
    ("message", "name", "text", "together"),
    [
        (Verdict.ALLOW, Verdict.ALLOW, Verdict.BLOCK, Verdict.BLOCK),
        (Verdict.ALLOW, Verdict.QUARANTINE, Verdict.WARN, Verdict.QUARANTINE),
        (Verdict.REDACT, Verdict.ALLOW, Verdict.WARN, Verdict.WARN),
        (Verdict.REDACT, Verdict.ALLOW, Verdict.JUSTIFY, Verdict.JUSTIFY),
        (Verdict.REDACT, Verdict.FLAG, Verdict.ALLOW, Verdict.REDACT),
        (Verdict.ALLOW, Verdict.FLAG, Verdict.ALLOW, Verdict.FLAG),
    ],
)
def test_the_strictest_answer_counts_and_a_question_before_a_cover(
    message: Verdict, name: Verdict, text: Verdict, together: Verdict
) -> None:
    asked = [
        answer(Surface.MESSAGE, message),
        answer(Surface.FILE_NAME, name),
        answer(Surface.FILE, text),
    ]
    _, decision = judged(asked)
    assert decision.verdict is together
    assert decision.redacted == ("covered" if together is Verdict.REDACT else None)
    assert decision.obligations["finding_keys"] == [one.obligations["finding_keys"][0] for _, one in asked]
    assert decision.obligations["hashes"] == ["hash of message", "hash of file_name", "hash of file"]


def test_only_findings_in_what_was_typed_have_a_place_in_it() -> None:
    _, decision = judged([answer(Surface.MESSAGE, Verdict.WARN), answer(Surface.FILE, Verdict.WARN)])
    assert [(one.start, one.end) for one in decision.findings] == [(3, 7), (0, 0)]
