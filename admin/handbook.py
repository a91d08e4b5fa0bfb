"""``python -m admin.handbook``: writes the handbook's pages that are made from the code.

A test renders them again and compares, so that no setting, permission, error or detector is missing
or told otherwise than it is.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from admin.handbook_commands import command_lines
from core import errors, metrics
from core.identity.permissions import CHAT_ROLES, DESK_ROLES, TABLE, Role
from core.settings import Settings, variable_of
from policies.complaints import SAYS
from policies.dlp.catalogue import all_detectors

DOCS = Path(__file__).parent / "docs"
_SCRIPTS = Path(__file__).parents[1] / "web" / "static" / "js"
SHORTCUTS = _SCRIPTS / "shortcuts.js"
_SHORTCUT = re.compile(r"\{ id: '(\w+)', keys: \[(.*?)\], place: '(\w+)' \}")
_WORDS = re.compile(r"^  (\w+): t\('(.*)'\),$", re.MULTILINE)
PACKAGES = ("core", "policies", "audit", "admin", "web")


def settings_page() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings",
        "",
        "Set them in `chancery.toml` in the home folder (or the file that `CHANCERY_FILE` names), as",
        "`key = value` in the table of the part before the dot, or in the environment, which wins.",
        "An unknown key, a wrong type or a missing secret is refused at start. A secret can stand in a file",
        "of its own, which the variable with `_FILE` at its end names: `CHANCERY_LDAP_BIND_PASSWORD_FILE`.",
        "",
        "| key | environment | default | effect | example |",
        "|---|---|---|---|---|",
    ]
    for field in fields(Settings):
        given = field.metadata
        effect = given["effect"] + (
            " **Secret**: give it in the environment, or its file." if given["secret"] else ""
        )
        cells = (
            f"`{given['key']}`",
            f"`{variable_of(given['key'])}`",
            _value(given["default"]),
            effect,
            f"`{given['example']}`",
        )
        lines.append(_row(cells))
    return _page(lines)


def permissions_page() -> str:
    """Return the page of who may do what."""
    roles = [role for role in Role if role in CHAT_ROLES] + [role for role in Role if role in DESK_ROLES]
    lines = [
        "# Permissions",
        "",
        "One table decides; what has no row is refused. The first three roles belong to the chat, the",
        "others to the compliance desk. Nobody holds roles of both sides in one session, and nobody",
        "approves what they asked for themselves.",
        "",
        _row(("permission", "lets one", *(role.words for role in roles))),
        _row(("---",) * (2 + len(roles))),
    ]
    for grant in TABLE:
        marks = ("●" if role in grant.roles else "" for role in roles)
        lines.append(_row((f"`{grant.permission}`", grant.effect, *marks)))
    return _page(lines)


def errors_page() -> str:
    """Return the page of all error codes."""
    lines = [
        "# Errors",
        "",
        "Every refusal has a code that stays the same, a sentence for people, and an HTTP status. Programs",
        "branch on the code alone. `retryable` errors wrote nothing; sending the same again is safe.",
        "",
        "| code | status | retryable | what it says |",
        "|---|---|---|---|",
    ]
    for code, found in sorted(_raised().items()):
        kinds = sorted({kind for kind, _ in found})
        status = ", ".join(sorted({str(_kind(kind).status) for kind in kinds}))
        retry = "yes" if any(_kind(kind).retryable for kind in kinds) else ""
        says = sorted({sentence for _, sentence in found if sentence})
        lines.append(_row((f"`{code}`", status, retry, "<br>".join(says))))
    lines += [
        "",
        "## What is said against a policy",
        "",
        "`bad_bundle` has a list `errors`: file, line and path of each, with a code of its own, what is put",
        "into the sentence (`params`), and the sentence in English. Warnings and failed tests have the same.",
        "",
        "| code | what it says |",
        "|---|---|",
    ]
    lines += [_row((f"`{code}`", sentence)) for code, sentence in SAYS.items()]
    return _page(lines)


def detectors_page() -> str:
    """Return the page of what the DLP catalogue finds."""
    lines = [
        "# Detectors",
        "",
        "Name them in the `dlp` rules of a policy. A checksum alone is weak evidence: words around a",
        "number and its usual layout raise the confidence.",
        "",
        "| name | finds | category |",
        "|---|---|---|",
    ]
    lines += [
        _row((f"`{one.id}`", one.title, one.category))
        for one in sorted(all_detectors(), key=lambda one: (one.category, one.id))
    ]
    return _page(lines)


def metrics_page() -> str:
    """Return the page of what processes count for Prometheus."""
    lines = [
        "# Metrics",
        "",
        "What `/metrics` tells, on the listener of [monitoring](../monitoring.md). No label holds a name of",
        "a person, an id or any text. Each process tells what it counts; sum over processes. What a process",
        "does not know it leaves out.",
        "",
        "| name | kind | labels | tells |",
        "|---|---|---|---|",
    ]
    for each in metrics.ALL:
        labels = ", ".join(f"`{label}`" for label in each.labels) or "–"
        lines.append(_row((f"`{each.name}`", each.kind, labels, each.tells)))
    return _page(lines)


def shortcuts_page() -> str:
    """Return the page of the chat's shortcuts, read from the table that the chat itself goes by."""
    places = {
        "anywhere": "Everywhere",
        "writing": "While writing",
        "forms": "Formatting, while writing",
        "messages": "In the list of messages",
    }
    lines = [
        "# Shortcuts",
        "",
        "On a Mac ⌘ stands for Ctrl. The chat shows this table with Ctrl+/, and in the language of the page.",
        "Which key sends, and whether single keys count, is chosen on the page *Preferences*.",
        "",
        "| where | keys | what it does |",
        "|---|---|---|",
    ]
    words = dict(_WORDS.findall((_SCRIPTS / "lib" / "keynames.js").read_text("utf-8")))
    for name, keys, place in _SHORTCUT.findall(SHORTCUTS.read_text("utf-8")):
        written = " or ".join(f"`{_written(key)}`" for key in re.findall(r"'([^']+)'", keys))
        lines.append(_row((places[place], written, words[name])))
    return _page(lines)


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/settings.md": settings_page,
    "reference/commands.md": lambda: _page([*command_lines()]),
    "reference/permissions.md": permissions_page,
    "reference/errors.md": errors_page,
    "reference/detectors.md": detectors_page,
    "reference/metrics.md": metrics_page,
    "reference/shortcuts.md": shortcuts_page,
}


