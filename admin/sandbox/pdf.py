"""Text and first page of a PDF. The door to pypdfium2."""

import ctypes
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
from pypdfium2 import raw

from admin.sandbox.answer import Part, Problem
from admin.sandbox.pictures import PREVIEW, small

MOST_PAGES: Final = 5_000
MOST_NOTES: Final = 10_000
_PASSWORD: Final = 4
"""FPDF_ERR_PASSWORD, and FPDF_ERR_SECURITY after it."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """What stands in a PDF, how many pages it has, and why some of it could not be read."""

    text: str
    pages: int
    problem: str
    parts: list[Part]


def read_pdf(content: bytes, most_chars: int, *, previews: bool) -> Pdf:
    """Return what can be read of a PDF."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in {_PASSWORD, _PASSWORD + 1}
        return Pdf("", 0, Problem.LOCKED if locked else Problem.DAMAGED, [])
    pages = len(document)
    texts: list[str] = []
    left, problem = most_chars, ""
    for number in range(pages):
        if left < 0 or number >= MOST_PAGES:
            problem = Problem.TOO_LONG
            break
        try:
            text = _page_text(document[number])
        except pypdfium2.PdfiumError:
            problem = Problem.DAMAGED
            continue
        texts.append(text)
        left -= len(text) + 1
    whole = "\n".join(texts)[:most_chars]
    if not problem and not whole.strip():
        problem = Problem.NO_TEXT
    if not problem and document.count_attachments():
        problem = Problem.EMBEDDED
    return Pdf(whole, pages, problem, _first_page(document) if previews and pages else [])


def warm_up() -> None:
    """Load what the library loads late."""
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(10, 10)
    page.get_textpage().get_text_bounded()
    page.render(scale=1).to_pil()


def _page_text(page: Any) -> str:
    text_page = page.get_textpage()
    try:
        text: str = text_page.get_text_bounded()
        return "\n".join((text, *(note for note in _notes(page) if note not in text)))
    finally:
        text_page.close()
        page.close()


def _notes(page: Any) -> list[str]:
    """Return what was written onto a page: notes, and what was filled into a form."""
    found: dict[str, None] = {}
    for number in range(min(raw.FPDFPage_GetAnnotCount(page), MOST_NOTES)):
        note = raw.FPDFPage_GetAnnot(page, number)
        for key in (b"Contents", b"V"):
            size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
            letters = (ctypes.c_ushort * (size // 2 + 1))()
            raw.FPDFAnnot_GetStringValue(note, key, letters, size)
            if text := bytes(letters).decode("utf-16-le", "replace").rstrip("\0").strip():
                found[text] = None
        raw.FPDFPage_CloseAnnot(note)
    return list(found)


def _first_page(document: Any) -> list[Part]:
    try:
        page = document[0]
        width, height = page.get_size()
        scale = PREVIEW / max(width, height, 1)
        return small(page.render(scale=min(scale, 4)).to_pil())
    except (pypdfium2.PdfiumError, ValueError, MemoryError, OSError):
        return []
