"""Query language v1: from what an officer typed to a tree, or to an error that says where and why.

    merger "text my mobile" (deal OR offer*) NOT from:legal wire W/5 transfer sent:2026-03

Words, ``"phrases"``, ``word*``, ``AND OR NOT`` in capitals, parentheses; words side by side mean AND.
Fields: ``from: to: in:`` (names), ``sent:`` (``2026-03-02``, ``2026-03``, ``a..b``, ``>=a``, ``<=b``; days
in UTC), ``has:link``, ``has:file``, ``verdict:``, ``kind:``. ``W/n`` (either order) and ``PRE/n`` (left
first) join words, phrases and OR groups that stand at most n positions apart. From tight to loose: field,
NOT, W/n and PRE/n, AND, OR.

Every refusal is ``InvalidInput`` (``bad_query``) with ``position``, a character offset, and ``expected``,
the remedy. Nothing is guessed silently: what may surprise comes back as a warning with its position.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from audit.search.leaf import FIELDS, QueryWarning, bad_query, leaf, warn_about
from audit.search.syntax import And, Field, Leaf, Near, Node, Not, Or, Phrase, Prefix, Word, words

MAX_CHARACTERS: Final = 4_000
MAX_WORDS: Final = 500
MAX_DEPTH: Final = 50
MAX_DISTANCE: Final = 255

_GRAMMAR: Final = r"""
start: either
either: both (OR both)*
both: near (AND? near)*
near: unary ((WITHIN | BEFORE) unary)*
unary: NOT* (group | fielded | WORD | PHRASE)
fielded: FIELD (group | WORD | PHRASE)
group: "(" either ")"

