"""Each detector finds its value at its place, says so with the right confidence, and nothing near it."""

from random import Random

import pytest

from core.errors import InvalidInput
from core.types import Confidence
from policies.dlp.catalogue import all_detectors, get_detector
from policies.dlp.scan import Scanner
from tests.policies.dlp.values import CHECKED, FORMED, card, iban

SAMPLES = 25
EVERY = {**CHECKED, **FORMED}


def spans(
    scanner: Scanner, text: str, detector: str, least: int = Confidence.MEDIUM
) -> list[tuple[int, int]]:
    result = scanner.scan(text)
    assert result.complete
    return [(m.start, m.end) for m in result.matches if m.detector == detector and m.confidence >= least]


def test_every_detector_of_the_catalogue_has_values_here() -> None:
    assert {str(detector.id) for detector in all_detectors()} == set(EVERY)
    assert len(EVERY) >= 35


@pytest.mark.parametrize("detector", sorted(EVERY))
def test_a_value_with_its_words_is_found_at_its_exact_place(scanner: Scanner, detector: str) -> None:
    make, words = EVERY[detector]
    random = Random(detector)
    for _ in range(SAMPLES):
        value = make(random)
        text = f"ok, {words}{value}, thanks"
        start = text.index(value)
        assert (start, start + len(value)) in spans(scanner, text, detector), value


@pytest.mark.parametrize("detector", sorted(CHECKED))
def test_one_changed_digit_silences(scanner: Scanner, detector: str) -> None:
    make, words = CHECKED[detector]
    random = Random(detector)
    for _ in range(SAMPLES):
        value = make(random)
        places = [i for i, c in enumerate(value) if c.isdigit() and i > 3]
        at = random.choice(places[:-2] if len(places) > 4 else places)
        if detector in {"pl_pesel", "be_nn"}:
            at = places[-1]
        other = str((int(value[at]) + 1) % 10)
        changed = value[:at] + other + value[at + 1 :]
        assert not spans(scanner, f"ok, {words}{changed}, thanks", detector), changed


@pytest.mark.parametrize("detector", sorted(CHECKED))
def test_a_value_inside_a_longer_word_is_not_one(scanner: Scanner, detector: str) -> None:
    make, _ = CHECKED[detector]
    value = make(Random(detector))
    assert not spans(scanner, f"ref zz{value}zz", detector)


@pytest.mark.parametrize(
    ("prefix", "length"),
    [
        ("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
        ("6011", 16), ("644", 16), ("65", 16), ("3528", 16), ("3589", 16), ("36", 14), ("305", 14), ("38", 14),
        ("62", 16), ("62", 19), ("5018", 16), ("6759", 16), ("2200", 16), ("508", 16), ("9792", 16),
    ],
)  # fmt: skip
def test_cards_of_every_network_are_found(scanner: Scanner, prefix: str, length: int) -> None:
    random = Random(prefix)
    for _ in range(5):
        number = card(random, prefix, length)
        assert spans(scanner, f"card {number}", "payment_card", Confidence.HIGH) == [(5, 5 + length)]


@pytest.mark.parametrize("prefix", ["1", "7", "90", "2100", "2721", "57"])
def test_a_luhn_number_outside_every_range_is_no_card(scanner: Scanner, prefix: str) -> None:
    number = card(Random(prefix), prefix)
    assert not spans(scanner, f"my card {number}", "payment_card", Confidence.LOW)


@pytest.mark.parametrize(
    "form", ["{a} {b} {c} {d}", "{a}-{b}-{c}-{d}", "{a}.{b}.{c}.{d}", "{a}{b}{c}{d}", "{a}  {b}  {c}  {d}"]
)
def test_a_card_is_found_however_it_is_grouped(scanner: Scanner, form: str) -> None:
    random = Random(1)
    for _ in range(SAMPLES):
        n = card(random)
        written = form.format(a=n[:4], b=n[4:8], c=n[8:12], d=n[12:])
        assert spans(scanner, f"it is {written}.", "payment_card") == [(6, 6 + len(written))]


@pytest.mark.parametrize(
    "neighbours", ["10 {} 12/27 123", "{}, {}", "1) {}\n2) {}", "at 09:30 {} for 250.00"]
)
def test_numbers_beside_a_card_do_not_hide_it(scanner: Scanner, neighbours: str) -> None:
    random = Random(2)
    n = card(random)
    written = f"{n[:4]} {n[4:8]} {n[8:12]} {n[12:]}"
    text = neighbours.format(written, written)
    found = spans(scanner, text, "payment_card")
    assert [text[start:end] for start, end in found] == [written] * text.count(written)


def test_an_iban_ends_where_its_country_says(scanner: Scanner) -> None:
    random = Random(3)
    for country, length in (("DE", 22), ("GB", 22), ("FR", 27), ("NO", 15), ("NL", 18), ("CH", 21)):
        value = iban(random, country, length) if country != "NL" else "NL91ABNA0417164300"
        grouped = " ".join(value[i : i + 4] for i in range(0, len(value), 4))
        for written in (value, grouped, grouped.lower()):
            text = f"send {written} and thanks"
            assert spans(scanner, text, "iban") == [(5, 5 + len(written))]


def test_an_excerpt_never_shows_more_than_the_last_four(scanner: Scanner) -> None:
    random = Random(4)
    for name, (make, words) in CHECKED.items():
        value = make(random)
        for match in scanner.scan(f"{words}{value} ok").matches:
            if match.detector == name:
                shown = "".join(c for c in match.excerpt if c.isalnum())
                assert len(shown) <= 4


def test_a_secret_is_redacted_to_its_end(scanner: Scanner) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 30
    assert spans(scanner, f"use {token} now", "github_token") == [(4, 4 + len(token))]


def test_an_unknown_detector_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInput, match="payment_card") as raised:
        get_detector("payment_cards")
    assert raised.value.code == "unknown_detector"
