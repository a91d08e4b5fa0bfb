"""What the operators mean, shown on plain text."""

from datetime import UTC, datetime

import pytest

from audit.search.evaluate import highlights, matches
from audit.search.query import parse
from tests.contracts.search_index import record

TEXT = "Please wire the funds today, then text my mobile. Wire report.pdf to 東京タワー 👍🏽"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("wire", True),
        ("WIRE", True),
        ("wired", False),
        ("the", True),
        ("wire funds", True),
        ("wire AND lunch", False),
        ("wire OR lunch", True),
        ("NOT lunch", True),
        ("wire NOT funds", False),
        ('"wire the funds"', True),
        ('"wire funds"', False),
        ('"my mob*"', True),
        ("mob*", True),
        ("th*", False),
        ("pdf", True),
        ("report.pdf", True),
        ("東京", True),
        ("京東", False),
        ("タワー", True),
        ("👍🏽", True),
        ("👍", False),
        ("wire W/2 funds", True),
        ("funds W/2 wire", True),
        ("wire W/1 funds", False),
        ("wire PRE/2 funds", True),
        ("funds PRE/2 wire", False),
        ("funds PRE/7 wire", True),
        ("wire W/8 wire", True),
        ("wire W/7 wire", False),
        ("funds W/9 funds", False),
        ('"wire the funds" W/1 today', True),
        ('"wire the funds" W/1 funds', False),
        ("(lunch OR today) W/1 (funds OR tea)", True),
        ("mob* W/2 text", True),
        ("the W/1 wire", True),
    ],
)
def test_on_one_text(query: str, found: bool) -> None:
    assert matches(parse(query).tree, record("r1", TEXT)) is found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:ana", True),
        ('from:"Ana Löw"', True),
        ("from:u123", True),
        ("from:corp.example", True),
        ('from:"u123 ana"', False),
        ("from:an*", True),
        ("from:will", True),
        ("to:ana", False),
        ("to:(ana OR bo)", True),
        ("to:(bo NOT ek)", False),
        ("in:fx-desk", True),
        ("has:link", True),
        ("has:file", False),
        ("NOT has:file", True),
        ("verdict:block", True),
        ("verdict:(allow OR flag)", False),
        ("kind:edit", True),
        ("sent:2026-03-02", True),
        ("sent:2026-03-03", False),
        ("sent:>=2026-03-02 sent:<=2026-03", True),
        ("sent:<=2026-03-01", False),
    ],
)
def test_on_what_stands_around_the_text(query: str, found: bool) -> None:
    made = record(
        "r1",
        sender=("u123", "Ana Löw", "ana@corp.example", "Will"),
        audience=("Bo Ek",),
        conversation=("#fx-desk",),
        verdict="block",
        kind="edit",
        has_link=True,
        at=datetime(2026, 3, 2, 23, 59, 59, 999_000, tzinfo=UTC),
    )
    assert matches(parse(query).tree, made) is found


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("wire", ["wire", "Wire"]),
        ('"wire the funds" today', ["wire the funds", "today"]),
        ("mob* NOT today", ["mobile"]),
        ("funds W/2 (wire OR lunch)", ["wire", "funds", "Wire"]),
        ("東京 from:please", ["東京"]),
        ("report.pdf OR pdf", ["report.pdf"]),
        ("lunch", []),
    ],
)
def test_what_was_found_is_highlighted(query: str, shown: list[str]) -> None:
    assert [TEXT[start:end] for start, end in highlights(parse(query).tree, TEXT)] == shown