def _written(key: str) -> str:
    """Return a key as it stands on keyboards: ``Ctrl+K``, ``Alt+↑``."""
    for name, written in (("Mod", "Ctrl"), ("ArrowUp", "↑"), ("ArrowDown", "↓"), ("Escape", "Esc")):
        key = key.replace(name, written)
    return key


def _raised() -> dict[str, list[tuple[str, str]]]:
    """Return for each code the classes and sentences with which it is raised anywhere."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((Path(__file__).parents[1] / package).rglob("*.py")):
            for kind, call in _constructions(ast.parse(path.read_text("utf-8"))):
                code = next((word.value for word in call.keywords if word.arg == "code"), None)
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    found[code.value].append((kind, _sentence(call)))
                elif code is None:
                    found[_kind(kind).default_code].append((kind, _sentence(call)))
    return found


def _constructions(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            kind = getattr(errors, node.func.id, None)
            if isinstance(kind, type) and issubclass(kind, errors.ChanceryError):
                yield node.func.id, node


def _sentence(call: ast.Call) -> str:
    """Return the sentence of an error, with an ellipsis where a value is put in."""
    if not call.args:
        return ""
    match call.args[0]:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
    return ""


def _kind(name: str) -> type[errors.ChanceryError]:
    kind: type[errors.ChanceryError] = getattr(errors, name)
    return kind


def _value(default: Any) -> str:
    match default:
        case None | "" | () | {}:
            return "–"
        case bool():
            return f"`{str(default).lower()}`"
    return f"`{default}`"


def _row(cells: Any) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _page(lines: list[str]) -> str:
    return "\n".join([*lines, "", "*Made from the code by `python -m admin.handbook`.*", ""])


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
