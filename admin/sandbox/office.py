"""Text of office documents, mails and the like. The door to kreuzberg."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import Final
from xml.etree import ElementTree as ET

import kreuzberg

from admin.sandbox.answer import Problem

MOST_UNPACKED: Final = 256 * 1024 * 1024
MOST_ENTRIES: Final = 20_000

_WORDS = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
PACKED: Final = frozenset(
    {
        f"{_WORDS}wordprocessingml.document",
        f"{_WORDS}spreadsheetml.sheet",
        f"{_WORDS}presentationml.presentation",
        f"{_OPEN}text",
        f"{_OPEN}spreadsheet",
        f"{_OPEN}presentation",
        "application/epub+zip",
    }
)
_BESIDE: Final = re.compile(
    r"(?i)(comment|header|footer|footnote|endnote|notesslide|docprops/core|docprops/custom|textbox|drawing"
    r"|^meta\.xml$|^styles\.xml$)"
)
"""Parts of a document in which people write, beside its text: of Word, Excel, PowerPoint, OpenDocument."""
_PARAGRAPHS: Final = frozenset(
    {
        "p",
        "h",
        "text",
        "title",
        "subject",
        "description",
        "creator",
        "keyword",
        "keywords",
        "category",
        "lpwstr",
    }
)
READ: Final = PACKED | {
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.ms-outlook",
    "application/rtf",
    "message/rfc822",
}


def read_office(kind: str, content: bytes) -> tuple[str, str]:
    """Return the text of a document and, where that is not all of it, why."""
    problem = _problem_of(content) if kind in PACKED else ""
    if problem in {Problem.BOMB, Problem.LOCKED, Problem.DAMAGED}:
        return "", problem
    try:
        text = kreuzberg.extract_bytes_sync(content, kind).content
    except kreuzberg.KreuzbergError:
        return "", Problem.DAMAGED
    if kind in PACKED:
        try:
            text = "\n".join((text, *(line for line in _beside(content) if line not in text)))
        except (ET.ParseError, zipfile.BadZipFile, ValueError, LookupError):
            problem = problem or Problem.DAMAGED
    return text, problem or ("" if text.strip() else Problem.NO_TEXT)


def _beside(content: bytes) -> list[str]:
    """Return what stands beside the text, where the library does not look: comments, heads, feet, notes."""
    lines: dict[str, None] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith(".xml") and _BESIDE.search(name):
                lines |= dict.fromkeys(filter(None, _lines(packed.read(name))))
    return list(lines)


def _lines(content: bytes) -> Iterator[str]:
    """Yield the text of each paragraph, however it is cut into runs."""
    # In the sandbox, with limits; entities that grow are refused by the parser itself.
    for element in ET.fromstring(content).iter():  # noqa: S314
        if _is_paragraph(element) and not any(map(_is_paragraph, islice(element.iter(), 1, None))):
            yield "".join(element.itertext()).strip()


def _is_paragraph(element: ET.Element) -> bool:
    return str(element.tag).rpartition("}")[2] in _PARAGRAPHS


def warm_up() -> None:
    """Let the library start its threads."""
    kreuzberg.extract_bytes_sync(b"{\\rtf1 a}", "application/rtf")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a", "b")


def _problem_of(content: bytes) -> str:
    """Return what keeps a packed document from being read, or being read to its end."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError):
        return Problem.DAMAGED
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        return Problem.BOMB
    if any(entry.flag_bits & 1 for entry in entries):
        return Problem.LOCKED
    if any("/embeddings/" in f"/{entry.filename}" for entry in entries):
        return Problem.EMBEDDED
    return ""
