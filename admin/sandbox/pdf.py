"""Text and first page of a PDF. The door to pypdfium2."""

from dataclasses import dataclass
from typing import Any, Final

import pypdfium2

from admin.sandbox.answer import Part, Problem
from admin.sandbox.pictures import PREVIEW, small

MOST_PAGES: Final = 5_000
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
        return text
    finally:
        text_page.close()
        page.close()


def _first_page(document: Any) -> list[Part]:
    try:
        page = document[0]
        width, height = page.get_size()
        scale = PREVIEW / max(width, height, 1)
        return small(page.render(scale=min(scale, 4)).to_pil())
    except (pypdfium2.PdfiumError, ValueError, MemoryError, OSError):
        return []
