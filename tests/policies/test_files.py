"""What a bundle says of files: types, sizes, what cannot be read; and texts far longer than a message."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.types import (
    ConversationId,
    ConversationKind,
    Decision,
    Facts,
    FileFacts,
    PersonFacts,
    PersonId,
    Surface,
    Verdict,
)
from policies.bundle import Bundle
from policies.engine import decide
from policies.fingerprints import KeyedFingerprints
from policies.model.parts import Unscannable
from policies.model.usage import Files, Unreadable
from policies.standard import load_pack, standard_compiler

CARD = "4111 1111 1111 1111"
TEXT = FileFacts("text/plain", 1_000)
COMPILER = standard_compiler()
DEMO = load_pack("demo")


def ask(
    text: str, file: FileFacts = TEXT, rules: Files | None = None, surface: Surface = Surface.FILE
) -> Decision:
    bundle: Bundle = DEMO if rules is None else _with(rules)
    facts = Facts(
        surface,
        PersonFacts(PersonId("ana")),
        ConversationId("room"),
        ConversationKind.GROUP,
        (PersonFacts(PersonId("ben")),),
        datetime(2026, 3, 2, tzinfo=UTC),
        file=file,
    )
    fingerprints = KeyedFingerprints(lambda data: str(hash(data)))
    return decide(facts, text, COMPILER.compile(bundle), new_id=lambda: "d", fingerprints=fingerprints)


def _with(rules: Files) -> Bundle:
    import msgspec

    return msgspec.structs.replace(DEMO, files=rules)


@pytest.mark.parametrize(
    ("rules", "kind", "verdict"),
    [
        (Files(), "image/png", Verdict.ALLOW),
        (Files(types=("image/*", "application/pdf")), "image/png", Verdict.ALLOW),
        (Files(types=("image/*",)), "text/plain", Verdict.BLOCK),
        (Files(denied=("application/x-dosexec",)), "application/x-dosexec", Verdict.BLOCK),
        (Files(types=("image/*",), denied=("image/svg+xml",)), "image/svg+xml", Verdict.BLOCK),
    ],
)
def test_types_are_allowed_and_denied_by_what_is_in_a_file(rules: Files, kind: str, verdict: Verdict) -> None:
    decision = ask("", FileFacts(kind, 10), rules)
    assert decision.verdict is verdict
    if verdict is Verdict.BLOCK:
        assert decision.findings[0].rule == "file-type"
        assert decision.notice is not None
        assert kind in decision.notice.title


def test_a_file_larger_than_the_bundle_allows_is_stopped() -> None:
    assert ask("", FileFacts("text/plain", 3 * 1024 * 1024), Files(max_mb=2)).verdict is Verdict.BLOCK


@pytest.mark.parametrize("choice", Unreadable)
def test_the_bundle_chooses_what_becomes_of_what_cannot_be_read(choice: Unreadable) -> None:
    decision = ask("", replace(TEXT, problem="locked"), Files(unreadable=choice))
    assert (decision.verdict, decision.findings[0].rule) == (choice.verdict, "unreadable")
    assert decision.notice is None or "it has a password" in decision.notice.title


@pytest.mark.parametrize("choice", Unscannable)
@pytest.mark.parametrize("surface", [Surface.FILE, Surface.FILE_NAME])
def test_where_a_rule_covers_the_bundle_says_what_becomes_of_a_file(
    choice: Unscannable, surface: Surface
) -> None:
    decision = ask(f"pay {CARD}", rules=Files(cannot_cover=choice), surface=surface)
    assert (decision.verdict, decision.redacted) == (choice.verdict, None)


def test_the_text_of_a_file_is_read_to_its_end_however_long() -> None:
    plain = "The quick brown fox jumps over 12 lazy dogs. " * 20_000
    assert ask(plain).verdict is Verdict.ALLOW
    decision = ask(plain + CARD)
    assert decision.complete
    (finding,) = decision.findings
    assert (finding.rule, finding.start) == ("CARD-1", len(plain))


@pytest.mark.parametrize("before", range(19_985, 20_005, 3))
def test_what_stands_across_a_border_of_two_pieces_is_found_once(before: int) -> None:
    text = ("word " * 10_000)[:before] + f" {CARD} " + "word " * 5_000
    (finding,) = ask(text).findings
    assert text[finding.start : finding.end] == CARD
