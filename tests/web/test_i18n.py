"""Every word of the interface can be read in every language, with nothing lost on the way."""

import ast
import json
import re
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.errors import Denied, Limited
from core.identity.permissions import Permission, Principal, PrincipalKind, check_permission
from policies.notices import STANDARD
from tests.web.conftest import FROM_OUR_PAGE, Browser
from web import i18n, tables
from web.sentences import SENTENCES
from web.tables.acts import REASONS

ROOT = Path(__file__).parents[2]
WORDS = runpy.run_path(str(ROOT / ".ci" / "words.py"))
CATALOGUES = sorted(i18n.TRANSLATIONS.glob("*.po"))
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TAG = re.compile(r"</?[a-z]+[^>]*>")


@pytest.fixture(scope="module")
def template() -> Any:
    return WORDS["extracted"]()


@pytest.fixture(scope="module", params=CATALOGUES, ids=lambda path: path.stem)
def catalogue(request: pytest.FixtureRequest) -> Any:
    return i18n.read_languages()[request.param.stem].catalogue


@cache
def said_in_python() -> frozenset[str]:
    """Return every text that stands in the code, with ``{}`` where a value is put in."""
    found = set()
    for package in ("core", "policies", "audit", "admin", "web"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name == "sentences.py" or path.parent.name == "tables":
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
                    found.add("".join(parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(PLACE.sub("{}", node.value))
    return frozenset(found)


def sentences(catalogue: Any) -> dict[Any, Any]:
    return {message.id: message for message in catalogue if message.id}


def test_catalogues_hold_what_the_interface_says_and_nothing_else(template: Any, catalogue: Any) -> None:
    said, held = set(sentences(template)), set(sentences(catalogue))
    assert said - held == set(), "Run `python .ci/words.py` and translate what is new."
    assert held - said == set(), "Run `python .ci/words.py`: nobody says this any longer."


def test_every_sentence_is_translated(catalogue: Any) -> None:
    translated = WORDS["message_is_translated"]
    assert [each.id for each in sentences(catalogue).values() if not translated(each)] == []


def test_a_translation_keeps_every_place_and_every_tag(catalogue: Any) -> None:
    for message in sentences(catalogue).values():
        ids = message.id if message.pluralizable else [message.id]
        forms = message.string if message.pluralizable else [message.string]
        for form in filter(None, forms):
            for pattern in (PLACE, TAG):
                assert sorted(pattern.findall(form)) == sorted(pattern.findall(ids[-1])), form


def test_a_translation_can_stand_in_an_attribute_and_starts_no_tag_of_its_own(catalogue: Any) -> None:
    for message in sentences(catalogue).values():
        for form in message.string if message.pluralizable else [message.string]:
            assert '"' not in TAG.sub("", form), form
            assert "<" not in TAG.sub("", form), form


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.5", "en"),
        ("sw,ja;q=0.5", "en"),
        ("", "en"),
    ],
)
def test_a_page_speaks_the_first_language_of_the_browser_that_is_known(
    browser: Browser, asked: str, language: str
) -> None:
    page = browser.get("/signin", **{"Accept-Language": asked}).text
    assert f'<html lang="{language}" dir="ltr"' in page
    assert ("Benutzername" in page) == (language == "de")


def test_times_are_written_as_the_language_writes_them(browser: Browser) -> None:
    browser.sign_in("ann")
    english = browser.get("/sessions").text
    german = browser.get("/sessions", **{"Accept-Language": "de"}).text
    assert re.search(r"\d{1,2} [A-Z][a-z]{2,3} \d{4}, \d\d:\d\d UTC", english)
    assert re.search(r"\d{1,2}\. [A-Z][a-zä]{2,3}\.? \d{4}, \d\d:\d\d UTC", german)


def test_scripts_take_their_words_from_an_asset_of_this_build(browser: Browser) -> None:
    page = browser.get("/signin", **{"Accept-Language": "de"}).text
    address = re.search(r'data-words="(/assets/[0-9a-f]{16}/words/de\.json)"', page)
    assert address is not None
    answer = browser.get(address[1])
    assert answer.mimetype == "application/json" and "immutable" in answer.headers["Cache-Control"]
    words = json.loads(answer.data)
    assert words["messages"]["Send"] == "Senden"
    assert words["messages"]["{n} reply"] == ["{n} Antwort", "{n} Antworten"]
    assert words["plurals"] == {"one": 0, "other": 1}
    assert words["messages"]["This file is empty."] == "Diese Datei ist leer."
    assert "A name has at most {limit} characters." in words["errors"]
    assert "First password" not in words["messages"], "what only templates say is not sent to scripts"


def test_an_english_page_loads_no_words(browser: Browser) -> None:
    assert "data-words" not in browser.get("/signin").text


def test_an_error_is_told_in_the_language_of_the_page(browser: Browser) -> None:
    page = browser.post("/signout", headers={**FROM_OUR_PAGE, "Accept-Language": "de"}).text
    assert "Sie sind nicht angemeldet" in page


@pytest.mark.parametrize("sentence", [*SENTENCES, *tables.SENTENCES, *REASONS])
def test_every_sentence_of_the_table_is_said_somewhere(sentence: str) -> None:
    assert re.sub(r"\{\w+\}", "{}", sentence) in said_in_python()


def test_what_was_put_into_a_sentence_is_put_into_its_translation(app: Flask) -> None:
    wait = Limited("Too many failed attempts to sign in. Wait 15 s and try again.", code="too_many_attempts")
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert i18n.sentence_of(wait) == (
            "Zu viele fehlgeschlagene Anmeldeversuche. Warten Sie 15 s und versuchen Sie es erneut."
        )
        assert i18n.sentence_of(Limited("Nobody has translated this.")) == "Nobody has translated this."


def test_what_one_is_not_entitled_to_is_told_in_one_language(app: Flask) -> None:
    with pytest.raises(Denied) as refused:
        check_permission(Principal(PrincipalKind.CHAT, "ana", frozenset()), Permission.CONSOLE_VIEW)
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert i18n.sentence_of(refused.value) == (
            "Dazu sind Sie nicht berechtigt: Die IT-Konsole öffnen. "
            "Nötig ist die Rolle IT-Administrator oder Richtlinienautor."
        )


def test_what_an_author_wrote_is_told_in_the_language_of_the_page_else_in_english(app: Flask) -> None:
    title = {"en": "Trading", "de": "Handel"}
    for asked, told in (("de", "Handel"), ("de-AT", "Handel"), ("en", "Trading"), ("fr", "Trading")):
        with app.test_request_context(headers={"Accept-Language": asked}):
            assert i18n.spoken(title) == told
            assert i18n.spoken("Trading") == "Trading"


def test_what_is_said_below_is_told_with_what_was_put_in(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert i18n.said("No keys for 2026-12-direct.") == "Keine Schlüssel für 2026-12-direct."
        assert i18n.said("“or” is searched as a word; write OR to find either.") == (
            "„or“ wird als Wort gesucht; schreiben Sie OR, um eines von beiden zu finden."
        )


def test_a_policy_speaks_the_language_of_the_page_in_every_standard_sentence() -> None:
    words = json.loads(i18n.read_languages()["de"].for_scripts())
    for verdict_and_cause, template in STANDARD.items():
        for sentence in (template.title, template.why, *template.actions):
            assert words["messages"][sentence] != sentence, verdict_and_cause
