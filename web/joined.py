"""The scripts and sheets of a page as few files, made once in a process, when they are first asked for.

What lies in ``static`` stays what is written, tested and read. A page that has dozens of modules would
wait for dozens of answers, each compressed by itself: so all that a page needs at first is one module,
in which each file is a function that returns what it exports. What is loaded later stays a file of its
own, and takes from the one module what is there already, so that nothing runs twice. (It runs when the one
module is done: what that waits for at its own top cannot be something that is loaded later.)
"""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from web.scripts import Kind, Script, Unreadable, read, tokens

FOLDER = "joined"

ENTRY = "js/chat.js"

#: Sheets that are one, by the name that has; they stay in their folder, as what they name is beside it.
SHEETS: Mapping[str, Sequence[str]] = {
    "css/joined-chat.css": (
        "css/tokens.css",
        "css/base.css",
        "css/chat.css",
        "css/messages.css",
    ),
    "css/joined-later.css": ("css/later.css", "css/files.css", "css/search.css"),
}
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Strings stay as they are; a space before a colon parts a selector, one after it never does.
_CSS_SPACE = re.compile(r"""("[^"]*"|'[^']*')|\s*([{};])\s*|([:,])\s+|\s+""")


def file(static: Path, name: str) -> bytes | None:
    """Return a joined file, or nothing where there is none of that name."""
    if name in SHEETS:
        return sheet(static, SHEETS[name])
    return scripts(static, ENTRY).get(name) if name.startswith(f"{FOLDER}/") else None


@cache
def scripts(static: Path, entry: str) -> Mapping[str, bytes]:
    """Return every script that a page may load, by its new name: ``joined/`` and the old one.

    Raises:
        Unreadable: A script imports in circles, or is not understood.

    """
    known: dict[str, Script] = {}

    def script(name: str) -> Script:
        if name not in known:
            known[name] = read((static / name).read_text("utf-8"))
        return known[name]

    first = _in_order(entry, script)
    at = {name: f"m{number}" for number, name in enumerate(first)}
    later: list[str] = []
    waiting = [_target(name, where) for name in first for where in script(name).later]
    while waiting:
        name = waiting.pop()
        if name not in at and name not in later:
            later.append(name)
            waiting += [_target(name, where) for where in script(name).later]
            waiting += [_target(name, where) for where, _ in script(name).imports]
    lent = sorted(
        {
            at[_target(name, where)]
            for name in later
            for where, _ in script(name).imports
            if _target(name, where) in at
        }
    )
    made = {entry: _one(entry, first, at, script, lent)}
    made.update({name: _alone(entry, name, at, script(name)) for name in later})
    return {f"{FOLDER}/{name}": text.encode() for name, text in made.items()}


def sheet(static: Path, names: Sequence[str]) -> bytes:
    """Return style sheets as one, without comments and indentation; they share a folder."""
    text = "\n".join((static / name).read_text("utf-8") for name in names)
    bare = _CSS_SPACE.sub(
        lambda found: "".join(filter(None, found.groups())) or " ", _CSS_COMMENT.sub("", text)
    )
    return bare.strip().encode()


def _target(name: str, where: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), where))


def _in_order(entry: str, script: Callable[[str], Script]) -> list[str]:
    """Return what a script needs, each after all that it needs itself."""
    order: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in open_:
            raise Unreadable(f"{' > '.join([*open_, name])} import in circles")
        if name in order:
            return
        open_.append(name)
        for where, _ in script(name).imports:
            visit(_target(name, where))
        open_.pop()
        order.append(name)

    visit(entry)
    return order


def _one(
    entry: str,
    first: Sequence[str],
    at: Mapping[str, str],
    script: Callable[[str], Script],
    lent: Sequence[str],
) -> str:
    modules = []
    for name in first:
        part = script(name)
        shown = ",".join(outer if outer == inner else f"{outer}:{inner}" for outer, inner in part.exports)
        head, foot = ("await (async () => {", "})()") if part.waits else ("(() => {", "})()")
        taken = _taken(name, part, at)
        body = _placed(entry, name, part.body, at)
        modules.append(f"const {at[name]} = {head}\n{taken}{body}\nreturn {{{shown}}};\n{foot};\n")
    return "".join(modules) + f"export {{ {', '.join(lent)} }};\n"


def _alone(entry: str, name: str, at: Mapping[str, str], part: Script) -> str:
    """Return a script that is loaded later: from the one module it takes what that has."""
    here = [(where, names) for where, names in part.imports if _target(name, where) not in at]
    borrowed = sorted({at[_target(name, where)] for where, _ in part.imports if _target(name, where) in at})
    lines = [f'import {{ {", ".join(borrowed)} }} from "{_from(name, entry)}";\n'] if borrowed else []
    for where, names in here:
        listed = ", ".join(f"{outer} as {inner}" for outer, inner in names if outer != "*")
        lines += [f'import * as {inner} from "{where}";\n' for outer, inner in names if outer == "*"]
        lines.append(f'import {{ {listed} }} from "{where}";\n')
    shown = ", ".join(f"{inner} as {outer}" for outer, inner in part.exports)
    return (
        "".join(lines)
        + _taken(name, part, at)
        + _placed(name, name, part.body, at)
        + f"\nexport {{ {shown} }};\n"
    )


def _taken(name: str, part: Script, at: Mapping[str, str]) -> str:
    lines = []
    for where, names in part.imports:
        if source := at.get(_target(name, where)):
            wanted = [(outer, inner) for outer, inner in names if outer != "*"]
            lines += [f"const {inner} = {source};\n" for outer, inner in names if outer == "*"]
            listed = ",".join(outer if outer == inner else f"{outer}:{inner}" for outer, inner in wanted)
            lines += [f"const {{{listed}}}={source};\n"] if wanted else []
    return "".join(lines)


def _placed(file: str, name: str, body: str, at: Mapping[str, str]) -> str:
    """Return a body whose addresses are right where it now stands, which is in ``file``."""
    if "import" not in body:
        return body
    parts = list(tokens(body))
    out: list[str] = []
    place = 0
    while place < len(parts):
        ahead = [part.text for part in parts[place : place + 5]]
        if ahead == ["import", ".", "meta", ".", "url"]:
            out.append(f'new URL("{_from(f"{FOLDER}/{file}", name)}", import.meta.url)')
            place += 5
        elif ahead[:2] == ["import", "("] and parts[place + 2].kind is Kind.STRING and ahead[3:4] == [")"]:
            target = _target(name, ahead[2][1:-1])
            out.append(
                f"Promise.resolve({at[target]})" if target in at else f'import("{_from(file, target)}")'
            )
            place += 4
        else:
            out.append(ahead[0])
            place += 1
    return "".join(out)


def _from(file: str, target: str) -> str:
    """Return the address of a script as another one names it."""
    found = posixpath.relpath(target, posixpath.dirname(file))
    return found if found.startswith(".") else f"./{found}"
