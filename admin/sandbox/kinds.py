"""What a file is, by its content: names and what a browser says are not looked at. The door to puremagic."""

import io
import zipfile
from typing import Final

import puremagic

UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
PDF: Final = "application/pdf"
ZIP: Final = "application/zip"
OLE: Final = "application/x-ole-storage"
LOCKED_OFFICE: Final = "application/encrypted-office"

_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", PDF),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (257, b"ustar", "application/x-tar"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_FTYP: Final = {
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_OFFICE: Final = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_EPUB: Final = "application/epub+zip"
_LEGACY: Final = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__substg1.0", "application/vnd.ms-outlook"),
)
_MEDIA: Final = ("image/", "audio/", "video/")
_HEAD: Final = 64 * 1024
_CONTROLS: Final = frozenset(range(32)) - {9, 10, 12, 13, 27}
_HTML: Final = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")


def kind_of(content: bytes) -> str:
    """Return the media type of what ``content`` begins with, or all of it."""
    head = content[:_HEAD]
    kind = _marked_kind(content, head)
    if kind.startswith(_MEDIA) and text_of(head, cut=len(content) > len(head)) is not None:
        # Letters that begin a text by chance, or so that nobody reads it: pictures, sounds and films
        # have zeros in their heads.
        return _text_kind(head)
    return kind


def _marked_kind(content: bytes, head: bytes) -> str:
    """Return the type by the marks with which formats begin."""
    # Readers of PDF take a header that stands a little later.
    if b"%PDF-" in head[:1024]:
        return PDF
    if head[4:8] == b"ftyp":
        return _FTYP.get(head[8:12], "video/mp4")
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _zip_kind(content)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _ole_kind(content)
    for at, signature, kind in _SIGNATURES:
        if head[at : at + len(signature)] == signature and not (kind == "image/bmp" and len(content) < 26):
            return kind
    if head[:2] in {b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"}:
        return "audio/mpeg"
    if text_of(head, cut=len(content) > len(head)) is not None:
        return _text_kind(head)
    return _known_to_others(head)


def text_of(content: bytes, *, cut: bool = False) -> str | None:
    """Return ``content`` as text, or None where it is none; ``cut`` lets the last letter be torn."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        even = content[: len(content) & ~1]
        text = even.decode("utf-16", "replace")
        return None if "\x00" in text else text
    if _CONTROLS & set(content):
        return None
    for end in range(len(content), len(content) - (4 if cut else 1), -1):
        try:
            return content[:end].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    # The letters of western Europe in one byte each: every byte is one of them.
    return content.decode("cp1252", "replace")


def _text_kind(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if start.startswith(_HTML):
        return "text/html"
    if b"<svg" in start:
        return "image/svg+xml"
    if start.startswith(b"<?xml"):
        return "application/xml"
    if start.startswith(b"begin:vcard"):
        return "text/vcard"
    if start.startswith(b"begin:vcalendar"):
        return "text/calendar"
    mail = (b"received:", b"return-path:", b"delivered-to:", b"mime-version:")
    return "message/rfc822" if start.startswith(mail) else TEXT


def _zip_kind(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()[:10_000]
            if names and names[0] == "mimetype" and packed.getinfo("mimetype").file_size < 200:
                kind = packed.read("mimetype").decode("ascii", "replace").strip()
                return kind if kind.startswith(_OPEN_DOCUMENT) or kind == _EPUB else ZIP
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        return ZIP
    if "[Content_Types].xml" in names:
        for folder, kind in _OFFICE:
            if any(name.startswith(folder) for name in names):
                return kind
    return ZIP


def _ole_kind(content: bytes) -> str:
    """Return which old office file it is, by the names in its directory (UTF-16)."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return LOCKED_OFFICE
    for name, kind in _LEGACY:
        if name.encode("utf-16-le") in content:
            return kind
    return OLE


def _known_to_others(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    best = next((one.mime_type for one in found if one.mime_type and one.confidence >= 0.5), "")
    return best if best and not best.startswith("text/") else UNKNOWN
