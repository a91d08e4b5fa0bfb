"""An author's words in several languages: what is accepted, what a sender is told, what the record keeps."""

import pytest

from core.errors import InvalidInput
from core.types import Notice, Verdict
from policies.bundle import bundle_hash, canonical, from_canonical
from policies.notices import sight_notice
from policies.records import decision_from_record, decision_record
from tests.factories.policies import decided, make_bundle, make_compiled

RULE = "dlp: {rules: [{id: R, title: %s, verdict: %s, lexicon: [alpha]%s}]}"
BOTH = "{en: code name, de: Codename}"
NOTICE = (
    ", notice: {title: {en: Stop., de: Halt.}, why: {en: It is early., de: Es ist früh.}, "
    "actions: [{en: Wait., de: Warten Sie.}]}"
)


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        (RULE % ("{de: Codename}", "warn", ""), "dlp.rules[0].title", "Say it in English (en) too"),
        (RULE % ("{EN: x}", "warn", ""), "dlp.rules[0].title.EN", "A language is written as in de or pt-BR"),
        (RULE % ("{}", "warn", ""), "dlp.rules[0].title", "not be empty"),
        (RULE % ("[a]", "warn", ""), "dlp.rules[0].title", "Expected text, not a list"),
        (RULE % ("{en: x, de: ''}", "warn", ""), "dlp.rules[0].title.de", "not be empty"),
        (
            RULE % ("x", "warn", ", notice: {title: {en: Stop., de: Halt.}, why: It is early.}"),
            "dlp.rules[0].notice.why",
            "The notice speaks de elsewhere",
        ),
        (RULE % ("x", "block", ", silent: true"), "dlp.rules[0].silent", "Only a flag can be silent"),
        (RULE % ("x", "flag", ", silent: true" + NOTICE), "dlp.rules[0].notice", "take the notice out"),
    ],
)
def test_words_that_some_reader_would_miss_are_refused_with_their_path(
    body: str, path: str, message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_bundle(body)
    (error,) = refused.value.params["errors"]
    assert error["path"] == path
    assert message in error["message"]


def test_a_text_for_everybody_stands_in_the_canonical_form_as_it_was_written() -> None:
    form = canonical(make_bundle(RULE % ("code name", "warn", "")))
    assert b'"title":"code name"' in form


def test_the_order_of_languages_does_not_change_the_hash() -> None:
    one, other = (
        make_bundle(RULE % (title, "warn", "")) for title in (BOTH, "{de: Codename, en: code name}")
    )
    assert bundle_hash(one) == bundle_hash(other) == bundle_hash(from_canonical(canonical(one)))
    assert bundle_hash(one) != bundle_hash(make_bundle(RULE % ("code name", "warn", "")))


def test_a_standard_notice_names_what_was_found_in_each_language_of_its_rule() -> None:
    notice = _notice(RULE % (BOTH, "block", ""))
    assert notice.title.startswith("Blocked: code name")
    assert notice.translations["de"].title.startswith("Blocked: Codename")
    assert notice.translations["de"].why == notice.why


def test_an_authors_notice_is_told_whole_in_each_of_its_languages() -> None:
    notice = _notice(RULE % (BOTH, "warn", NOTICE))
    german = Notice("Halt.", "Es ist früh.", ("Warten Sie.",))
    assert notice == Notice("Stop.", "It is early.", ("Wait.",), {"de": german})


def test_words_for_everybody_have_no_translations() -> None:
    assert _notice(RULE % ("code name", "warn", "")).translations == {}
    own = _notice(RULE % (BOTH, "warn", ", notice: {title: Stop., why: It is early., actions: [Wait.]}"))
    assert own.translations == {}


def test_a_barrier_is_explained_in_each_language_of_its_author() -> None:
    bundle = make_bundle(
        """
        segments: {a: {title: {en: A, de: Ah}}, b: {title: B}}
        barriers: [{id: W, title: {en: A and B are apart, de: A und B sind getrennt}, between: [a, b]}]
        """
    )
    told = sight_notice(bundle.barriers[0])
    assert told.title == "You can't message this person: A and B are apart (rule W)."
    assert told.translations["de"].title == "You can't message this person: A und B sind getrennt (rule W)."


def test_the_record_keeps_every_language_that_could_be_shown() -> None:
    decision = decided(make_compiled(RULE % (BOTH, "warn", NOTICE)), "alpha")
    assert decision_from_record(decision_record(decision)) == decision


def test_a_record_of_one_language_is_still_read() -> None:
    decision = decided(make_compiled(RULE % ("x", "warn", "")), "alpha")
    record = decision_record(decision)
    del record["notice"]["translations"]
    assert decision_from_record(record) == decision


def test_a_flag_is_told_and_a_silent_one_is_not() -> None:
    told = decided(make_compiled(RULE % ("x", "flag", "")), "alpha")
    assert told.notice is not None and told.notice.title.startswith("Flagged: x")
    silent = decided(make_compiled(RULE % ("x", "flag", ", silent: true")), "alpha")
    assert (silent.verdict, silent.notice) == (Verdict.FLAG, None)
    assert silent.obligations["silent"] == ["R"]


def _notice(body: str) -> Notice:
    notice = decided(make_compiled(body), "alpha").notice
    assert notice is not None
    return notice
