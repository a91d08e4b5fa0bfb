"""Text becomes terms, and terms become tokens that tell nothing without the key."""

import itertools
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.search import function_words
from audit.search.function_words import FUNCTION_WORDS
from audit.search.tokens import FILLER, TELLS_OF_FILES, Blinder, analyse, blind, document, fold, terms_of
from tests.contracts.search_index import record

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Wire the FUNDS today!", "wire the funds today"),
        ("Straße STRASSE ﬁn", "strasse strasse fin"),
        ("e\u0301t\u00e9", "été"),
        ("report.pdf ana.loew@corp.example", "report pdf ana loew corp example"),
        ("don't l’accord", "don t l accord"),
        ("project_zeus End.Start note:this", "project zeus end start note this"),
        ("3.14 1,000 10.0.0.1 16:30", "3.14 1,000 10.0.0.1 16 30"),
        ("v1.2.exe", "v1.2 exe"),
        ("se\u00adcret se\u200dcret se\ufe0fcret", "secret secret secret"),
        ("https://a.example/x?y=1", "https a example x y 1"),
        ("#fx-desk C++ $5", "fx desk c 5"),
        ("㍿ ½", "株 式 会 社 1⁄2"),
        ("!!! — … *", ""),
        ("", ""),
    ],
)
def test_words_are_cut_and_folded(text: str, terms: str) -> None:
    assert " ".join(terms_of(text)) == terms


def test_emoji_are_terms_whole_sequences_included() -> None:
    assert terms_of("ok 👍🏽👩‍👩‍👧 ❤️ 🇩🇪🚀🚀") == ["ok", "👍🏽", "👩‍👩‍👧", "❤", "🇩🇪", "🚀", "🚀"]


def test_han_hiragana_and_thai_come_out_by_character_and_katakana_by_word() -> None:
    assert terms_of("東京タワーへ") == ["東", "京", "タワー", "へ"]
    assert terms_of("สวัสดี") == ["ส", "วั", "ส", "ดี"]


def test_positions_have_no_gap_and_spans_point_into_the_text() -> None:
    text = "See report.pdf, 東京 👍🏽 — ok"
    tokens = analyse(text)
    assert [token.position for token in tokens] == list(range(len(tokens)))
    assert [text[token.start : token.end] for token in tokens] == [
        "See",
        "report",
        "pdf",
        "東",
        "京",
        "👍🏽",
        "ok",
    ]


def test_a_term_that_folding_lengthens_claims_its_whole_segment() -> None:
    text = "die ㍿ ruft"
    assert [text[token.start : token.end] for token in analyse(text)] == [
        "die",
        "㍿",
        "㍿",
        "㍿",
        "㍿",
        "ruft",
    ]


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    assert terms_of("a\ud800b") == ["a", "b"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_ordered_spans_and_no_white_space_in_terms(text: str) -> None:
    tokens = analyse(text)
    assert [token.term for token in tokens] == terms_of(text)
    for before, after in itertools.pairwise(tokens):
        assert before.start <= after.start
        assert after.end <= len(text)
    assert all(token.term and not re.search(r"\s", token.term) for token in tokens)


def test_a_token_is_64_bits_of_a_keyed_hash_over_length_prefixed_parts() -> None:
    token = blind(KEY, "body", "merger")
    assert token == "BSYRsvxnBXg"
    assert re.fullmatch(r"[A-Za-z0-9_-]{11}", token)
    assert (
        len(
            {
                token,
                blind(KEY, "from", "merger"),
                blind(KEY, "bodym", "erger"),
                blind(bytes(32), "body", "merger"),
            }
        )
        == 4
    )


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Blinder(b"short")


def test_a_document_holds_tokens_in_order_with_fillers_for_function_words() -> None:
    made = document(KEY, record("r1", "Wire the funds", has_link=True, at=datetime(2026, 3, 2, tzinfo=UTC)))
    wire, filler, funds = made.body.split()
    assert (wire, filler, funds) == (blind(KEY, "body", "wire"), FILLER, blind(KEY, "body", "funds"))
    assert made.at_ms == 1_772_409_600_000
    assert made.has.split() == [blind(KEY, "has", TELLS_OF_FILES), blind(KEY, "has", "link")]
    assert made.verdict == blind(KEY, "verdict", "allow")


def test_names_keep_their_function_words_and_stand_apart() -> None:
    made = Blinder(KEY).document(record("r1", sender=("u123", "May Will", "u123")))
    tokens = [blind(KEY, "from", term) for term in ("u123", "may", "will")]
    assert made.sender == f"{tokens[0]} {FILLER} {tokens[1]} {tokens[2]}"


def test_a_document_holds_no_word_of_its_record() -> None:
    made = document(
        KEY, record("r1", "canaryone canarytwo", sender=("canarythree",), conversation=("canaryfour",))
    )
    assert "canary" not in str(made)


def test_about_200_function_words_per_language_are_known_in_folded_form() -> None:
    lists = (function_words.ENGLISH, function_words.GERMAN, function_words.FRENCH, function_words.SPANISH)
    assert all(190 <= len(listed) <= 290 for listed in lists)
    assert all(fold(word) == word and terms_of(word) == [word] for word in FUNCTION_WORDS)
    assert FUNCTION_WORDS.isdisjoint({"war", "car", "son", "hat", "sin", "pour", "gift", "wire"})
