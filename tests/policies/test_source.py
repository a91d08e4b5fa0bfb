"""A bundle's source is refused with file, line and path for everything that is wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput
from core.types import ConversationKind, Verdict
from policies.source import load, parse
from tests.factories.policies import VOCABULARY, make_bundle, source


@pytest.mark.parametrize(
    ("body", "line", "path", "message"),
    [
        ("dlp: {rules: [{id: R, title: t, verdict: block, min_cont: 2}]}", 3, "dlp.rules[0].min_cont", "did you mean 'min_count'"),
        ("dlp:\n  rules:\n    - id: R\n      title: t\n      verdict: block\n      detectors: [iban]\n      min_count: two", 9, "dlp.rules[0].min_count", "whole number, not 'two'"),
        ("dlp:\n  rules:\n    - {id: R, title: t, verdict: block, detectors: [iban], min_count: 0}", 5, "dlp.rules[0].min_count", "from 1 to 1000"),
        ("dlp: {rules: [{id: R, verdict: block, detectors: [iban]}]}", 3, "dlp.rules[0].title", "missing"),
        ("dlp: {rules: [{id: R, title: t, verdict: stop, detectors: [iban]}]}", 3, "dlp.rules[0].verdict", "not 'stop'"),
        ("dlp: {rules: [{id: R, title: t, verdict: allow, detectors: [iban]}]}", 3, "dlp.rules[0].verdict", "no effect"),
        ("dlp: {rules: [{id: R, title: t, verdict: block}]}", 3, "dlp.rules[0]", "Nothing to look for"),
        ("dlp: {rules: [{id: R, title: t, verdict: block, detectors: [ibam]}]}", 3, "dlp.rules[0].detectors[0]", "no detector 'ibam'"),
        ("dlp: {rules: [{id: R, title: t, verdict: block, pattern: '('}]}", 3, "dlp.rules[0].pattern", "not accept"),
        ("dlp: {rules: [{id: R, title: t, verdict: block, lexicon: ['--']}]}", 3, "dlp.rules[0].lexicon[0]", "letter or digit"),
        ("dlp: {rules: [{id: R, title: t, verdict: block, detectors: [iban], near: {detector: zap}}]}", 3, "dlp.rules[0].near.detector", "no detector 'zap'"),
        ("dlp: {rules: [{id: R, title: t, verdict: block, detectors: [iban], unique: yes}]}", 3, "dlp.rules[0].unique", "true or false"),
        ("dlp: {rules: [{id: R, title: t, verdict: block, detectors: [iban], scope: {to: [moon]}}]}", 3, "dlp.rules[0].scope.to[0]", "no segment 'moon'"),
        ("dlp: {rules: [{id: unscannable, title: t, verdict: block, detectors: [iban]}]}", 3, "dlp.rules[0].id", "is used by"),
        ("dlp: {rules: [{id: 1st, title: t, verdict: block, detectors: [iban]}]}", 3, "dlp.rules[0].id", "begins with a letter"),
        ("dlp: {rules: [{id: R, title: '', verdict: block, detectors: [iban]}]}", 3, "dlp.rules[0].title", "not be empty"),
        ("dlp: {rules: {id: R}}", 3, "dlp.rules", "a list, not keys"),
        ("dlp: [1]", 3, "dlp", "keys with values, not a list"),
        ("dlp: {preceding_minutes: 010}", 3, "dlp.preceding_minutes", "whole number"),
        ("name: Again", 3, "name", "already in line 1"),
        ("dlp: {unscannable: block, unscannable: quarantine}", 3, "dlp.unscannable", "already in line 3"),
        ("segments: {b: *all}", 3, "segments.b", "Aliases (*all) are refused"),
        ("segments: {a: &all {title: A}}", 3, "segments.a", "Anchors (&all) are refused"),
        ("segments: {a: !!map {title: A}}", 3, "segments.a", "Tags"),
        ("segments: {a: !!python/object:os.system {title: A}}", 3, "segments.a", "Tags"),
        ("segments: {a: {<<: {title: A}}}", 3, "segments.a", "plain text"),
        ("segments: {a: {title: A, people: [no]}}", 3, "segments.a.people[0]", "YAML reads as bool (put text in quotes)"),
        ("segments: {a: {title: A, people: [7]}}", 3, "segments.a.people[0]", "YAML reads as int"),
        ("segments: {a: {title: A, people: }}", 3, "segments.a.people", "a list, not nothing"),
        ("segments: {a b: {title: A}}", 3, "segments.a b", "begins with a letter"),
        ("segments: {[a]: {title: A}}", 3, "segments", "plain text"),
        ("barriers: [{id: B, title: t, between: [a]}]", 3, "barriers[0].between", "exactly 2 entries, not 1"),
        ("barriers: [{id: B, title: t, between: [a, b]}]", 3, "barriers[0].between[0]", "no segment 'a'"),
        ("segments: {a: {title: A}}\nbarriers: [{id: B, title: t, between: [a, a]}]", 4, "barriers[0].between", "two different"),
        ("sharing: [{id: S, title: t, verdict: redact}]", 3, "sharing[0].verdict", "Nothing marks"),
        ("retention: {direct: 0}", 3, "retention", "already"),
        ("quarantine: {expires_hours: 0}", 3, "quarantine.expires_hours", "from 1 to 720"),
        ("tests: [{name: n, given: {text: t}, expect: {verdict: allow, rules: [X]}}]", 3, "tests[0].expect.rules[0]", "no rule 'X'"),
        ("tests: [{name: n, given: {text: t, at: 2026-01-01}, expect: {verdict: allow}}]", 3, "tests[0].given.at", "a time with its zone"),
        ("- x", 3, "(document)", "not valid YAML"),
        ("x: 1", 3, "x", "Unknown key"),
    ],
)  # fmt: skip
def test_each_error_has_its_line_its_path_and_a_remedy(body: str, line: int, path: str, message: str) -> None:
    found = _complaints(("firm.yaml", source(body)))
    assert [(each["file"], each["line"], each["path"]) for each in found][:1] == [("firm.yaml", line, path)]
    assert message in found[0]["message"]


def test_a_crossing_needs_a_third_person_to_approve_it_and_an_end_after_its_beginning() -> None:
    found = _complaints(
        (
            "firm.yaml",
            source(
                """
                segments: {a: {title: A}, b: {title: B}}
                barriers:
                  - id: B
                    title: t
                    between: [a, b]
                    crossings:
                      - people: [ada, ben]
                        approver: ada
                        chaperone: ben
                        since: 2026-02-01T00:00:00Z
                        until: 2026-01-01T00:00:00Z
                """
            ),
        )
    )
    assert [(each["line"], each["path"]) for each in found] == [
        (10, "barriers[0].crossings[0].approver"),
        (11, "barriers[0].crossings[0].chaperone"),
        (13, "barriers[0].crossings[0].until"),
    ]


def test_all_errors_of_all_files_are_told_at_once() -> None:
    found = _complaints(
        ("a.yaml", "name: 7\nretention: {direct: x}\nextra: 1"), ("b.yaml", "dlp:\n  unscannable: maybe")
    )
    assert [(each["file"], each["line"]) for each in found] == [
        ("a.yaml", 1),
        ("a.yaml", 2),
        ("a.yaml", 2),
        ("a.yaml", 2),
        ("a.yaml", 2),
        ("a.yaml", 3),
        ("b.yaml", 2),
    ]


@pytest.mark.parametrize("section", ["supervision"])
def test_sections_of_a_later_release_are_refused_by_their_own_code(section: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_bundle(f"{section}: {{anything: 1}}")
    assert refused.value.code == "unsupported_section"
    assert refused.value.params["errors"][0]["path"] == section
    assert "not supported yet" in refused.value.message


def test_an_unsupported_section_beside_other_errors_is_one_of_them() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_bundle("supervision: {}\nx: 1")
    assert refused.value.code == "bad_bundle"
    assert [each["code"] for each in refused.value.params["errors"]] == ["unsupported_section", "unknown_key"]


def test_a_folder_of_documents_becomes_one_bundle(tmp_path: Path) -> None:
    (tmp_path / "1-base.yaml").write_text(source("segments: {a: {title: A, groups: [x]}}"))
    (tmp_path / "2-rules.yaml").write_text(
        "segments: {b: {title: B}}\ndlp: {rules: [{id: R, title: t, verdict: block, detectors: [iban]}]}\n"
        "---\ndlp: {rules: [{id: Q, title: t, verdict: flag, lexicon: [word]}], preceding_minutes: 5}\n"
    )
    bundle = load(tmp_path, VOCABULARY)
    assert list(bundle.segments) == ["a", "b"]
    assert [(rule.id, rule.verdict) for rule in bundle.dlp.rules] == [
        ("R", Verdict.BLOCK),
        ("Q", Verdict.FLAG),
    ]
    assert bundle.dlp.preceding_minutes == 5


def test_an_error_in_a_joined_list_is_told_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        source("dlp: {rules: [{id: R, title: t, verdict: block, detectors: [iban]}]}")
    )
    (tmp_path / "b.yaml").write_text(
        "dlp:\n  rules:\n    - {id: R, title: t, verdict: block, detectors: [iban]}\n"
    )
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, VOCABULARY)
    (found,) = refused.value.params["errors"]
    assert (Path(found["file"]).name, found["line"], found["path"]) == ("b.yaml", 3, "dlp.rules[0].id")


def test_a_single_value_may_stand_in_one_document_only(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(source("dlp: {preceding_minutes: 5}"))
    (tmp_path / "b.yaml").write_text("dlp: {preceding_minutes: 6}\n")
    with pytest.raises(
        InvalidInput, match=r"b.yaml:1: dlp.preceding_minutes: Stands already in .*a.yaml, line 3"
    ):
        load(tmp_path, VOCABULARY)


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: [", "[" * 3_000, "\x00", "a: b: c", "&a *a"])
def test_whatever_is_no_bundle_is_refused_with_a_place(text: str) -> None:
    found = _complaints(("firm.yaml", text))
    assert all(each["file"] == "firm.yaml" and each["line"] >= 1 for each in found)


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9t\xe9")
    with pytest.raises(InvalidInput, match=r"latin.yaml:1: \(document\): This is not UTF-8"):
        load(tmp_path, VOCABULARY)
    with pytest.raises(InvalidInput, match=r"missing.yaml:1: .*No such file"):
        load(tmp_path / "missing.yaml", VOCABULARY)


def test_what_is_left_out_has_its_default() -> None:
    bundle = make_bundle()
    assert bundle.dlp.preceding_minutes == 10
    assert bundle.quarantine.expires_hours == 24
    assert {rule.kind: rule.days for rule in bundle.retention.rules()} == dict.fromkeys(
        ConversationKind, 2557
    )


def test_a_time_is_kept_in_utc_however_it_was_written() -> None:
    bundle = make_bundle(
        """
        segments: {a: {title: A}, b: {title: B}}
        barriers:
          - id: B
            title: t
            between: [a, b]
            crossings: [{people: [x, y], approver: z, until: "2026-01-01T02:00:00+02:00"}]
        """
    )
    assert bundle.barriers[0].crossings[0].until.isoformat() == "2026-01-01T00:00:00+00:00"


def _complaints(*texts: tuple[str, str]) -> list[dict[str, Any]]:
    with pytest.raises(InvalidInput) as refused:
        parse(texts, VOCABULARY)
    assert refused.value.code == "bad_bundle"
    errors: list[dict[str, Any]] = refused.value.params["errors"]
    assert all(f"{each['file']}:{each['line']}: {each['path']}" in refused.value.message for each in errors)
    return errors
