"""Marks of markdown hide nothing: what a reader sees is found, and covered, in what was written."""

import re
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.messaging.markup import parse, plain
from core.types import Confidence, Verdict
from policies.dlp.catalogue import get_detector
from policies.dlp.redact import redact
from policies.dlp.scan import Scanner
from policies.dlp.shown import shown
from policies.engine import run
from policies.source import parse as parse_bundle
from policies.standard import standard_compiler, standard_vocabulary
from tests.factories.policies import decided, source
from tests.policies.dlp.values import CHECKED, FORMED, card

Cache = dict[str, bytes]

EVERY = {**CHECKED, **FORMED}
#: Values of several lines.
BROKEN = {"private_key"}


def _thirds(value: str) -> tuple[str, str, str]:
    """Return three parts of a value, cut between letters or digits, as an author of marks would."""
    cuts = [i for i in range(1, len(value)) if value[i - 1].isalnum() and value[i].isalnum()]
    low, high = cuts[len(cuts) // 3], cuts[2 * len(cuts) // 3]
    return value[:low], value[low:high], value[high:]


def _wrapped(mark: str) -> Callable[[str], str]:
    def hide(value: str) -> str:
        before, inside, after = _thirds(value)
        return f"{before}{mark}{inside}{mark}{after}"

    return hide


def _linked(value: str) -> str:
    return "".join(f"[{part}](https://example.org/a_(b) 'note)')" for part in _thirds(value))


def _escaped(value: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", value)


MARKS: dict[str, Callable[[str], str]] = {
    "strong": _wrapped("**"),
    "emphasis": _wrapped("*"),
    "struck": _wrapped("~~"),
    "code": _wrapped("`"),
    "links": _linked,
    "escapes": _escaped,
}


def _found(scanner: Scanner, text: str, detector: str) -> list[tuple[int, int]]:
    result = scanner.scan(text)
    assert result.complete
    return [
        (match.start, match.end)
        for match in result.matches
        if match.detector == detector and match.confidence >= Confidence.MEDIUM
    ]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("detector", sorted(EVERY.keys() - BROKEN))
def test_a_value_behind_marks_is_found_and_covered(scanner: Scanner, detector: str, mark: str) -> None:
    make, words = EVERY[detector]
    random = Random(detector)
    for _ in range(3):
        hidden = MARKS[mark](make(random))
        text = f"ok, {words}{hidden}, thanks"
        start = text.index(hidden)
        low, high = start, start + len(hidden)
        if mark == "links":
            low, high = low + 1, high - len("](https://example.org/a_(b) 'note)')")
        spans = _found(scanner, text, detector)
        assert any(found[0] <= low and high <= found[1] for found in spans), (text, spans)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("detector", sorted(CHECKED.keys() - {"bitcoin_address"}))
def test_one_changed_digit_behind_marks_silences(scanner: Scanner, detector: str, mark: str) -> None:
    make, words = CHECKED[detector]
    value = make(Random(detector))
    places = [i for i, c in enumerate(value) if c.isdigit() and i > 3]
    at = places[-1] if detector in {"pl_pesel", "be_nn"} else places[len(places) // 2]
    changed = f"{value[:at]}{(int(value[at]) + 1) % 10}{value[at + 1 :]}"
    assert not _found(scanner, f"ok, {words}{MARKS[mark](changed)}, thanks", detector), changed


@pytest.mark.parametrize(
    "text",
    [
        "> 4111 1111\n> 1111 1111",
        "> 4111 1111\n>\n>> 1111 1111",
        "- 4111\n- 1111\n- 1111\n- 1111",
        "1. 4111\n2. 1111\n3) 1111\n4) 1111",
        "4111\\\n1111\\\n1111\\\n1111",
        "4111 1111\n\n\n\n\n1111 1111",
        "```\n4111 1111\n```\n```text\n1111 1111\n```",
        "_4111_ _1111_ _1111_ _1111_",
        "***4111*** `1111` ~~1111~~ **1111**",
        '[4111](<a b>)[1111](u "x)")[1111](\nu)[1111](u(v(w)))',
        f"[4111]({'u' * 6000})[1111]({'u' * 6000})[1111](u)[1111](u)",
        "41**1\u200b1** 1111 1111 1111",
        "4111;1111;1111;1111",
        "4111: 1111: 1111: 1111",
        "4111 > 1111 > 1111 > 1111",
        "4111|1111|1111|1111",
    ],
)  # fmt: skip
def test_a_card_spread_over_marks_is_found_and_none_of_it_stays_readable(scanner: Scanner, text: str) -> None:
    spans = _found(scanner, text, "payment_card")
    assert len(spans) == 1
    tree, _, _ = parse(redact(text, spans, ["card"]))
    assert not re.search("[0-9]{3}", plain(tree))
    assert not _found(scanner, text[::-1].replace("1", "2", 1)[::-1], "payment_card")


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("**4111 1111 1111 1111** ok", "**▮▮▮ [card]** ok"),
        ("**on 4111 1111** 1111 1111 ok", "on ▮▮▮ [card] ok"),
        ("4111 1111 [1111 1111 thanks](http://a.example/x_(y) 't') bye", "▮▮▮ [card] thanks bye"),
        ("[see 4111 1111](http://a.example) 1111 1111 `b`", "see ▮▮▮ [card] `b`"),
        ("~~4111 **1111 1111 1111** a~~", "~~▮▮▮ [card] a~~"),
    ],
)
def test_redaction_takes_a_mark_and_its_partner_together(scanner: Scanner, text: str, redacted: str) -> None:
    assert redact(text, _found(scanner, text, "payment_card"), ["card"]) == redacted


def test_words_of_lists_patterns_and_keys_are_read_through_marks() -> None:
    scanner = Scanner.build(
        [get_detector(name).id for name in ("aws_access_key", "github_token", "email")],
        {"names": ["project falcon"]},
        {"insider": r"\binsider\b"},
    )
    token = "ghp_a8Kd03jLq9ZxY72mNv5RtB1cWs6EhUf4GpQo"
    for text, name in {
        "about pro*ject* falcon": "names",
        "about `project` **falcon**": "names",
        "> about project\n> falcon": "names",
        "the in**si**der said": "insider",
        "AKIA**IOSF**ODNN7EXAMPLA": "aws_access_key",
        f"{token[:4]}**{token[4:20]}**{token[20:]}": "github_token",
        f"_so_ {token[:4]}`{token[4:20]}`{token[20:]} _then_": "github_token",
        "write to jane**_doe_**@exa`mple`.com": "email",
    }.items():
        assert [match.detector for match in scanner.scan(text).matches] == [name], text


def test_the_target_of_a_link_is_examined_as_written(scanner: Scanner) -> None:
    text = "see [this](mailto:jane.doe@example.com)"
    assert _found(scanner, text, "email") == [(18, 38)]
    text = f"see [this](https://example.org/?card={card(Random(1))})"
    assert "payment_card" in {match.detector for match in scanner.scan(text).matches}


@pytest.mark.parametrize(
    "written",
    [
        "4111`1111`1111`1111`",
        "4111**1111**11111111",
        "[4111](u)[1111](u)[1111](u)[1111](u)",
        r"4111\-1111\-1111\-1111",
        "> 4111 1111\n> 1111 1111",
        "4111 > 1111 > 1111 > 1111",
    ],
)
@pytest.mark.parametrize("verdict", ["block", "redact"])
def test_a_card_number_behind_markdown_is_stopped(written: str, verdict: str, databases: Cache) -> None:
    rule = f"{{id: CARD, title: card, verdict: {verdict}, detectors: [payment_card]}}"
    bundle = parse_bundle([("policy.yaml", source(f"dlp: {{rules: [{rule}]}}"))], standard_vocabulary())
    decision = decided(standard_compiler(databases).compile(bundle), f"pay with\n\n{written}\n\nplease")
    assert decision.verdict is Verdict(verdict)
    assert "11" not in (decision.redacted or "")
    changed = written[::-1].replace("1", "2", 1)[::-1]
    assert decided(standard_compiler(databases).compile(bundle), changed).verdict is Verdict.ALLOW


@pytest.fixture(scope="module")
def databases() -> Cache:
    return {}


def test_a_number_is_found_behind_marks_in_two_messages(scanner: Scanner) -> None:
    (match,) = scanner.scan("**1111** 1111", ["my card is 4111 **1111**"]).matches
    assert (match.detector, match.start, match.end, match.preceding) == ("payment_card", 0, 13, True)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    before=st.text("ab .,\n>", max_size=20),
    after=st.text("ab .,\n", max_size=20),
    marks=st.lists(st.sampled_from(["*", "**", "~~", "`", "](u)[", "\\", "[](u)", "***", "\n> ", ""]), max_size=16),
)  # fmt: skip
def test_the_span_of_a_finding_covers_the_value_in_the_source(
    scanner: Scanner, seed: int, before: str, after: str, marks: Sequence[str]
) -> None:
    value = card(Random(seed))
    padded = [*marks, *[""] * (16 - len(marks))]
    # A backslash before a digit is no escape and shows, and a list of digits of one each is another number.
    hidden = "".join(
        digit + ("" if mark == "\\" or index == 15 else mark)
        for index, (digit, mark) in enumerate(zip(value, padded, strict=True))
    )
    text = f"{before} card [{hidden}](u) {after}"
    start = text.index(f"[{hidden}") + 1
    spans = _found(scanner, text, "payment_card")
    end = start + len(hidden)
    assert any(low <= start and end <= high for low, high in spans), (text, spans)
    assert not re.search("[0-9]", redact(text, spans, ["card"] * len(spans)))


