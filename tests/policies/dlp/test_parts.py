"""A number is found however it is laid over the parts of one message: tables, quotes, names of files."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.messaging.carried import BREAK
from core.messaging.markup import parse, plain
from core.types import Confidence, Surface, Verdict
from policies.dlp.redact import redact
from policies.dlp.scan import Scanner
from policies.dlp.shown import shown
from policies.source import parse as parse_bundle
from policies.standard import standard_compiler, standard_vocabulary
from tests.factories.policies import decided, make_facts, source
from tests.policies.dlp.values import card

SEEDS = st.integers(0, 10**9)


def groups_of(seed: int) -> list[str]:
    number = card(Random(seed))
    return [number[at : at + 4] for at in range(0, 16, 4)]


def found(scanner: Scanner, text: str, beside: tuple[str, ...] = ()) -> list[tuple[int, int]]:
    result = scanner.scan(text, beside)
    assert result.complete
    return [
        (match.start, match.end)
        for match in result.matches
        if match.detector == "payment_card" and match.confidence >= Confidence.MEDIUM
    ]


def changed(text: str, digit: str) -> str:
    """Return a text in which the last ``digit`` is another one: no number any more."""
    return text[::-1].replace(digit, str((int(digit) + 1) % 10), 1)[::-1]


ROWS = {
    "edges": "| a | b |\n|---|---|\n| {} | {} |\n| {} | {} |",
    "no edges": "a | b\n---|---\n{} | {}\n{} | {}",
    "one cell a row": "| a |\n|---|\n| {} |\n| {} |\n| {} |\n| {} |",
    "in the head": "| {} | {} |\n| :-- | --: |\n| {} | {} |\nand more",
    "with marks": "| a | b |\n|---|---|\n| **{}** | `{}` |\n| {} | _{}_ |",
    "quoted": "> | a | b |\n> |---|---|\n> | {} | {} |\n> | {} | {} |",
    "wide": "| a | b |\n|---|---|\n|    {}    |    {}    |\n|    {}    |    {}    |",
    "after words": "look:\n\n| a | b |\n|---|---|\n| {} | {} |\n| {} | {} |",
    "empty cells": "| a | b | c |\n|---|---|---|\n| {} |  | {} |\n|  | {} | {} |",
}
COLUMNS = {
    "first": "| card | n |\n|---|---|\n| {} | a |\n| {} | b |\n| {} | c |\n| {} | d |",
    "second": "| n | x |\n|---|---|\n| a | {} |\n| b | {} |\n| c | {} |\n| d | {} |",
    "into the next": "| a | b |\n|---|---|\n| {} | {third} |\n| {second} | {} |",
    "with marks": "| card | n |\n|---|---|\n| **{}** | a |\n| `{}` | b |\n| ~~{}~~ | c |\n| {} | d |",
}


@pytest.mark.parametrize("layout", ROWS)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_a_number_read_over_the_rows_of_a_table_is_found_and_none_of_it_stays(
    scanner: Scanner, layout: str, seed: int
) -> None:
    groups = groups_of(seed)
    text = ROWS[layout].format(*groups)
    (span,) = found(scanner, text)
    tree, _, _ = parse(redact(text, [span], ["card"]))
    assert not [group for group in groups if group in plain(tree)]
    assert not found(scanner, changed(text, groups[-1][-1]))


@pytest.mark.parametrize("layout", COLUMNS)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_a_number_read_down_the_columns_of_a_table_is_found_and_none_of_it_stays(
    scanner: Scanner, layout: str, seed: int
) -> None:
    groups = groups_of(seed)
    first, second, third, fourth = groups
    if layout == "into the next":
        text = COLUMNS[layout].format(first, fourth, second=second, third=third)
    else:
        text = COLUMNS[layout].format(*groups)
    spans = found(scanner, text)
    assert spans
    tree, _, _ = parse(redact(text, spans, ["card"] * len(spans)))
    assert not [group for group in groups if group in plain(tree)]


@given(
    text=st.text(alphabet="|-: \n\r\t>a1*\\_`\u2029[]()", max_size=60),
    start=st.integers(0, 60),
    length=st.integers(1, 20),
)
def test_what_is_seen_of_any_table_has_its_place_in_what_was_written(
    text: str, start: int, length: int
) -> None:
    for reading in shown(text):
        low = min(start, max(0, len(reading.text) - 1))
        high = min(len(reading.text), low + length)
        if low < high and not reading.text[low:high].isspace():
            begins, ends = reading.place(low, high)
            assert 0 <= begins <= ends <= len(text)


def test_a_long_table_costs_in_step_with_its_length(scanner: Scanner) -> None:
    table = "| a | b |\n|---|---|\n" + "| 12 | ok |\n" * 400
    one, two = scanner.scan(table), scanner.scan(table + "| 12 | ok |\n" * 400)
    assert one.complete
    assert two.work < 3 * one.work


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, cut=st.integers(1, 15), before=st.sampled_from(["", "pay ", "so, "]))
def test_a_number_split_between_words_and_what_they_carry_is_found_wherever_it_is_cut(
    scanner: Scanner, seed: int, cut: int, before: str
) -> None:
    number = card(Random(seed))
    text = f"{before}{number[:cut]}{BREAK}{number[cut:]} ok"
    (span,) = found(scanner, text)
    assert span == (len(before), len(before) + 16 + len(BREAK))
    assert not found(scanner, changed(text, number[-1]))


RULES = "dlp: {rules: [{id: CARD, title: card, verdict: VERDICT, detectors: [payment_card], min_confidence: medium}]}"


@pytest.mark.parametrize("surface", [Surface.MESSAGE, Surface.FILE_NAME, Surface.REACTION])
@pytest.mark.parametrize("verdict", ["block", "redact", "quarantine"])
def test_a_number_that_comes_only_of_what_stands_beside_is_stopped(surface: Surface, verdict: str) -> None:
    bundle = parse_bundle([("policy.yaml", source(RULES.replace("VERDICT", verdict)))], standard_vocabulary())
    compiled = standard_compiler({}).compile(bundle)
    facts = make_facts(surface=surface, beside=("plan", "4111 1111"))
    decision = decided(compiled, "1111 1111 then", facts)
    assert not decision.verdict.delivers
    assert decision.findings[0].preceding
    assert decided(compiled, "1111 1112 then", facts).verdict is Verdict.ALLOW
    alone = decided(compiled, "1111 1111 then", make_facts(surface=surface))
    assert alone.verdict is Verdict.ALLOW


def test_what_stands_whole_in_one_part_is_found_once() -> None:
    bundle = parse_bundle(
        [("policy.yaml", source(RULES.replace("VERDICT", "redact")))], standard_vocabulary()
    )
    compiled = standard_compiler({}).compile(bundle)
    decision = decided(compiled, "pay 4111 1111 1111 1111", make_facts(beside=("4111 1111 1111 1111",)))
    assert [(one.start, one.end, one.preceding) for one in decision.findings] == [(4, 23, False)]
    assert decision.verdict is Verdict.REDACT
