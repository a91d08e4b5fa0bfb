"""Text of office documents, mails and the like. The door to kreuzberg."""

import io
import zipfile
from typing import Final

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
    return text, problem or ("" if text.strip() else Problem.NO_TEXT)


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
