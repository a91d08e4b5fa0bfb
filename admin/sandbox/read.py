"""Reads one file: what it is, what stands in it, how it looks."""

import codecs
import re
from dataclasses import dataclass, field
from typing import Final

from admin.sandbox import office, pdf, pictures, strip
from admin.sandbox.answer import Part, Problem
from admin.sandbox.kinds import LOCKED_OFFICE, PDF, text_of

MOST_CHARS: Final = 1_000_000
"""How much text of one file is read; more of it is a problem of its own."""

_ARCHIVES: Final = frozenset(
    {
        "application/zip",
        "application/gzip",
        "application/x-tar",
        "application/x-7z-compressed",
        "application/vnd.rar",
    }
)
_CODECS: Final = ("ascii", "cp437", "cp1252", "latin-1", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
_TEXTS: Final = frozenset({"application/xml", "image/svg+xml", "application/json"})
_LINE: Final = re.compile(rb"[\t\x20-\x7e]{12,}")
"""So many printable characters in a row are rare in sounds and films, but for what is written there."""


@dataclass(slots=True)
class Read:
    """What was read."""

    text: str = ""
    problem: str = ""
    pages: int = 0
    width: int = 0
    height: int = 0
    parts: list[Part] = field(default_factory=list)


def warm_up() -> None:
    """Load everything that is needed, while files can be opened."""
    for name in _CODECS:
        codecs.lookup(name)
    pictures.warm_up()
    pdf.warm_up()
    office.warm_up()


def read(kind: str, content: bytes, *, whole: bool, previews: bool, strip_metadata: bool) -> Read:
    """Return what can be read of ``content``; where it is not ``whole``, only its beginning is there."""
    if kind.startswith(("audio/", "video/")):
        return _cut(_lines_in(content), "")
    if not whole:
        return Read(problem=Problem.TOO_LARGE)
    if kind.startswith("image/") and kind not in _TEXTS:
        return _picture(kind, content, previews=previews, strip_metadata=strip_metadata)
    if kind == PDF:
        found = pdf.read_pdf(content, MOST_CHARS, previews=previews)
        return Read(found.text, found.problem, found.pages, parts=found.parts)
    if kind == LOCKED_OFFICE:
        return Read(problem=Problem.LOCKED)
    if kind in office.READ:
        return _cut(*office.read_office(kind, content))
    if kind.startswith("text/") or kind in _TEXTS:
        text = text_of(content)
        return Read(problem=Problem.UNKNOWN) if text is None else _cut(text, "")
    return Read(problem=Problem.ARCHIVE if kind in _ARCHIVES else Problem.UNKNOWN)


def _cut(text: str, problem: str) -> Read:
    if len(text) > MOST_CHARS:
        return Read(text[:MOST_CHARS], Problem.TOO_LONG)
    return Read(text, problem)


def _lines_in(content: bytes) -> str:
    """Return what can be read in a file for which there is no reader: titles, lyrics, what was put there."""
    return "\n".join(match.group().decode("ascii") for match in _LINE.finditer(content))


def _picture(kind: str, content: bytes, *, previews: bool, strip_metadata: bool) -> Read:
    """Return a picture's size and pictures; one that begins like a picture and is none is damaged.

    What is given out without metadata has no text; of any other the lines are read that stand in it. That it
    cannot be shown to its end is no problem of it.
    """
    found = Read() if strip_metadata else _cut(_lines_in(content), "")
    if kind in pictures.FORMATS:
        try:
            found.width, found.height = pictures.size_of(kind, content)
        except (ValueError, OSError, SyntaxError, MemoryError):
            return Read(problem=Problem.DAMAGED)
    try:
        if previews:
            found.parts = pictures.previews_of(kind, content)
    except (ValueError, OSError, SyntaxError, MemoryError):
        found.parts = []
    if strip_metadata:
        try:
            clean = strip.stripped(kind, content)
        except ValueError:
            found.text, found.problem = _lines_in(content)[:MOST_CHARS], Problem.METADATA
        else:
            if clean != content:
                found.parts.append(Part("clean", kind, found.width, found.height, clean))
    return found
