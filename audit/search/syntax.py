"""The parsed query: frozen nodes, equal when they mean the same, and their description in words.

``at`` is the character of the query where a node begins; it is for messages and takes no part in
equality. Terms are folded as :func:`audit.search.tokens.analyse` folds them.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.types import from_ms


class Field(StrEnum):
    """Where words are looked for: the text, or the names of sender, audience or conversation."""

    BODY = "body"
    FROM = "from"
    TO = "to"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Word:
    """One term."""

    field: Field
    term: str
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every term that begins with ``stem``. In the text, function words are not among them."""

    field: Field
    stem: str
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two or more words side by side in this order, within one text or one name."""

    field: Field
    words: tuple[Word | Prefix, ...]
    at: int = dataclasses.field(default=0, compare=False)


Leaf = Word | Prefix | Phrase


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property with a fixed set of values: what the policy said, the kind of version, a link."""

    name: Literal["has", "verdict", "kind"]
    value: str
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """Sent at ``from_ms`` or later and before ``until_ms``; ``None`` leaves an end open."""

    from_ms: int | None
    until_ms: int | None
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Near:
    """``left`` and ``right`` at most ``distance`` positions apart, nearest edges, not overlapping.

    Each side is a group of which one member suffices. ``ordered`` wants ``left`` first.
    """

    left: tuple[Leaf, ...]
    right: tuple[Leaf, ...]
    distance: int
    ordered: bool
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What ``node`` does not match."""

    node: "Node"
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """What every node matches."""

    nodes: tuple["Node", ...]
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """What at least one node matches."""

    nodes: tuple["Node", ...]
    at: int = dataclasses.field(default=0, compare=False)


Node = Word | Prefix | Phrase | Attribute | Sent | Near | Not | And | Or


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield every word, prefix and phrase of the tree, from left to right."""
    match node:
        case Word() | Prefix() | Phrase():
            yield node
        case Near(left, right):
            yield from left
            yield from right
        case Not(inner):
            yield from leaves(inner)
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from leaves(part)


def asks_for(node: Node, attribute: Attribute) -> bool:
    """Tell whether ``attribute`` is asked for anywhere in the tree, or excluded."""
    match node:
        case Not(inner):
            return asks_for(inner, attribute)
        case And(nodes) | Or(nodes):
            return any(asks_for(part, attribute) for part in nodes)
        case _:
            return node == attribute


def words(node: Node) -> Iterator[Word | Prefix]:
    """Yield every single word and prefix of the tree, those inside phrases included."""
    for leaf in leaves(node):
        yield from leaf.words if isinstance(leaf, Phrase) else (leaf,)


def describe(node: Node) -> str:
    """Return the tree in words, fully parenthesised, as the screen shows what was understood."""
    match node:
        case Word() | Prefix() | Phrase():
            return _WHERE[node.field] + _quoted(node)
        case Attribute("has", value):
            return f"has a {value}"
        case Attribute(name, value):
            return f"{name} is {value}"
        case Sent(start, end):
            since = f" on or after {_instant(start)}" if start is not None else ""
            until = f" before {_instant(end)}" if end is not None else ""
            return f"sent{since}{' and' if since and until else ''}{until}"
        case Near(left, right, distance, ordered):
            places = "1 word" if distance == 1 else f"{distance} words"
            order = "before" if ordered else "of"
            return f"({_group(left)} within {places} {order} {_group(right)})"
        case Not(inner):
            return f"not {describe(inner)}"
        case And(nodes):
            return "(" + " and ".join(map(describe, nodes)) + ")"
        case Or(nodes):
            return "(" + " or ".join(map(describe, nodes)) + ")"


_WHERE = {Field.BODY: "", Field.FROM: "from ", Field.TO: "to ", Field.IN: "in "}


def _quoted(leaf: Leaf) -> str:
    """Return a leaf as it stands between quotation marks; a prefix keeps its asterisk."""
    match leaf:
        case Word(_, term):
            return f"“{term}”"
        case Prefix(_, stem):
            return f"“{stem}*”"
        case Phrase(_, parts):
            return "“" + " ".join(_quoted(part)[1:-1] for part in parts) + "”"


def _group(members: tuple[Leaf, ...]) -> str:
    """Return one side of a proximity."""
    quoted = " or ".join(map(_quoted, members))
    return f"({quoted})" if len(members) > 1 else quoted


def _instant(ms: int) -> str:
    """Return a time in UTC, to the minute."""
    return from_ms(ms).strftime("%Y-%m-%d %H:%M UTC")
