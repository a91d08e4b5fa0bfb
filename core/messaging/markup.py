"""The markdown subset of a message, parsed on the server into a tree of tokens.

A node is a text or a mapping ``{"t": type, "c": children, …}``. There is no HTML anywhere: what is
not in the subset stays text, and the browser builds nodes from the tree. Types: ``p``, ``strong``,
``em``, ``del``, ``code``, ``pre`` (``lang``), ``quote``, ``ul``, ``ol`` (``start``), ``li``, ``a``
(``href``: http, https or mailto), ``br``, ``mention`` (``person``), ``table`` with ``tr`` of ``th`` and
``td`` (``align``: center or right).
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.types import PersonId

Node = str | dict[str, Any]

_SCHEMES = frozenset({"http", "https", "mailto"})
_MENTION = re.compile(r"(?<![\w@])@([\w.\-]{1,64})")
_AT = re.compile(r"@[\w.\-]{1,64}")
_DOTS = re.compile(r"[.\-]*$")
_BARE_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")

_BLOCKS = {
    "paragraph_open": "p",
    "blockquote_open": "quote",
    "bullet_list_open": "ul",
    "ordered_list_open": "ol",
    "list_item_open": "li",
    "strong_open": "strong",
    "em_open": "em",
    "s_open": "del",
    "link_open": "a",
    "table_open": "table",
    "tr_open": "tr",
    "th_open": "th",
    "td_open": "td",
}
# What groups the rows of a table; its rows say themselves what they are.
_GROUPS = frozenset({"thead_open", "thead_close", "tbody_open", "tbody_close"})
_ALIGNED = re.compile(r"text-align:(center|right)")

# What a parser may be given to do: marks of emphasis and links, lines, and brackets times characters, because
# each bracket may make it read on to the end. A text beyond that is shown as it was written.
_MARKS = "*_~`[\n"
_MARKS_LIMIT = 2_000
_LINK_WORK_LIMIT = 1_000_000
# A row of a table is filled up to as many cells as its first row has.
_CELLS_LIMIT = 1_500

_AS_WRITTEN = MarkdownIt("zero", {"html": False}).enable(["newline"])
# Depth is bounded by the parser, so that a tree cannot exhaust anybody's stack.
_PARSER = MarkdownIt(
    "zero", {"html": False, "linkify": False, "typographer": False, "maxNesting": 20}
).enable(
    [
        "paragraph",
        "blockquote",
        "list",
        "table",
        "fence",
        "emphasis",
        "strikethrough",
        "backticks",
        "link",
        "newline",
        "escape",
        "text_join",
    ]
)


def parse(
    text: str, people: Mapping[str, PersonId] | None = None
) -> tuple[list[Node], frozenset[PersonId], bool]:
    """Return the token tree of ``text``, who is mentioned, and whether it holds a link.

    ``people`` maps user names (case-folded) to ids; a name that is not there stays text.
    """
    mentioned: set[PersonId] = set()
    links: list[str] = []

    def leaf(words: str, in_link: bool) -> Iterable[Node]:
        return [words] if in_link else _leaves(words, people or {}, mentioned, links)

    parser = _AS_WRITTEN if _is_dense(text) else _PARSER
    tree = _tree(parser.parse(text), leaf, links)
    return tree, frozenset(mentioned), bool(links)


def _is_dense(text: str) -> bool:
    """Tell whether parsing ``text`` would cost far more than a text of its length does."""
    return (
        sum(map(text.count, _MARKS)) > _MARKS_LIMIT
        or text.count("[") * len(text) > _LINK_WORK_LIMIT
        or _cells(text) > _CELLS_LIMIT
    )


def _cells(text: str) -> int:
    """Return how many cells the tables of ``text`` have at most; none without a line of bars and dashes."""
    if "|" not in text or "-" not in text:
        return 0
    lines = text.split("\n")
    return max(line.count("|") + 1 for line in lines) * len(lines)


def _tree(tokens: list[Token], leaf: Callable[[str, bool], Iterable[Node]], links: list[str]) -> list[Node]:
    root: list[Node] = []
    stack: list[tuple[str, list[Node]]] = [("", root)]
    for token in tokens:
        here = stack[-1][1]
        if token.type == "inline":
            here.extend(_tree(token.children or [], leaf, links))
        elif token.type in _BLOCKS:
            node = _opened(token, links)
            children: list[Node] = node["c"]
            here.append(node)
            stack.append((node["t"], children))
        elif token.type in _GROUPS:
            continue
        elif token.nesting < 0:
            stack.pop()
        elif token.type == "text":
            here.extend(leaf(token.content, any(kind == "a" for kind, _ in stack)))
        elif token.type == "code_inline":
            here.append({"t": "code", "c": [token.content]})
        elif token.type == "fence":
            here.append({"t": "pre", "lang": token.info.strip()[:20], "c": [token.content]})
        elif token.type in {"softbreak", "hardbreak"}:
            here.append({"t": "br"})
    return root


def _opened(token: Token, links: list[str]) -> dict[str, Any]:
    node: dict[str, Any] = {"t": _BLOCKS[token.type], "c": []}
    if node["t"] in {"th", "td"}:
        aligned = _ALIGNED.fullmatch(str(token.attrGet("style") or ""))
        if aligned:
            node["align"] = aligned[1]
    elif node["t"] == "ol":
        node["start"] = int(token.attrGet("start") or 1)
    elif node["t"] == "a":
        href = str(token.attrGet("href") or "")
        if safe_link(href):
            node["href"] = href
            links.append(href)
        else:
            # A link that may not be followed is shown as its text.
            node["t"] = "em"
    return node


def _leaves(
    words: str, people: Mapping[str, PersonId], mentioned: set[PersonId], links: list[str]
) -> list[Node]:
    nodes: list[Node] = []
    last = 0
    for match in sorted([*_MENTION.finditer(words), *_BARE_LINK.finditer(words)], key=lambda m: m.start()):
        if match.start() < last:
            continue
        node = _mention(match, people, mentioned) if match.re is _MENTION else _link(match, links)
        if node is None:
            continue
        if match.start() > last:
            nodes.append(words[last : match.start()])
        nodes.append(node)
        last = match.end()
    if last < len(words):
        nodes.append(words[last:])
    return nodes


def _mention(match: re.Match[str], people: Mapping[str, PersonId], mentioned: set[PersonId]) -> Node | None:
    name = match.group(1)
    person = people.get(name.casefold()) or people.get(name.rstrip(".-").casefold())
    if person is None:
        return None
    mentioned.add(person)
    return {"t": "mention", "person": person, "c": [match.group(0)]}


def mentions_in(text: str, tree: Iterable[Node]) -> list[tuple[int, int, PersonId]]:
    """Return where in ``text``, of which ``tree`` was made, somebody is mentioned, and who.

    What only looks like a mention, in code for example, is none. Where there is such a one the text is
    parsed again, each place that may be a mention under a name of its own.
    """
    mentions = list(mentioned(tree))
    if not mentions:
        return []
    known = dict(mentions)
    places = list(_places(text, known))
    found = [(first, last, known[text[first:last]]) for first, last in places]
    # What is escaped is not in the text as it was typed.
    if "\\" not in text and [text[first:last] for first, last in places] == [typed for typed, _ in mentions]:
        return found
    pieces, at = list[str](), 0
    for number, (first, last) in enumerate(places):
        # The dots that end a sentence stay: they part it from what follows.
        pieces += [text[at:first], f"@n{number}n", _DOTS.findall(text[first:last])[0]]
        at = last
    marked = "".join([*pieces, text[at:]])
    _, real, _ = parse(marked, {f"n{number}n": PersonId(str(number)) for number in range(len(places))})
    return [place for number, place in enumerate(found) if str(number) in real]


def _places(text: str, known: Container[str]) -> Iterator[tuple[int, int]]:
    """Yield where ``text`` holds one of what is ``known`` of mentions as they were typed, the longest."""
    for match in _AT.finditer(text):
        ends = range(match.end(), match.start(), -1)
        end = next((end for end in ends if text[match.start() : end] in known), None)
        if end is not None:
            yield match.start(), end


def mentioned(tree: Iterable[Node]) -> Iterable[tuple[str, PersonId]]:
    """Yield each mention of a text as it was typed, and whom it means."""
    for node in tree:
        if isinstance(node, str):
            continue
        if node["t"] == "mention":
            yield node["c"][0], PersonId(node["person"])
        else:
            yield from mentioned(node.get("c", ()))


def _link(match: re.Match[str], links: list[str]) -> Node | None:
    if not safe_link(match.group(0)):
        return None
    links.append(match.group(0))
    return {"t": "a", "href": match.group(0), "c": [match.group(0)]}


def safe_link(href: str) -> bool:
    """Tell whether a link may be followed: http, https with a host, or mailto."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and (parts.scheme == "mailto" or bool(parts.hostname))


def plain(tree: Iterable[Node]) -> str:
    """Return the words of a tree, for previews and tests."""
    return "".join(node if isinstance(node, str) else plain(node.get("c", ["\n"])) for node in tree)
