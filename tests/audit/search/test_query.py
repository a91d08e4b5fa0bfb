"""The query language: what is understood, and what is refused with a place and a remedy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.search.query import MAX_CHARACTERS, parse
from audit.search.syntax import (
    And,
    Attribute,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Sent,
    Word,
    describe,
)
from core.errors import InvalidInput
from core.types import from_ms, rfc3339


def w(term: str, field: Field = Field.BODY) -> Word:
    return Word(field, term)


def phrase(*terms: str, field: Field = Field.BODY) -> Phrase:
    return Phrase(field, tuple(w(term, field) for term in terms))


A, B, C, D = map(w, "abcd")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Merger", w("merger")),
        ("a b", And((A, B))),
        ("a AND b OR c AND d", Or((And((A, B)), And((C, D))))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("((a)) (b c)", And((A, B, C))),
        ("NOT a b", And((Not(A), B))),
        ("NOT (a b)", Not(And((A, B)))),
        ("NOT NOT a", A),
        ('"text my mobile"', phrase("text", "my", "mobile")),
        ("“text my mobile”", phrase("text", "my", "mobile")),
        ('"merger"', w("merger")),
        ("report.pdf", phrase("report", "pdf")),
        ("東京", phrase("東", "京")),
        ("👍🏽", w("👍🏽")),
        ("comp*", Prefix(Field.BODY, "comp")),
        ("Straß*", Prefix(Field.BODY, "strass")),
        ("co-op*", Phrase(Field.BODY, (w("co"), Prefix(Field.BODY, "op")))),
        ('"my mob*"', Phrase(Field.BODY, (w("my"), Prefix(Field.BODY, "mob")))),
        ("a W/5 b", Near((A,), (B,), 5, ordered=False)),
        ("a PRE/5 (b OR c)", Near((A,), (B, C), 5, ordered=True)),
        ("a W/5 b c", And((Near((A,), (B,), 5, ordered=False), C))),
        ("NOT (a W/255 b)", Not(Near((A,), (B,), 255, ordered=False))),
        ('"a b" W/1 cd*', Near((phrase("a", "b"),), (Prefix(Field.BODY, "cd"),), 1, ordered=False)),
        ("from:ana", w("ana", Field.FROM)),
        ("FROM: ana", w("ana", Field.FROM)),
        ('from:"Ana Löw"', phrase("ana", "löw", field=Field.FROM)),
        ("to:(a OR b)", Or((w("a", Field.TO), w("b", Field.TO)))),
        ("in:#fx-desk", phrase("fx", "desk", field=Field.IN)),
        ("NOT from:a b", And((Not(w("a", Field.FROM)), B))),
        ("has:link", Attribute("has", "link")),
        ("has:FILE", Attribute("has", "file")),
        ("verdict:(block OR WARN)", Or((Attribute("verdict", "block"), Attribute("verdict", "warn")))),
        ("kind:edit", Attribute("kind", "edit")),
        ("https://a.example", phrase("https", "a", "example")),
        ("ANDROID NOTE ORDER", And((w("android"), w("note"), w("order")))),
        ('"AND"', w("and")),
    ],
)
def test_a_query_means(text: str, tree: Node) -> None:
    assert parse(text).tree == tree


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-03-02", "2026-03-02", "2026-03-03"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-03-01..2026-03-31", "2026-03-01", "2026-04-01"),
        ("2025-12..2026-01-15", "2025-12-01", "2026-01-16"),
        (">=2026-03-02", "2026-03-02", None),
        ("<=2026-03-02", None, "2026-03-03"),
    ],
)
def test_sent_takes_days_months_ranges_and_open_ends_in_utc(
    text: str, start: str | None, end: str | None
) -> None:
    tree = parse(f"sent:{text}").tree
    assert isinstance(tree, Sent)
    instants = [None if ms is None else rfc3339(from_ms(ms)) for ms in (tree.from_ms, tree.until_ms)]
    assert instants == [day and f"{day}T00:00:00.000Z" for day in (start, end)]


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 0, "a word"),
        ("   ", 0, "a word"),
        ("OR a", 0, "a word"),
        ("a AND", 5, "a word"),
        ("(a", 2, ")"),
        ("a)", 1, "the end"),
        ("()", 1, "a word"),
        ('a "b c', 2, '"'),
        ("&", 0, "letters"),
        ('a "!"', 2, "letters"),
        ("subject:a", 0, "from:"),
        ("x from:(to:a)", 8, "outside"),
        ("from:(a W/3 b)", 8, "AND"),
        ("a W/3 b W/3 c", 8, "AND"),
        ("a W/0 b", 2, "W/1"),
        ("a W/256 b", 2, "W/255"),
        ("NOT a W/3 b", 4, "NOT (a W/5 b)"),
        ("(a b) W/3 c", 1, "parentheses"),
        ("from:a W/3 b", 5, "parentheses"),
        ("sent:2026-13", 5, "2026-03"),
        ("sent:2026-02-30", 5, "2026-03"),
        ("sent:yesterday", 5, "2026-03"),
        ("sent:2026-03..2026-02", 5, "earlier"),
        ("has:image", 4, "link, file"),
        ("verdict:maybe", 8, "quarantine"),
        ("kind:a-b", 5, "edit"),
        ("a*", 0, "2 letters"),
        ("x *", 2, "2 letters"),
        ("mid*dle", 3, "then *"),
        ("*tion", 0, "then *"),
        ("(" * 51 + "a" + ")" * 51, 50, "fewer"),
        ("a " * 501, 0, "fewer"),
        ("x" * (MAX_CHARACTERS + 1), MAX_CHARACTERS, "shorter"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_place_and_the_remedy(
    text: str, position: int, expected: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert caught.value.code == "bad_query"
    assert caught.value.params["position"] == position
    assert expected in caught.value.params["expected"]


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("cats or dogs", "lower_case_operator", 5),
        ("a And b", "lower_case_operator", 2),
        ("not a", "lower_case_operator", 0),
        ("a w/5 b", "lower_case_operator", 2),
        ("a -b", "not_an_operator", 2),
        ("t?rm", "not_an_operator", 1),
        ("rise~2", "not_an_operator", 4),
    ],
)
def test_what_may_surprise_comes_back_as_a_warning(text: str, code: str, position: int) -> None:
    assert [(warning.code, warning.position) for warning in parse(text).warnings] == [(code, position)]


def test_operators_in_quotation_marks_do_not_warn() -> None:
    assert parse('"cats or dogs" what? ok').warnings == ()


def test_the_tree_is_told_in_words() -> None:
    query = parse(
        'merger (deal OR offer*) NOT from:"Ana Löw" wire PRE/1 ("a b" OR c) verdict:block has:link sent:2026-03'
    )
    assert describe(query.tree) == (
        "(“merger” and (“deal” or “offer*”) and not from “ana löw” and (“wire” within 1 word before "
        "(“a b” or “c”)) and verdict is block and has a link and sent on or after 2026-03-01 00:00 UTC "
        "and before 2026-04-01 00:00 UTC)"
    )
    assert describe(parse("a W/5 b sent:<=2026").tree) == (
        "((“a” within 5 words of “b”) and sent before 2027-01-01 00:00 UTC)"
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "bc*",
                '"',
                "(",
                ")",
                "AND",
                "OR",
                "NOT",
                "W/3",
                "PRE/2",
                "from:",
                "sent:",
                "has:",
                " ",
                "*",
                "東京",
                "👍",
                "2026-03",
                "\n",
                "link",
                "\ud800",
                "„",
            ]
        ),
        max_size=14,
    ).map("".join)
    | st.text(max_size=30)
)
def test_any_text_is_parsed_or_refused_with_a_position_inside_it(text: str) -> None:
    refusal = refused(text)
    if refusal is not None:
        assert refusal.code == "bad_query"
        assert 0 <= refusal.params["position"] <= len(text)
        assert refusal.params["expected"]


def refused(text: str) -> InvalidInput | None:
    """Return the error for ``text``, or ``None`` if it can be parsed and told in words."""
    try:
        assert describe(parse(text).tree)
    except InvalidInput as error:
        return error
    return None
