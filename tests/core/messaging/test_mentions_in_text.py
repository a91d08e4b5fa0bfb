"""Where in a text somebody is mentioned is known again from what was made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messaging.markup import Node, mentions_in, parse
from core.types import PersonId

PEOPLE = {"ana": PersonId("p1"), "ben.okafor": PersonId("p2"), "benny": PersonId("p3")}


def mentions(text: str) -> list[str]:
    """Return what :func:`mentions_in` finds, as it was typed."""
    return [text[first:last] for first, last, _ in mentions_in(text, parse(text, PEOPLE)[0])]


def nodes(tree: list[Node]) -> list[str]:
    """Return what was typed of each mention in a tree."""
    found: list[str] = []
    for node in tree:
        if not isinstance(node, str):
            found += [node["c"][0]] if node["t"] == "mention" else nodes(node.get("c", []))
    return found


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("@ana, **@Ben.Okafor** and _@benny_", ["@ana", "@Ben.Okafor", "@benny"]),
        ("`@ana` is code, @ana is not", ["@ana"]),
        ("mail ana@ana.example, or @ana.", ["@ana."]),
        ("[@ana](https://firm.example/@ana) and @ana", ["@ana"]),
        ("`@ben.okafor` is code, @ben\\.okafor is escaped", []),
        ("@anabel is somebody else, @nobody too", []),
    ],
)
def test_only_what_is_a_mention_is_found(text: str, typed: list[str]) -> None:
    assert mentions(text) == typed


def test_a_mention_says_who_is_meant() -> None:
    text = "@benny and @ana"
    assert mentions_in(text, parse(text, PEOPLE)[0]) == [(0, 6, "p3"), (11, 15, "p1")]


def test_many_mentions_and_what_looks_like_them_are_told_apart() -> None:
    text = "@ana `@benny` @anabel @ben.okafor. " * 500
    assert mentions(text) == ["@ana", "@ben.okafor."] * 500


@given(
    st.lists(st.sampled_from(["@ana", "@benny", "@ben.okafor", "`", "**", "_", " ", "x", ".", "\n", "> "]))
)
def test_as_many_are_found_as_are_shown(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert mentions(text) == nodes(parse(text, PEOPLE)[0])
