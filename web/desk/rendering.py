"""A canonical policy as an outline that people read, and what differs between two of them."""

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison: ``same``, ``removed``, ``added``, or a ``gap`` of equal lines."""

    kind: str
    text: str


def outline(canonical: bytes) -> list[str]:
    """Return a canonical form (RFC 8785 JSON) as indented lines, one value a line, nothing left out."""
    return list(_lines(json.loads(canonical), 0))


def differences(before: Sequence[str], after: Sequence[str]) -> list[DiffLine]:
    """Return what differs, with three equal lines around each change; empty when nothing does."""
    lines = list(_compared(before, after))
    changed = [at for at, line in enumerate(lines) if line.kind != "same"]
    near = {at for place in changed for at in range(place - CONTEXT, place + CONTEXT + 1)}
    shown: list[DiffLine] = []
    for at, line in enumerate(lines):
        if at in near:
            shown.append(line)
        elif changed and (not shown or shown[-1].kind != "gap"):
            shown.append(DiffLine("gap", "⋯"))
    return shown


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[DiffLine]:
    # Line by line only: looking for likeness within lines takes hours where a long list has changed.
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (DiffLine("same", line) for line in before[a:b])
        else:
            yield from (DiffLine("removed", line) for line in before[a:b])
            yield from (DiffLine("added", line) for line in after[c:d])


def _lines(value: Any, depth: int) -> Iterator[str]:
    space = "  " * depth
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _named(f"{space}{name}:", inner, depth)
    elif isinstance(value, list):
        for inner in value:
            if _is_plain(inner):
                yield f"{space}- {_plain(inner)}"
            else:
                first, *rest = _lines(inner, depth + 1)
                yield f"{space}- {first.strip()}"
                yield from rest
    else:
        yield f"{space}{_plain(value)}"


def _named(name: str, value: Any, depth: int) -> Iterator[str]:
    if _is_plain(value):
        yield f"{name} {_plain(value)}"
    else:
        yield name
        yield from _lines(value, depth + 1)


def _is_plain(value: Any) -> bool:
    return (
        not isinstance(value, dict | list)
        or not value
        or (
            isinstance(value, list)
            and all(not isinstance(one, dict | list) for one in value)
            and len(value) <= 6
        )
    )


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value if value.isprintable() and value == value.strip() and value else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)
