"""Languages that nobody speaks, made of the real sentences: longer, accented, from right to left.

``eo`` carries accented English that is a third longer, so that what is cut off or not translated is
seen; ``he`` carries Hebrew letters, so that the whole screen runs from right to left. Places, tags and
numbers stay as they are.
"""

import re
import runpy
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[2]
LONGER, RIGHT_TO_LEFT = "eo", "he"

_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\w+\}|<[^>]+>|&\w+;)")
_ACCENTS = str.maketrans("aceginorsuyzACEGINORSUYZ", "áçéĝíñóřšúýžÁÇÉĜÍÑÓŘŠÚÝŽ")
_LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתךםןף", strict=True))


def accented(words: str) -> str:
    """Return ``words`` with accents on them."""
    return words.translate(_ACCENTS)


def hebrew(words: str) -> str:
    """Return ``words`` in letters that run from right to left."""
    return "".join(_LETTERS.get(letter.lower(), letter) for letter in words)


def pseudo(sentence: str, speak: Callable[[str], str]) -> str:
    """Return a sentence as one of these languages has it, a third longer."""
    parts = _KEPT.split(sentence)
    said = "".join(part if i % 2 else speak(part) for i, part in enumerate(parts))
    letters = sum(len(part) for part in parts[::2])
    return f"[{said}{speak('~' * (letters // 3))}]" if letters else said


def write_languages(folder: Path) -> Path:
    """Write a catalogue of each into ``folder`` and return that."""
    template = _template()
    speakers: Mapping[str, Callable[[str], str]] = {LONGER: accented, RIGHT_TO_LEFT: hebrew}
    for code, speak in speakers.items():
        catalogue = Catalog(locale=code, charset="utf-8", fuzzy=False)
        for message in template:
            if not message.id:
                continue
            forms = message.id if message.pluralizable else (message.id,)
            said = tuple(pseudo(form, speak) for form in forms)
            if message.pluralizable:
                said = tuple(said[min(i, 1)] for i in range(catalogue.num_plurals))
            catalogue.add(message.id, said if message.pluralizable else said[0], locations=message.locations)
        with (folder / f"{code}.po").open("wb") as file:
            write_po(file, catalogue)
    return folder


@cache
def _template() -> Any:
    return runpy.run_path(str(ROOT / ".ci" / "words.py"))["extracted"]()
