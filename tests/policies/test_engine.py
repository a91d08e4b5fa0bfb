"""Every verdict from text to decision, and what makes a verdict stricter or milder."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import ConversationKind, Decision, Facts, Surface, Verdict
from policies.bundle import Bundle
from policies.check import TECHNICAL, UNSCANNABLE
from policies.engine import decide_steps
from policies.model.rules import Barrier
from tests.factories.policies import (
    FINGERPRINTS,
    decided,
    make_compiled,
    make_compiler,
    make_facts,
    make_person,
)
from tests.factories.policy_strategies import any_facts, bundles, texts

CARD = "4111 1111 1111 1111"
OTHER_CARD = "5500 0000 0000 0004"


def one_rule(verdict: str, extra: str = "") -> str:
    return f"""
        dlp:
          rules:
            - id: CARD
              title: payment card number
              verdict: {verdict}
              detectors: [payment_card]
              {extra}
    """


@pytest.mark.parametrize(
    ("verdict", "delivers", "title"),
    [
        ("flag", True, "Flagged: payment card number (…1111)."),
        ("warn", False, "Before you send: payment card number (…1111)."),
        ("justify", False, "This needs a reason: payment card number (…1111)."),
        ("redact", True, "Covered for everybody else: payment card number (…1111)."),
        ("quarantine", False, "Waiting for Compliance: payment card number (…1111)."),
        ("block", False, "Blocked: payment card number (…1111)."),
    ],
)
def test_each_verdict_says_what_it_means(verdict: str, delivers: bool, title: str) -> None:
    decision = decided(make_compiled(one_rule(verdict)), f"pay with {CARD} please")
    assert decision.verdict is Verdict(verdict)
    assert decision.verdict.delivers is delivers
    assert decision.notice is not None
    assert decision.notice.title == title
    (finding,) = decision.findings
    assert (finding.rule, finding.detector, finding.start, finding.end) == ("CARD", "payment_card", 9, 28)
    assert CARD not in str(decision.notice)


def test_a_harmless_text_is_allowed_without_a_word() -> None:
    decision = decided(make_compiled(one_rule("block")), "see you at nine")
    assert decision == replace(
        decision, verdict=Verdict.ALLOW, findings=(), notice=None, redacted=None, obligations={}
    )


def test_redaction_covers_the_value_and_nothing_else() -> None:
    decision = decided(make_compiled(one_rule("redact")), f"pay with {CARD} please")
    assert decision.redacted == "pay with ▮▮▮ [payment card] please"


def test_only_a_redact_decision_carries_a_redacted_text() -> None:
    assert decided(make_compiled(one_rule("block")), CARD).redacted is None


def test_the_strictest_finding_decides_and_all_are_kept() -> None:
    compiled = make_compiled(
        """
        dlp:
          rules:
            - {id: A, title: a, verdict: flag, lexicon: [alpha]}
            - {id: B, title: b, verdict: quarantine, lexicon: [beta]}
            - {id: C, title: c, verdict: warn, lexicon: [gamma]}
        """
    )
    decision = decided(compiled, "alpha beta gamma")
    assert decision.verdict is Verdict.QUARANTINE
    assert {finding.rule for finding in decision.findings} == {"A", "B", "C"}
    assert decision.notice is not None
    assert "rule B" in decision.notice.why.replace("Rule", "rule")
    assert decision.obligations["expires_hours"] == 24


def test_a_card_thrown_in_does_not_buy_the_way_past_a_reason() -> None:
    compiled = make_compiled(
        one_rule("redact").rstrip()
        + "\n            - {id: G, title: g, verdict: justify, lexicon: [guaranteed]}"
    )
    text = f"guaranteed profit {CARD}"
    first = decided(compiled, text)
    assert first.verdict is Verdict.JUSTIFY
    confirmed = make_facts(confirmed=("G",), confirmed_text=first.obligations["text_hash"])
    again = decided(compiled, text, confirmed)
    assert again.verdict is Verdict.REDACT
    assert again.redacted == "guaranteed profit ▮▮▮ [payment card]"


# -- what the sender confirmed, what an officer released ------------------------------------------


@pytest.mark.parametrize("verdict", ["warn", "justify"])
def test_a_confirmed_rule_no_longer_stops_the_same_text(verdict: str) -> None:
    compiled = make_compiled(one_rule(verdict))
    first = decided(compiled, CARD)
    again = decided(compiled, CARD, _confirming(first))
    assert again.verdict is Verdict.FLAG
    assert [finding.rule for finding in again.findings] == ["CARD"]
    assert again.obligations["passed"] == again.obligations["finding_keys"]


def test_a_confirmation_holds_for_no_other_text() -> None:
    compiled = make_compiled(one_rule("warn"))
    first = decided(compiled, CARD)
    assert decided(compiled, f"{CARD}!", _confirming(first)).verdict is Verdict.WARN


@pytest.mark.parametrize("verdict", ["quarantine", "block"])
def test_a_sender_cannot_confirm_what_is_not_theirs_to_confirm(verdict: str) -> None:
    compiled = make_compiled(one_rule(verdict))
    first = decided(compiled, CARD)
    assert decided(compiled, CARD, _confirming(first)).verdict is Verdict(verdict)


def test_released_findings_no_longer_stop_the_text() -> None:
    compiled = make_compiled(
        """
        dlp:
          rules:
            - {id: A, title: a, verdict: justify, lexicon: [alpha]}
            - {id: B, title: b, verdict: quarantine, lexicon: [beta]}
        """
    )
    first = decided(compiled, "alpha beta")
    assert first.verdict is Verdict.QUARANTINE
    assert decided(compiled, "alpha beta", _releasing(first)).verdict is Verdict.FLAG


def test_a_release_covers_no_new_finding() -> None:
    compiled = make_compiled(one_rule("quarantine"))
    first = decided(compiled, CARD)
    assert decided(compiled, f"{CARD} {OTHER_CARD}", _releasing(first)).verdict is Verdict.QUARANTINE


def test_a_release_opens_no_block_and_no_barrier() -> None:
    quarantine = make_compiled(one_rule("quarantine"))
    approved = _releasing(decided(quarantine, CARD))
    assert decided(make_compiled(one_rule("block")), CARD, approved).verdict is Verdict.BLOCK
    barred = make_compiled(
        """
        segments: {a: {title: A}, b: {title: B}}
        barriers: [{id: X, title: x, between: [a, b]}]
        """
    )
    facts = make_facts(make_person("ada", "a"), (make_person("ben", "b"),))
    stopped = decided(barred, CARD, facts)
    released = replace(facts, approved=frozenset(stopped.obligations["finding_keys"]))
    assert decided(barred, CARD, released).verdict is Verdict.BLOCK


def test_a_released_text_is_still_redacted() -> None:
    compiled = make_compiled(
        one_rule("redact").rstrip()
        + "\n            - {id: Q, title: q, verdict: quarantine, lexicon: [secret]}"
    )
    first = decided(compiled, f"secret {CARD}")
    assert first.verdict is Verdict.QUARANTINE
    again = decided(compiled, f"secret {CARD}", _releasing(first))
    assert (again.verdict, again.redacted) == (Verdict.REDACT, "secret ▮▮▮ [payment card]")


# -- what cannot be checked -----------------------------------------------------------------------


@pytest.mark.parametrize(("text", "detector"), [("[dense]", ""), ("[broken]", TECHNICAL)])
@pytest.mark.parametrize(
    ("setting", "verdict"), [("quarantine", Verdict.QUARANTINE), ("block", Verdict.BLOCK)]
)
def test_a_text_that_cannot_be_checked_waits_or_is_blocked(
    text: str, detector: str, setting: str, verdict: Verdict
) -> None:
    compiled = make_compiled(one_rule("flag") + f"\n          unscannable: {setting}")
    decision = decided(compiled, text)
    assert decision.verdict is verdict
    assert [(found.rule, found.detector) for found in decision.findings] == [(UNSCANNABLE, detector)]
    assert not decision.complete
    assert decision.notice is not None
    assert "could not be checked to its end" in decision.notice.title


def test_an_officer_may_release_a_text_that_could_not_be_checked() -> None:
    compiled = make_compiled(one_rule("flag"))
    again = decided(compiled, "[dense]", _releasing(decided(compiled, "[dense]")))
    assert (again.verdict, again.complete) == (Verdict.FLAG, False)


# -- surfaces and earlier messages ----------------------------------------------------------------


@pytest.mark.parametrize("surface", [Surface.CONVERSATION_NAME, Surface.TOPIC, Surface.REACTION])
@pytest.mark.parametrize("verdict", ["warn", "justify", "redact", "quarantine"])
def test_a_name_topic_or_reaction_that_would_have_to_wait_is_blocked(surface: Surface, verdict: str) -> None:
    decision = decided(make_compiled(one_rule(verdict)), CARD, make_facts(surface=surface))
    assert decision.verdict is Verdict.BLOCK
    assert decision.redacted is None
    assert decision.notice is not None
    assert "cannot be covered, explained or wait for a release" in decision.notice.why


@pytest.mark.parametrize("verdict", ["redact", "quarantine", "block"])
def test_an_edit_that_would_be_stopped_is_refused_and_says_that_others_see_the_old_text(verdict: str) -> None:
    decision = decided(make_compiled(one_rule(verdict)), CARD, make_facts(surface=Surface.EDIT))
    assert decision.verdict is Verdict.BLOCK
    assert decision.notice is not None
    assert decision.notice.title == "Your edit wasn't saved: payment card number (…1111)."
    assert "Others still see your message" in decision.notice.why


def test_an_edit_may_be_confirmed_like_a_message() -> None:
    compiled = make_compiled(one_rule("warn"))
    facts = make_facts(surface=Surface.EDIT)
    first = decided(compiled, CARD, facts)
    assert first.verdict is Verdict.WARN
    confirmed = replace(_confirming(first), surface=Surface.EDIT)
    assert decided(compiled, CARD, confirmed).verdict is Verdict.FLAG


def test_a_value_split_over_two_messages_is_stopped() -> None:
    facts = make_facts(preceding=("my card is 4111 1111",))
    decision = decided(make_compiled(one_rule("redact")), "1111 1111", facts)
    assert decision.verdict is Verdict.BLOCK
    assert decision.findings[0].preceding
    assert decision.notice is not None
    assert decision.notice.title.startswith("Blocked: together with your earlier messages")


def test_messages_older_than_the_window_are_not_joined() -> None:
    compiled = make_compiled(one_rule("block") + "\n          preceding_minutes: 5")
    for minutes, verdict in ((5, Verdict.BLOCK), (5.1, Verdict.ALLOW)):
        facts = make_facts(preceding=("4111 1111",), minutes_ago=minutes)
        assert decided(compiled, "1111 1111", facts).verdict is verdict


# -- rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "text", "fires"),
    [
        ("min_count: 2", CARD, False),
        ("min_count: 2", f"{CARD}, {CARD}", True),
        ("min_count: 2\n              unique: true", f"{CARD}, 4111-1111-1111-1111", False),
        ("min_count: 2\n              unique: true", f"{CARD}, {OTHER_CARD}", True),
        ("near: {detector: iban, distance: 20}", CARD, False),
        ("near: {detector: iban, distance: 20}", f"{CARD} to GB82WEST12345698765432", True),
        ("near: {detector: iban, distance: 20}", f"GB82WEST12345698765432 {'x' * 21} {CARD}", False),
        ("lexicon: [alpha]", "an alpha", True),
        ("pattern: 'be+ta'", "a beeeta", True),
        ("min_confidence: high", CARD, True),
        ("scope: {from: [a]}", CARD, True),
        ("scope: {from: [b]}", CARD, False),
        ("scope: {to: [b]}", CARD, True),
        ("scope: {to: [a]}", CARD, False),
        ("scope: {external_only: true}", CARD, False),
        ("scope: {kinds: [group]}", CARD, False),
        ("scope: {surfaces: [message]}", CARD, True),
        ("scope: {surfaces: [topic]}", CARD, False),
    ],
)
def test_a_rule_fires_when_all_it_asks_for_is_there(extra: str, text: str, fires: bool) -> None:
    compiled = make_compiled(
        "        segments: {a: {title: A}, b: {title: B}}\n" + one_rule("block", extra).lstrip("\n")
    )
    facts = make_facts(make_person("ada", "a"), (make_person("ben", "b"),))
    assert (decided(compiled, text, facts).verdict is Verdict.BLOCK) is fires


def test_rules_for_outsiders_hold_when_one_is_there() -> None:
    compiled = make_compiled(one_rule("block", "scope: {external_only: true}"))
    outside = make_facts(audience=(make_person("ben"), make_person("out", external=True)))
    assert decided(compiled, CARD, outside).verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    ("rule", "text", "kind", "verdict"),
    [
        ("verdict: block, kinds: [public]", "hello", ConversationKind.PUBLIC, Verdict.BLOCK),
        ("verdict: block, kinds: [public]", "hello", ConversationKind.DIRECT, Verdict.ALLOW),
        ("verdict: warn, links: true", "hello", ConversationKind.DIRECT, Verdict.ALLOW),
        ("verdict: warn, links: true", "see https://a.example/x", ConversationKind.DIRECT, Verdict.WARN),
        ("verdict: redact, links: true", "see www.a.example/x now", ConversationKind.DIRECT, Verdict.REDACT),
        ("verdict: block, detectors: [payment_card]", CARD, ConversationKind.DIRECT, Verdict.BLOCK),
        ("verdict: block, detectors: [payment_card]", "none", ConversationKind.DIRECT, Verdict.ALLOW),
    ],
)
def test_sharing_rules_hold_as_soon_as_somebody_from_outside_takes_part(
    rule: str, text: str, kind: ConversationKind, verdict: Verdict
) -> None:
    compiled = make_compiled(f"sharing: [{{id: S, title: outside, {rule}}}]")
    outside = make_facts(audience=(make_person("out", external=True),), kind=kind)
    assert decided(compiled, text, outside).verdict is verdict
    assert decided(compiled, text, make_facts(kind=kind)).verdict is Verdict.ALLOW


def test_a_link_is_named_by_its_host_only() -> None:
    compiled = make_compiled("sharing: [{id: S, title: link, verdict: redact, links: true}]")
    facts = make_facts(audience=(make_person("out", external=True),))
    decision = decided(compiled, "see https://ada:pw@a.example/secret?x=1 <now>", facts)
    assert decision.findings[0].excerpt == "a.example"
    assert decision.redacted == "see ▮▮▮ [link] <now>"


def test_a_milder_finding_inside_a_stricter_one_is_set_aside() -> None:
    compiled = make_compiled(
        one_rule("redact").rstrip() + "\n            - {id: P, title: p, verdict: warn, pattern: '1111 1111'}"
    )
    decision = decided(compiled, CARD)
    assert decision.verdict is Verdict.REDACT
    assert [finding.rule for finding in decision.findings] == ["CARD"]


def test_a_long_mild_rule_hides_nothing_that_another_rule_stops() -> None:
    compiled = make_compiled(
        one_rule("block").rstrip() + "\n            - {id: P, title: p, verdict: flag, pattern: '.+'}"
    )
    decision = decided(compiled, f"all of this {CARD} matches")
    assert decision.verdict is Verdict.BLOCK
    assert {finding.rule for finding in decision.findings} == {"CARD", "P"}


def test_the_author_of_a_rule_may_choose_the_words() -> None:
    rule = one_rule("block", "notice: {title: No cards., why: They get stolen., actions: [Use the vault.]}")
    notice = decided(make_compiled(rule), CARD).notice
    assert notice is not None
    assert (notice.title, notice.why, notice.actions) == (
        "No cards.",
        "They get stolen.",
        ("Use the vault.",),
    )


def test_among_equal_verdicts_the_rule_of_higher_priority_speaks() -> None:
    compiled = make_compiled(
        """
        dlp:
          rules:
            - {id: A, title: first, verdict: block, lexicon: [alpha]}
            - {id: B, title: second, verdict: block, lexicon: [beta], priority: 1}
        """
    )
    notice = decided(compiled, "alpha beta").notice
    assert notice is not None
    assert "second" in notice.title


# -- for all bundles, facts and texts -------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(bundles(), any_facts(), texts)
def test_the_same_input_always_gets_the_same_answer(bundle: Bundle, facts: Facts, text: str) -> None:
    first = decided(make_compiler().compile(bundle), text, facts)
    assert decided(make_compiler().compile(bundle), text, facts) == first


@settings(max_examples=25, deadline=None)
@given(bundles(), any_facts(), texts, st.permutations(("red", "blue", "green")))
def test_one_barrier_more_never_makes_a_decision_milder(
    bundle: Bundle, facts: Facts, text: str, order: list[str]
) -> None:
    barrier = Barrier(id="MORE", title="more", between=tuple(order[:2]))
    more = msgspec.structs.replace(bundle, barriers=(*bundle.barriers, barrier))
    before = decided(make_compiler().compile(bundle), text, facts)
    after = decided(make_compiler().compile(more), text, facts)
    assert after.verdict.rank >= before.verdict.rank
    assert not after.verdict.delivers or before.verdict.delivers


@settings(max_examples=25, deadline=None)
@given(bundles(), any_facts(), texts)
def test_whoever_releases_everything_still_meets_blocks(bundle: Bundle, facts: Facts, text: str) -> None:
    compiled = make_compiler().compile(bundle)
    before = decided(compiled, text, facts)
    everything = frozenset(before.obligations.get("finding_keys", ()))
    after = decided(compiled, text, replace(facts, approved=everything))
    assert (after.verdict is Verdict.BLOCK) is (before.verdict is Verdict.BLOCK)
    assert after.verdict.delivers or after.verdict is Verdict.BLOCK


@pytest.mark.parametrize("text", ["x" * 20_000, "https://a.example/ " * 1_000, f"{CARD} " * 1_000])
def test_a_decision_is_taken_in_steps_of_at_most_4_kb(text: str) -> None:
    compiled = make_compiled(
        one_rule("redact") + "\n        sharing: [{id: S, title: s, verdict: flag, links: true}]"
    )
    facts = make_facts(audience=(make_person("out", external=True),))
    steps = decide_steps(facts, text, compiled, new_id=lambda: "x", fingerprints=FINGERPRINTS)
    assert sum(1 for _ in steps) >= 2 * (len(text) // 4_096)


def _confirming(decision: Decision) -> Facts:
    rules = tuple(str(finding.rule) for finding in decision.findings)
    return make_facts(confirmed=rules, confirmed_text=decision.obligations["text_hash"])


def _releasing(decision: Decision) -> Facts:
    return make_facts(approved=frozenset(decision.obligations["finding_keys"]))
