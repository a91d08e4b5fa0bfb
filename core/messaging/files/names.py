"""File names as they may be shown: one line, no path, nothing that turns or hides what stands there."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 120
_LONGEST_ENDING: Final = 16
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Scripts need them between letters, and they turn nothing around."""
_PATH: Final = frozenset('/\\<>:"|?*')
_ENDINGS: Final = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{0,15})+\Z")
MARKS: Final = 4
"""How many combining marks one letter may carry."""


def clean_name(name: str) -> str:
    """Return ``name`` without path, control characters and marks of direction; never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", last):
        if unicodedata.combining(character):
            marks += 1
            if marks > MARKS:
                continue
        else:
            marks = 0
        if character in _PATH:
            kept.append("_")
        elif character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
            kept.append(" " if character.isspace() else character)
    clean = " ".join("".join(kept).split()).lstrip(".").strip()
    return _shortened(clean) or "file"


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return name[: LONGEST - 1] + "…"
    return stem[: LONGEST - len(ending) - 2] + "…." + ending


def stem_of(name: str) -> str:
    """Return a name without its endings; a part that begins with a digit is none."""
    return _ENDINGS.sub("", name) or name


def name_as_read(name: str) -> str:
    """Return a name as it is decided: its ending says what it is and is no part of what stands before."""
    stem = stem_of(name)
    return f"{stem} {name[len(stem) :]}".rstrip()
