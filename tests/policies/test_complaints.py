"""What is said against a policy: a code for programs, a sentence for people, nothing that a terminal obeys."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from policies.complaints import SAYS, complain

POLICIES = Path(__file__).parents[2] / "policies"


def test_a_complaint_carries_its_code_what_was_put_in_and_the_sentence() -> None:
    said = complain("expected", what=complain("whole_number"), given=complain("written", text="two"))
    assert said.as_dict() == {
        "code": "expected",
        "params": {
            "what": {"code": "whole_number", "params": {}, "message": "a whole number"},
            "given": {"code": "written", "params": {"text": "two"}, "message": "'two'"},
        },
        "message": "Expected a whole number, not 'two'.",
    }


def test_names_are_joined_and_great_numbers_are_readable() -> None:
    assert str(complain("unknown_key", known=["dlp", "name"])) == "Unknown key; known here: dlp, name."
    assert str(complain("too_long", limit=4_000_000)) == "Longer than 4,000,000 characters; split it."


def test_what_an_author_wrote_moves_no_cursor_and_fills_no_place() -> None:
    said = str(complain("no_rule", name="a\x1b[2J\u202e{limit}"))
    assert said == "There is no rule 'a\\x1b[2J\\u202e{limit}' in this bundle."


@pytest.mark.parametrize("code", SAYS)
def test_every_complaint_is_made_somewhere(code: str) -> None:
    sources = [each.read_text("utf-8") for each in POLICIES.rglob("*.py") if each.name != "complaints.py"]
    assert any(f'"{code}"' in source for source in sources)


def test_what_is_put_in_is_what_the_sentence_has_places_for() -> None:
    made = [call for path in POLICIES.rglob("*.py") for call in _made(ast.parse(path.read_text("utf-8")))]
    assert len(made) > 50
    for code, given in made:
        assert given == set(re.findall(r"\{(\w+)\}", SAYS[code])), code


def _made(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Yield the code of each complaint that is written out, with the names of what is put in."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "complain":
            names = {keyword.arg for keyword in call.keywords}
            if isinstance(call.args[0], ast.Constant) and None not in names:
                yield str(call.args[0].value), {str(name) for name in names}
