"""Policies for their authors: read in words, checked with lines, proposed with a reason."""

from collections.abc import Callable
from html import unescape

import pytest

from policies.source import parse
from policies.standard import load_pack
from tests.fakes.chat_services import DEMO_BUNDLE, VOCABULARY, FakeChatServices
from tests.web.conftest import FROM_OUR_PAGE, Browser
from web.console.words import sections, span


def test_the_bundle_in_force_is_shown_in_words(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("ivo").get("/console/policies").text
    assert "“research” and “trading” are kept apart" in page
    assert "It is covered for everybody else" in page
    assert "Kept for 7 years" in page


def test_the_bundle_in_force_is_told_in_the_language_of_the_page(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("ivo").get("/console/policies", **{"Accept-Language": "de"}).text
    assert "„research“ und „trading“ sind in Direktnachrichten" in page
    assert "Es wird für alle anderen verdeckt." in page
    assert "Aufbewahrt für 7 Jahre" in page


def test_an_author_begins_with_the_policy_in_force_and_changes_nothing_by_that(
    signed_in: Callable[[str], Browser],
) -> None:
    page = signed_in("pia").get("/console/policies/draft?from=live").text
    source = unescape(page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])
    assert parse([("form", source)], VOCABULARY) == parse([("demo", DEMO_BUNDLE)], VOCABULARY)
    assert signed_in("ivo").get("/console/policies/draft?from=live").status_code == 403


def test_what_people_may_do_with_messages_and_files_is_told_in_words(
    signed_in: Callable[[str], Browser],
) -> None:
    page = signed_in("ivo").get("/console/policies").text
    assert "Nobody sees it in the chat; the archive keeps it." in page
    assert "Up to 100 MB each." in page
    assert "Allowed at any time." in page


def test_only_an_author_may_check_or_propose(signed_in: Callable[[str], Browser]) -> None:
    ivo = signed_in("ivo")
    assert ivo.get("/console/policies/draft").status_code == 403
    assert (
        ivo.post("/console/policies/propose", csrf=ivo.csrf(), source=DEMO_BUNDLE, reason="x").status_code
        == 403
    )


def test_a_broken_bundle_is_refused_with_line_and_path(signed_in: Callable[[str], Browser]) -> None:
    pia = signed_in("pia")
    broken = DEMO_BUNDLE.replace("redact", "shred")
    response = pia.post("/console/policies/lint", csrf=pia.csrf(), source=broken)
    assert response.status_code == 400
    assert "Line 10" in response.text
    assert "dlp.rules[0].verdict" in response.text
    assert "shred" in response.text


def test_what_is_wrong_is_told_in_the_language_of_the_page(signed_in: Callable[[str], Browser]) -> None:
    pia = signed_in("pia")
    broken = DEMO_BUNDLE.replace("redact", "shred")
    german = {**FROM_OUR_PAGE, "Accept-Language": "de"}
    page = pia.post("/console/policies/lint", csrf=pia.csrf(), source=broken, headers=german).text
    assert "Zeile 10" in page
    assert "Erwartet ist eines von" in page
    assert "Expected" not in page
    page = pia.post("/console/policies/lint", csrf=pia.csrf(), source=DEMO_BUNDLE, headers=german).text
    assert "Keine Regel nennt dieses Segment." in page
    assert "No rule names this segment." not in page


def test_a_program_is_told_code_and_values_of_each_error(signed_in: Callable[[str], Browser]) -> None:
    pia = signed_in("pia")
    broken = DEMO_BUNDLE.replace("redact", "shred")
    json = {**FROM_OUR_PAGE, "Accept": "application/json"}
    answer = pia.post("/console/policies/lint", csrf=pia.csrf(), source=broken, headers=json).json
    assert answer is not None
    (error,) = answer["errors"]
    assert (error["code"], error["line"], error["path"]) == ("expected_one_of", 10, "dlp.rules[0].verdict")
    assert error["params"]["given"] == "shred"


def test_a_sound_bundle_shows_its_hash_and_what_is_hardly_meant(signed_in: Callable[[str], Browser]) -> None:
    pia = signed_in("pia")
    page = pia.post("/console/policies/lint", csrf=pia.csrf(), source=DEMO_BUNDLE).text
    assert "well formed" in page
    assert "No rule names this segment." in page


def test_a_proposal_is_listed_with_its_reason(
    signed_in: Callable[[str], Browser], services: FakeChatServices
) -> None:
    pia = signed_in("pia")
    sent = pia.post(
        "/console/policies/propose", csrf=pia.csrf(), source=DEMO_BUNDLE, reason="Quarterly review"
    )
    assert sent.headers["Location"] == "/console/policies#proposals"
    assert "Quarterly review" in pia.get("/console/policies").text
    assert services.policies.made[0].author == services.signin.accounts["pia"][1].id


def test_a_proposal_without_a_reason_is_refused_and_keeps_the_text(
    signed_in: Callable[[str], Browser],
) -> None:
    pia = signed_in("pia")
    response = pia.post("/console/policies/propose", csrf=pia.csrf(), source=DEMO_BUNDLE, reason=" ")
    assert response.status_code == 400
    assert "House rules" in response.text


def test_a_bundle_may_be_larger_than_other_requests(signed_in: Callable[[str], Browser]) -> None:
    pia = signed_in("pia")
    long = DEMO_BUNDLE + "# padding\n" * 20_000
    assert pia.post("/console/policies/lint", csrf=pia.csrf(), source=long).status_code == 200


def test_the_console_greets_authors_with_what_they_may_do(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("pia").get("/console").text
    assert "/console/policies" in page
    assert "/console/people" not in page


def test_a_policy_in_words_names_what_it_finds_as_people_do() -> None:
    says = " ".join(line.says for section in sections(load_pack("demo")) for line in section.lines)
    assert "United States Social Security number" in says
    assert "To: markets." in says
    assert "_" not in says


def test_every_section_of_a_bundle_has_words() -> None:
    titles = [section.title for section in sections(parse([("demo", DEMO_BUNDLE)], VOCABULARY))]
    assert titles == ["Segments", "Barriers", "Sharing", "Content", "Files", "Use", "Retention"]


@pytest.mark.parametrize(
    ("days", "words"), [(1, "1 day"), (90, "90 days"), (365, "1 year"), (400, "400 days"), (2557, "7 years")]
)
def test_a_span_is_said_as_people_say_it(days: int, words: str) -> None:
    assert span(days) == words