@settings(max_examples=200, deadline=None)
@given(text=st.text("ab1 _*`~[]()\\\n>-.'\"", max_size=60))
def test_every_shown_character_lies_where_it_is_said_to(text: str) -> None:
    for reading in shown(text):
        places = [reading.place(index, index + 1) for index in range(len(reading.text))]
        assert places == sorted(places)
        for character, (low, high) in zip(reading.text, places, strict=True):
            assert 0 <= low < high <= len(text)
            assert character == " " or text[high - 1] == character


def test_underscores_inside_words_stay() -> None:
    assert shown("snake_case_name and __init") == []
    assert [reading.text for reading in shown("`a` is _not_ a_b")] == ["a is _not_ a_b", "a is not a_b"]
    assert shown("2 * 3 * 4 is [24] (right)") == []


@pytest.mark.parametrize(
    "unit",
    ["[", "]", "*", "`", ">", "\\", "_", "~", "](", "[](", '[](a "', "](<", "[a](b", "\n>", "\n- ", "\n1. ", "[](u)",
     "a_", "* ", "a*", "\\\n", "\n```a", "]((", "](a (", "a  \n"],
)  # fmt: skip
def test_marks_alone_cost_work_in_step_with_their_length(scanner: Scanner, unit: str) -> None:
    def steps(length: int) -> tuple[int, int]:
        pauses = 0

        def pause() -> None:
            nonlocal pauses
            pauses += 1

        result = run(scanner.scan_steps((unit * length)[:length]), pause)
        assert result.complete
        return pauses, result.work

    (few, little), (many, much) = steps(10_000), steps(20_000)
    assert much <= 2.2 * little
    assert few <= many <= 2.2 * few + 4
    assert many >= much // 8_192