OR.5: /OR(?=[\s()"]|\Z)/
AND.5: /AND(?=[\s()"]|\Z)/
NOT.5: /NOT(?=[\s()"]|\Z)/
WITHIN.5: /W\/[0-9]+(?=[\s()"]|\Z)/
BEFORE.5: /PRE\/[0-9]+(?=[\s()"]|\Z)/
FIELD.4: /[A-Za-z]+:(?!\/\/)/
PHRASE.3: /"[^"]*"/
WORD.1: /[^\s()"]+/
%ignore /\s+/
"""

_NAMES: Final = {
    "OR": "OR",
    "AND": "AND",
    "NOT": "NOT",
    "WITHIN": "W/n",
    "BEFORE": "PRE/n",
    "LPAR": "(",
    "RPAR": ")",
    "$END": "the end of the query",
    "WORD": "a word",
    "PHRASE": "a phrase in quotation marks",
    "FIELD": "a field such as from:",
}
# What word processors make of a plain quotation mark; one character for one, so positions hold.
_TYPOGRAPHIC = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, what it means, and what the author should know about it."""

    text: str
    tree: Node
    warnings: tuple[QueryWarning, ...] = ()


def parse(text: str) -> Query:
    """Return the query that ``text`` means.

    Raises:
        InvalidInput: ``bad_query`` with ``position`` and ``expected``.
    """
    if len(text) > MAX_CHARACTERS:
        raise bad_query(
            f"A query has at most {MAX_CHARACTERS:,} characters.", MAX_CHARACTERS, "a shorter query"
        )
    if not text.strip():
        raise bad_query("The query is empty.", 0, "a word, a phrase or a field")
    plain = text.translate(_TYPOGRAPHIC)
    try:
        tokens = list(_parser().lex(plain))
        _check_depth(tokens)
        parsed = _parser().parse(plain)
    except UnexpectedInput as error:
        raise _explained(error, plain) from None
    tree = _node(parsed.children[0], Field.BODY.value)
    count = sum(1 for _ in words(tree))
    if count > MAX_WORDS:
        raise bad_query(f"A query has at most {MAX_WORDS} words, this one {count}.", 0, "fewer words")
    return Query(text, tree, tuple(warn_about(_spoken(tokens))))


@cache
def _parser() -> Lark:
    """Return the parser; building it takes some milliseconds, so it is built once, on first use."""
    # The basic lexer: a contextual one would read a misplaced OR as a word.
    return Lark(_GRAMMAR, parser="lalr", lexer="basic")


def _check_depth(tokens: Sequence[Token]) -> None:
    """Refuse parentheses nested too deep."""
    depth = 0
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if depth > MAX_DEPTH:
            raise bad_query(
                f"Parentheses may be nested {MAX_DEPTH} deep.",
                token.start_pos or 0,
                "fewer nested parentheses",
            )


def _spoken(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """Yield the bare words with their positions."""
    return ((str(token), token.start_pos or 0) for token in tokens if token.type == "WORD")


def _node(part: "Tree[Token] | Token", name: str) -> Node:
    """Return the node of a subtree; ``name`` is the field that it stands under."""
    if isinstance(part, Token):
        return leaf(name, str(part), part.start_pos or 0)
    children = part.children
    match part.data:
        case "either":
            return _joined(Or, [_node(child, name) for child in children if not _is(child, "OR")], part)
        case "both":
            return _joined(And, [_node(child, name) for child in children if not _is(child, "AND")], part)
        case "near":
            return _near(children, name)
        case "unary":
            inner = _node(children[-1], name)
            return Not(inner, inner.at) if len(children) % 2 == 0 else inner
        case "fielded":
            return _fielded(children, name)
        case _:
            return _node(children[0], name)


def _joined(kind: type[And] | type[Or], nodes: list[Node], part: "Tree[Token]") -> Node:
    """Return one node of ``kind``; nested ones of the same kind are merged."""
    if len(nodes) == 1:
        return nodes[0]
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, kind) else (node,))
    return kind(tuple(flat), _start(part))


def _fielded(children: Sequence["Tree[Token] | Token"], name: str) -> Node:
    """Return what stands after a field name."""
    field = str(children[0])[:-1].lower()
    position = _start(children[0])
    if field not in FIELDS:
        raise bad_query(
            f"There is no field “{field}”.",
            position,
            "one of " + ", ".join(f"{known}:" for known in FIELDS) + " or quotation marks around the text",
        )
    if name != Field.BODY.value:
        raise bad_query(
            f"A field cannot stand inside {name}:.", position, "the field outside the parentheses"
        )
    return _node(children[1], field)


def _near(children: Sequence["Tree[Token] | Token"], name: str) -> Node:
    """Return a proximity, or the one node there is."""
    first = _node(children[0], name)
    if len(children) == 1:
        return first
    operator = children[1]
    assert isinstance(operator, Token)
    position = operator.start_pos or 0
    if len(children) > 3:
        raise bad_query(
            "W/n and PRE/n join two sides, not three.",
            _start(children[3]),
            "two proximities joined by AND, such as (a W/5 b) AND (b W/5 c)",
        )
    if name != Field.BODY.value:
        raise bad_query(f"{operator} works on the text, not inside {name}:.", position, "a phrase or AND")
    distance = int(operator.split("/")[1])
    if not 1 <= distance <= MAX_DISTANCE:
        raise bad_query(
            f"A distance lies between 1 and {MAX_DISTANCE}.", position, f"W/1 to W/{MAX_DISTANCE}"
        )
    sides = [_side(node, str(operator)) for node in (first, _node(children[2], name))]
    return Near(sides[0], sides[1], distance, operator.type == "BEFORE", first.at)


def _side(node: Node, operator: str) -> tuple[Leaf, ...]:
    """Return one side of a proximity as a group of which one member suffices."""
    members = node.nodes if isinstance(node, Or) else (node,)
    group: list[Leaf] = []
    for member in members:
        if not isinstance(member, Word | Prefix | Phrase) or member.field is not Field.BODY:
            raise bad_query(
                f"{operator} joins words, phrases and groups of them with OR.",
                member.at,
                "parentheses that show what belongs together, such as NOT (a W/5 b)",
            )
        group.append(member)
    return tuple(group)


def _is(part: "Tree[Token] | Token", kind: str) -> bool:
    """Tell whether ``part`` is a token of ``kind``."""
    return isinstance(part, Token) and part.type == kind


def _start(part: "Tree[Token] | Token") -> int:
    """Return where ``part`` begins in the query."""
    while isinstance(part, Tree):
        part = part.children[0]
    return part.start_pos or 0


def _explained(error: UnexpectedInput, text: str) -> Exception:
    """Return the parser's complaint as an error of ours."""
    if isinstance(error, UnexpectedCharacters):
        return bad_query("This quotation mark is not closed.", text.rindex('"'), 'a second "')
    if isinstance(error, UnexpectedToken):
        expected = " or ".join(_NAMES[kind] for kind in _NAMES if kind in error.expected)
        if error.token.type == "$END":
            return bad_query(
                "Something is missing at the end of the query: a word, or a bracket.",
                len(text.rstrip()),
                expected,
            )
        return bad_query(f"“{error.token}” cannot stand here.", error.token.start_pos or 0, expected)
    return bad_query("The query cannot be read.", 0, "words, phrases and operators")
