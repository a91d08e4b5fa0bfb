"""A checksum alone is weak evidence; words near a value decide."""

from random import Random

import pytest

from core.types import Confidence
from policies.dlp.scan import Scanner
from tests.policies.dlp.values import CHECKED, FORMED, card, pesel, with_luhn

CARD = "4111111111111111"


def surest(scanner: Scanner, text: str) -> int:
    return max((match.confidence for match in scanner.scan(text).matches), default=0)


@pytest.mark.parametrize(
    "text",
    ["my card is 4111 1111 1111 1111", f"visa {CARD}", f"{CARD} exp 12/27", f"credit_card={CARD}", f"Kreditkarte: {CARD}",
     f"信用卡 {CARD}", f"card{CARD}"],
)  # fmt: skip
def test_a_card_with_a_word_near_is_high(scanner: Scanner, text: str) -> None:
    assert surest(scanner, text) == Confidence.HIGH


@pytest.mark.parametrize(
    "text", [CARD, "4111 1111 1111 1111", "here: 4111-1111-1111-1111", "5555555555554444"]
)
def test_a_bare_card_is_medium(scanner: Scanner, text: str) -> None:
    assert surest(scanner, text) == Confidence.MEDIUM


@pytest.mark.parametrize(
    "text",
    [f"order {CARD}", f"your order number is {CARD}", f"Tracking: {CARD}", f"invoice #{CARD}", f"ticket {CARD} is open",
     f"x{CARD}", f"{CARD}b", f"id_{CARD}", f"https://example.com/item/{CARD}", f"{CARD}.pdf", f"ab-{CARD}", f"{CARD}-x7",
     f"0.{CARD}", f"{CARD} is the order id", f"a1b2-{CARD}"],
)  # fmt: skip
def test_order_numbers_and_parts_of_ids_stay_below_medium(scanner: Scanner, text: str) -> None:
    assert surest(scanner, text) < Confidence.MEDIUM


def test_a_numbering_word_does_not_hide_a_card_that_is_named(scanner: Scanner) -> None:
    assert surest(scanner, f"for the order use my card {CARD}") == Confidence.HIGH
    assert surest(scanner, f"my card, order {CARD}") == Confidence.MEDIUM


def test_a_word_counts_only_within_its_window(scanner: Scanner) -> None:
    assert surest(scanner, "my card " + "so it goes " * 20 + CARD) == Confidence.HIGH
    assert surest(scanner, "my card " + "so it goes " * 60 + CARD) == Confidence.MEDIUM


def test_timestamps_that_pass_luhn_stay_silent(scanner: Scanner) -> None:
    random = Random(5)
    for _ in range(300):
        seconds = with_luhn(str(random.randint(100_000_000, 199_999_999)))
        millis = with_luhn(str(random.randint(100_000_000_000, 199_999_999_999)))
        micros = with_luhn(str(random.randint(100_000_000_000_000, 199_999_999_999_999)))
        stamp = f"20{random.randint(10, 30)}{random.randint(1, 12):02d}{random.randint(1, 28):02d}{random.randint(0, 235959):06d}"
        text = f"deployed at {seconds}, {millis} and {micros}; log {stamp}"
        assert surest(scanner, text) < Confidence.MEDIUM, text


def test_random_identifiers_in_plain_chat_stay_silent(scanner: Scanner) -> None:
    random = Random(6)
    flagged = 0
    for _ in range(400):
        uuid = f"{random.getrandbits(128):032x}"
        uuid = f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"
        digits = "".join(random.choice("0123456789") for _ in range(random.randint(5, 13)))
        text = f"see {uuid}, commit {random.getrandbits(160):040x}, then {digits} and {random.random()}"
        flagged += surest(scanner, text) >= Confidence.MEDIUM
    assert flagged == 0


@pytest.mark.parametrize(
    "text",
    [
        "let's meet at 10:30 on 2026-11-23, room 4.12",
        "version 1.2.3.4 is out, build 20261123.5",
        "the password is required, see password: string",
        "we lose nothing, no risk of that",
        "move the signal handler to the other file and text me the diff",
        "SELECT * FROM t WHERE id IN (123456789, 987654321)",
        "localhost 127.0.0.1:8080 and ::1",
        "std::vector<int> a::b::c",
        "pi is 3.14159265358979",
        "Zimmer 12, Bestellung 4532015112830366",
        "for (int i = 0; i < 1000000000; i++)",
        "call me at noon, it's about case 20261123",
    ],
)
def test_plain_chat_stays_silent(scanner: Scanner, text: str) -> None:
    assert surest(scanner, text) < Confidence.MEDIUM


@pytest.mark.parametrize(
    "detector", ["us_bank_routing", "nl_bsn", "pt_nif", "tr_kimlik", "jp_my_number", "ie_pps", "au_tfn"]
)
def test_a_number_that_only_its_words_can_tell_is_silent_without_them(
    scanner: Scanner, detector: str
) -> None:
    value = CHECKED[detector][0](Random(7))
    assert detector not in {match.detector for match in scanner.scan(f"and {value} too").matches}


def test_a_bare_checksum_is_low(scanner: Scanner) -> None:
    matches = scanner.scan(f"hm {pesel(Random(8))}").matches
    assert [(m.detector, m.confidence) for m in matches if m.detector == "pl_pesel"] == [
        ("pl_pesel", Confidence.LOW)
    ]


def test_secrets_need_no_words(scanner: Scanner) -> None:
    random = Random(9)
    for name in ("aws_access_key", "github_token", "stripe_key", "google_api_key", "jwt", "private_key"):
        assert surest(scanner, FORMED[name][0](random)) == Confidence.HIGH


def test_placeholders_are_no_secrets(scanner: Scanner) -> None:
    for text in (
        "ghp_" + "x" * 36,
        "AIza" + "A" * 35,
        "password: ********",
        "password = <your password>",
        "pwd=$PASSWORD",
    ):
        assert surest(scanner, text) < Confidence.MEDIUM


def test_the_same_text_gives_the_same_result_whatever_came_before(scanner: Scanner) -> None:
    random = Random(10)
    texts = [f"{words}{make(random)}" for make, words in {**CHECKED, **FORMED}.values()]
    first = [scanner.scan(text) for text in texts]
    random.shuffle(texts)
    again = {text: scanner.scan(text) for text in texts}
    assert all(
        again[text] == result
        for text, result in zip(sorted(texts), [again[t] for t in sorted(texts)], strict=True)
    )
    assert sorted(map(repr, again.values())) == sorted(map(repr, first))


def test_a_card_that_fits_no_grouping_needs_a_word(scanner: Scanner) -> None:
    n = card(Random(11))
    odd = f"{n[:5]} {n[5:7]} {n[7:13]} {n[13:]}"
    assert surest(scanner, odd) < Confidence.MEDIUM
    assert surest(scanner, f"card {odd}") == Confidence.HIGH
