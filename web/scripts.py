"""Scripts read as tokens: what is a comment, and which names come from where.

Not a parser: it knows as much of ECMAScript as tells strings, templates, regular expressions and
comments apart, and finds imports and exports. What it does not know it refuses, as a wrong guess would
change what a script does.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    TEMPLATE = "template"
    REGEX = "regex"
    WORD = "word"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a script, exactly as it stands there."""

    kind: Kind
    text: str


# Signs that are never a part of another one with what a space keeps from them.
_ALONE = "{}()[],;:?=<>!&|*%^~"
_LINE = Token(Kind.SPACE, "\n")
_GAP = Token(Kind.SPACE, " ")


class Unreadable(ValueError):
    """A script holds something that is not understood here."""


_SPACE = re.compile(r"\s+")
_LINE_COMMENT = re.compile(r"//[^\n]*")
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""", re.DOTALL)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_WORD = re.compile(r"[\w$#]+")
_TEMPLATE_TEXT = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_PATTERNS = (
    (Kind.SPACE, _SPACE),
    (Kind.COMMENT, _LINE_COMMENT),
    (Kind.COMMENT, _BLOCK_COMMENT),
    (Kind.STRING, _STRING),
)

_BEGINNINGS = frozenset(" \t\r\n\f\v\u00a0\ufeff'\"`/")

# After these words a slash begins a regular expression; after every other one it divides.
_BEFORE_VALUE = frozenset(
    {
        "await",
        "case",
        "delete",
        "do",
        "else",
        "in",
        "instanceof",
        "new",
        "of",
        "return",
        "throw",
        "typeof",
        "void",
        "yield",
    }
)


def tokens(script: str) -> Iterator[Token]:
    """Yield the tokens of a script; joined they are the script.

    Raises:
        Unreadable: A string, template or comment does not end.

    """
    at = 0
    last: Token | None = None
    while at < len(script):
        token = _token(script, at, last)
        yield token
        at += len(token.text)
        if token.kind not in (Kind.SPACE, Kind.COMMENT):
            last = token


def _token(script: str, at: int, last: Token | None) -> Token:
    if found := _WORD.match(script, at):
        return Token(Kind.WORD, found[0])
    sign = script[at]
    if sign not in _BEGINNINGS:
        return Token(Kind.SIGN, sign)
    if sign == "`":
        return Token(Kind.TEMPLATE, script[at : _end_of_template(script, at + 1)])
    for kind, pattern in _PATTERNS:
        if found := pattern.match(script, at):
            return Token(kind, found[0])
    if sign in "'\"" or script.startswith("/*", at):
        raise Unreadable(f"not ended: {script[at : at + 40]!r}")
    if _value_may_follow(last) and (found := _REGEX.match(script, at)):
        return Token(Kind.REGEX, found[0])
    return Token(Kind.SIGN, sign)


def _value_may_follow(last: Token | None) -> bool:
    if last is None:
        return True
    if last.kind is Kind.WORD:
        return last.text in _BEFORE_VALUE
    return last.kind is Kind.SIGN and last.text not in ")]}"


def _end_of_template(script: str, at: int) -> int:
    while True:
        found = _TEMPLATE_TEXT.match(script, at)
        at = found.end() if found else at
        if script.startswith("`", at):
            return at + 1
        if not script.startswith("${", at):
            raise Unreadable("a template does not end")
        at = _end_of_place(script, at + 2)


def _end_of_place(script: str, at: int) -> int:
    depth = 0
    last: Token | None = None
    while at < len(script):
        token = _token(script, at, last)
        at += len(token.text)
        if token.text == "}" and depth == 0:
            return at
        depth += (token.text == "{") - (token.text == "}")
        if token.kind not in (Kind.SPACE, Kind.COMMENT):
            last = token
    raise Unreadable("a template does not end")


def plain(script: str) -> list[Token]:
    """Return a script without comments, and with no more space than it needs; licences (``/*!``) stay."""
    kept: list[Token] = []
    gap: Token | None = None
    for token in tokens(script):
        if token.kind is Kind.SPACE or (token.kind is Kind.COMMENT and not token.text.startswith("/*!")):
            # A comment over lines ends a statement as a line end does; else it parts words as a space does.
            gap = _LINE if "\n" in token.text or gap is _LINE else _GAP
            continue
        if gap and kept and _parts(kept[-1], gap, token):
            kept.append(gap)
        gap = None
        kept.append(token)
    return kept


def _parts(before: Token, gap: Token, after: Token) -> bool:
    """Tell whether two tokens need what is between them, be it that a line end may end a statement."""
    if Kind.COMMENT in (before.kind, after.kind):
        return True
    opens = before.kind is Kind.SIGN and before.text in "{([,;"
    closes = after.kind is Kind.SIGN and after.text in "})],;"
    if gap is _LINE:
        return not opens and not closes
    return not any(each.kind is Kind.SIGN and each.text in _ALONE for each in (before, after))


@dataclass(slots=True)
class Script:
    """A module taken apart: what it imports and exports, and its body without either."""

    body: str = ""
    #: By the address that stands there: the names wanted (``*`` is all), each with its name here.
    imports: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    #: Each exported name, with what it is called here.
    exports: list[tuple[str, str]] = field(default_factory=list)
    #: What it may load later.
    later: list[str] = field(default_factory=list)
    #: Whether it waits at its top for something.
    waits: bool = False


_NAMES = re.compile(r"\s*([\w$]+)(?:\s+as\s+([\w$]+))?\s*")
_DECLARED = re.compile(r"(?:const|class|async\s+function\*?|function\*?)\s+([\w$]+)")
_IMPORTED = re.compile(
    r"""import\s*(?:(?P<default>[\w$]+)\s*,?\s*)?(?:\*\s*as\s+(?P<all>[\w$]+)|\{(?P<names>[^}]*)\})?\s*from\s*(?P<q>["'])(?P<where>[^"']+)(?P=q)"""
)
_PASSED_ON = re.compile(r"""export\s*\{(?P<names>[^}]*)\}(?:\s*from\s*(?P<q>["'])(?P<where>[^"']+)(?P=q))?""")
DEFAULT = "$default"


def read(script: str) -> Script:
    """Take a module apart.

    Raises:
        Unreadable: It imports or exports in a way that is not understood here.

    """
    found = Script()
    body: list[str] = []
    parts = plain(script)
    depth = at = 0
    while at < len(parts):
        token = parts[at]
        after = _next(parts, at) if token.text in ("import", "export") else ""
        if token.kind is Kind.SIGN:
            depth += (token.text in "([{") - (token.text in ")]}")
        member = bool(body) and body[-1] == "."
        if token.kind is Kind.WORD and not depth and not member:
            if token.text == "import" and after not in ("(", "."):
                at = _imported(found, parts, at)
                continue
            if token.text == "export":
                at = _exported(found, parts, at, body, after)
                continue
            found.waits = found.waits or token.text == "await"
        if token.text == "import" and after == "(" and not member:
            found.later.append(parts[at + 2].text[1:-1])
        body.append(token.text)
        at += 1
    found.body = "".join(body).strip()
    return found


def _next(parts: list[Token], at: int) -> str:
    """Return the next token that is no space."""
    return next(
        (part.text for part in itertools.islice(parts, at + 1, None) if part.kind is not Kind.SPACE), ""
    )


def _statement(parts: list[Token], at: int) -> tuple[str, int]:
    """Return the text up to a semicolon or the end, and where it goes on."""
    end = at
    while end < len(parts) and parts[end].text != ";":
        end += 1
    return "".join(part.text for part in parts[at:end]), end + 1


def _names(listed: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for each in filter(str.strip, listed.split(",")):
        named = _NAMES.fullmatch(each)
        if not named:
            raise Unreadable(each)
        pairs.append((named[1], named[2] or named[1]))
    return pairs


def _imported(found: Script, parts: list[Token], at: int) -> int:
    text, end = _statement(parts, at)
    taken = _IMPORTED.fullmatch(text.strip())
    if not taken:
        raise Unreadable(text)
    names = [("default", taken["default"])] if taken["default"] else []
    names += [("*", taken["all"])] if taken["all"] else []
    found.imports.append((taken["where"], names + _names(taken["names"] or "")))
    return end


def _exported(found: Script, parts: list[Token], at: int, body: list[str], after: str) -> int:
    if after == "{":
        text, end = _statement(parts, at)
        passed = _PASSED_ON.fullmatch(text.strip())
        if not passed:
            raise Unreadable(text)
        names = _names(passed["names"])
        if passed["where"]:
            # Under names of their own: what is passed on need not be used here.
            found.imports.append((passed["where"], [(name, f"$of_{shown}") for name, shown in names]))
            found.exports.extend((shown, f"$of_{shown}") for _, shown in names)
        else:
            found.exports.extend((shown, name) for name, shown in names)
        return end
    at += 2  # The word and the space.
    if after == "default":
        found.exports.append(("default", DEFAULT))
        body.append(f"const {DEFAULT} =")
        return at + 1
    text, _ = _statement(parts, at)
    declared = _DECLARED.match(text)
    if not declared:
        raise Unreadable(text[:80])
    found.exports.append((declared[1], declared[1]))
    return at
