"""The bundles that come with the suite keep their own promises, with the detectors of the catalogue."""

import pytest

from core.errors import InvalidInput
from core.types import Verdict
from policies.bundle import canonical, from_canonical
from policies.bundle_tests import run_tests
from policies.check import lint
from policies.compiled import Compiler
from policies.source import parse
from policies.standard import PACKS, load_pack, standard_compiler, standard_vocabulary
from tests.factories.policies import MONDAY, source


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_passes_its_own_tests(name: str, compiler: Compiler) -> None:
    report = run_tests(compiler.compile(load_pack(name)))
    assert {result.name: result.complaint for result in report.failures} == {}
    assert len(report.results) >= 14


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_has_nothing_to_warn_about(name: str) -> None:
    assert list(lint(load_pack(name), MONDAY)) == []


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_survives_its_canonical_form(name: str) -> None:
    bundle = load_pack(name)
    assert from_canonical(canonical(bundle)) == bundle


def test_a_failing_test_is_reported_by_its_name(compiler: Compiler) -> None:
    wrong = parse(
        [("wrong", source("tests: [{name: all is well, given: {text: hello}, expect: {verdict: block}}]"))],
        standard_vocabulary(),
    )
    report = run_tests(compiler.compile(wrong))
    assert not report.passed
    assert [(each.name, str(each.complaint)) for each in report.failures] == [
        ("all is well", "Expected block, got allow by no rule.")
    ]


def test_a_pack_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput, match="first, demo"):
        load_pack("other")


@pytest.mark.parametrize("pattern", ["(?=x)y", r"(a)\1", "x*", "("])
def test_a_pattern_that_re2_does_not_take_is_refused_with_its_line(pattern: str) -> None:
    rule = f"dlp:\n  rules:\n    - id: R\n      title: t\n      verdict: block\n      pattern: '{pattern}'"
    with pytest.raises(InvalidInput, match=r"policy.yaml:8: dlp.rules\[0\].pattern: .*pattern"):
        parse([("policy.yaml", source(rule))], standard_vocabulary())


def test_every_verdict_is_shown_by_the_demo_bank() -> None:
    expected = {test.expect.verdict for test in load_pack("demo").tests}
    assert expected == set(Verdict)


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return standard_compiler()
