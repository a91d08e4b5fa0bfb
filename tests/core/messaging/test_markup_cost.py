"""What a text may cost its reader and everybody whose messages wait behind it."""

import pytest
from markdown_it.parser_inline import ParserInline

from core.messaging.markup import parse, plain
from core.types import PersonId

HOSTILE = {
    "brackets": "[" * 20_000,
    "pairs": "[[]" * 6_666,
    "destinations": "[a](" * 100 + "x" * 19_600,
    "stars": "*" * 20_000,
    "emphasis": "a**b" * 5_000,
    "ticks": "`a " * 6_000,
    "a table of long rows": "|" + "a|" * 200 + "\n|" + "-|" * 200 + "\n" + "|\n" * 1_900,
    "lines of a deep quote": "> " * 20 + "a\n" * 9_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_text_that_is_all_marks_is_shown_as_it_was_written(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0
    skip = ParserInline.skipToken

    def counted(parser: ParserInline, state: object) -> None:
        nonlocal looked_at
        looked_at += 1
        skip(parser, state)  # type: ignore[arg-type]

    monkeypatch.setattr(ParserInline, "skipToken", counted)
    tree, mentioned, has_link = parse(text)
    assert plain(tree) == text.strip()
    assert (mentioned, has_link, looked_at) == (frozenset(), False, 0)


def test_a_long_text_with_many_links_keeps_them() -> None:
    tree, _, has_link = parse("A [link](https://firm.example/page) and **more**.\n" * 100)
    assert has_link
    assert str(tree).count("'href'") == 100
    assert str(tree).count("'strong'") == 100


def test_mentions_and_bare_links_work_in_any_text() -> None:
    dense = "*" * 3_000 + " @ana see https://firm.example/x"
    _, mentioned, has_link = parse(dense, {"ana": PersonId("p1")})
    assert has_link
    assert mentioned == {"p1"}


def test_a_table_has_rows_of_cells_and_its_words_in_order() -> None:
    tree, mentioned, _ = parse("| who | what |\n|---|--:|\n| @ana | **12** |", {"ana": PersonId("p1")})
    (table,) = tree
    assert isinstance(table, dict)
    assert table["t"] == "table"
    assert [[cell["t"] for cell in row["c"]] for row in table["c"]] == [["th", "th"], ["td", "td"]]
    assert table["c"][1]["c"][1] == {"t": "td", "c": [{"t": "strong", "c": ["12"]}], "align": "right"}
    assert mentioned == {"p1"}
    assert plain(tree) == "whowhat@ana12"


def test_bars_without_a_line_of_dashes_are_no_table() -> None:
    tree, _, _ = parse("a | b\nc | d")
    assert [node["t"] for node in tree if isinstance(node, dict)] == ["p"]
