# ruff: noqa: ARG001, INP001, T201  (a script that stands alone)
"""Collect the words of the interface from templates, Python and scripts into the catalogues.

``python .ci/words.py`` brings every ``web/translations/*.po`` up to date: new sentences come in
empty, those that nobody says any longer go, and what changed a little is not guessed. A test tells
when this was forgotten, or when a sentence has no translation.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
TRANSLATIONS = ROOT / "web" / "translations"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "noted": None,
    "ngettext": (1, 2),
    "t": None,
    "rich": None,
    "tn": (1, 2),
}
CALL = re.compile(r"(?<![\w.$])(tn|t|rich)\(")
LITERAL = re.compile(r"\s*(?:'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\")\s*,?")


def scripts(
    fileobj: Any, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield the words of a script, also those inside of nested templates, which Babel leaves out.

    Raises:
        SystemExit: a call whose sentence is no plain string, so that nobody could translate it.
    """
    text = fileobj.read().decode("utf-8")
    for call in CALL.finditer(text):
        before = text[text.rfind("\n", 0, call.start()) + 1 : call.start()]
        if "//" in before or before.lstrip().startswith("*") or before.endswith("function "):
            continue
        line = text.count("\n", 0, call.start()) + 1
        said, place = [], call.end()
        for _ in range(2 if call[1] == "tn" else 1):
            found = LITERAL.match(text, place)
            if found is None:
                message = f"{fileobj.name}:{line}: {call[1]}() wants its sentence as a plain string."
                raise SystemExit(message)
            said.append(re.sub(r"\\(.)", r"\1", found[1] or found[2] or ""))
            place = found.end()
        yield line, call[1], tuple(said) if len(said) > 1 else said[0], []


def sentences(
    fileobj: Any, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield what is said in English far below, and looked up when one meets it."""
    sys.path.insert(0, str(ROOT))
    from web.sentences import NOTICES, SENTENCES

    for sentence in (*SENTENCES, *NOTICES):
        yield 1, "gettext", sentence, []


def tables(
    fileobj: Any, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield the same of what no script needs."""
    sys.path.insert(0, str(ROOT))
    from web.tables import TABLES

    for sentence in TABLES:
        yield 1, "gettext", sentence, []


METHODS: tuple[tuple[str, str | Callable[..., Any]], ...] = (
    ("static/vendor/**", "ignore"),
    ("sentences.py", sentences),
    ("tables/__init__.py", tables),
    ("**.py", "python"),
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("static/js/**.js", scripts),
)
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}


def extracted() -> Catalog:
    """Return every sentence that the interface says, and where."""
    catalogue = Catalog(project="Chancery", charset="utf-8")
    found = extract_from_dir(ROOT / "web", list(METHODS), OPTIONS, KEYWORDS, strip_comment_tags=True)
    for name, _, message, _, _ in sorted(found, key=lambda each: (each[0], each[1])):
        catalogue.add(message, locations=[(f"web/{name}", 0)])
    return catalogue


def updated(path: Path, template: Catalog) -> Catalog:
    """Return the catalogue of one language with the sentences of ``template`` and no others."""
    with path.open("rb") as file:
        held = read_po(file, locale=path.stem)
    fresh = Catalog(locale=path.stem, project="Chancery", charset="utf-8", fuzzy=False)
    for message in template:
        if not message.id:
            continue
        old = held.get(message.id)
        fresh.add(message.id, old.string if old else None, locations=message.locations)
    return fresh


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue in the same way each time: sorted by place, without lines and dates."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False, omit_header=False, sort_by_file=True)
    text = path.read_text("utf-8")
    kept = [
        line
        for line in text.splitlines()
        if not re.match(
            r'"(POT-Creation|PO-Revision)-Date|"Generated-By|"Last-Translator|"Language-Team|"Report-Msgid',
            line,
        )
    ]
    head = next(i for i, line in enumerate(kept) if line.startswith("msgid"))
    path.write_text("\n".join(kept[head:]).strip("\n") + "\n", "utf-8")


def main() -> int:
    """Bring every catalogue up to date; say what is left to translate."""
    template = extracted()
    for path in sorted(TRANSLATIONS.glob("*.po")):
        catalogue = updated(path, template)
        write(path, catalogue)
        empty = [message for message in catalogue if message.id and not message_is_translated(message)]
        print(f"{path.name}: {len(catalogue)} sentences, {len(empty)} without a translation")
    return 0


def message_is_translated(message: Any) -> bool:
    """Tell whether every form of a message has words."""
    forms = message.string if message.pluralizable else [message.string]
    return all(forms)


if __name__ == "__main__":
    sys.exit(main())
