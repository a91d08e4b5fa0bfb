"""Takes metadata out of pictures without decoding them: places, cameras, authors, thumbnails, comments.

What shows the picture stays: colour profile, transparency, animation, and which way up it is. What
stands behind the end of a picture goes too.
"""

import re
import struct
from typing import Final

_PNG_DROPPED: Final = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"caBX"})
_WEBP_DROPPED: Final = frozenset({b"EXIF", b"XMP "})
_VP8X_NO_METADATA: Final = 0xFF ^ 0x0C
WITHOUT_METADATA: Final = frozenset({"image/bmp"})
_MARKED: Final = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
"""The segments of applications that say how colours are to be read; JFXX, beside JFIF, is a thumbnail."""
_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends the coded picture of a JPEG: not a stuffed zero, not a restart, not filling."""


def stripped(kind: str, content: bytes) -> bytes:
    """Return the picture without metadata.

    Raises:
        ValueError: it is not whole, or not of this kind.
    """
    try:
        return {
            "image/png": _png,
            "image/jpeg": _jpeg,
            "image/webp": _webp,
            "image/gif": _gif,
        }[kind](content)
    except (struct.error, IndexError, KeyError) as error:
        raise ValueError(kind) from error


def _png(content: bytes) -> bytes:
    kept, at = [content[:8]], 8
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise ValueError("png")
        if kind not in _PNG_DROPPED:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end


def _jpeg(content: bytes) -> bytes:
    kept, at = [content[:2]], 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("jpeg")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            # The first end is the end: telephones put a second picture behind it, with its own places.
            kept.append(content[at : at + 2])
            return b"".join(kept)
        (length,) = struct.unpack_from(">H", content, at + 2)
        segment = content[at : at + 2 + length]
        if marker == 0xE1 and segment[4:10] == b"Exif\x00\x00":
            kept.append(_only_orientation(segment[10:]))
        elif not _is_metadata(marker, segment):
            kept.append(segment)
        at += 2 + length
        if marker == 0xDA:
            # A progressive picture comes in several scans, with segments between them.
            after = _NEXT_MARKER.search(content, at)
            end = after.start() if after else len(content)
            kept.append(content[at:end])
            if after is None:
                return b"".join(kept)
            at = end


def _is_metadata(marker: int, segment: bytes) -> bool:
    if marker in _MARKED:
        return not segment[4:].startswith(_MARKED[marker])
    return marker == 0xFE or 0xE1 <= marker <= 0xEF


def _only_orientation(tiff: bytes) -> bytes:
    """Return an Exif segment that says which way up the picture is, or nothing if that is the usual one."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    (at,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, at)
    for number in range(count):
        tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + number * 12)
        if tag == 0x0112 and 2 <= value <= 8:
            ifd = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, value, 0, 0)
            body = b"Exif\x00\x00MM\x00*" + struct.pack(">I", 8) + ifd
            return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return b""


def _webp(content: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", content, 4)
    whole, kept, at = min(len(content), length + 8), [], 12
    while at + 8 <= whole:
        kind, (size,) = content[at : at + 4], struct.unpack_from("<I", content, at + 4)
        end = at + 8 + size + (size & 1)
        if at + 8 + size > whole:
            raise ValueError("webp")
        chunk = bytearray(content[at:end])
        if kind == b"VP8X":
            chunk[8] &= _VP8X_NO_METADATA
        if kind not in _WEBP_DROPPED:
            kept.append(bytes(chunk))
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(content: bytes) -> bytes:
    flags = content[10]
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    kept = [content[:at]]
    while True:
        begin, introducer = at, content[at]
        if introducer == 0x3B:
            kept.append(b"\x3b")
            return b"".join(kept)
        if introducer == 0x2C:
            local = content[at + 9]
            at += 10 + (3 << ((local & 7) + 1) if local & 0x80 else 0) + 1
        elif introducer == 0x21:
            at += 2
        else:
            raise ValueError("gif")
        while content[at]:
            at += 1 + content[at]
        at += 1
        if not _is_gif_metadata(content, begin):
            kept.append(content[begin:at])


def _is_gif_metadata(content: bytes, at: int) -> bool:
    """Tell whether a block is a comment, or of an application other than the one that repeats a film."""
    if content[at] != 0x21:
        return False
    application = content[at + 3 : at + 14]
    return content[at + 1] == 0xFE or (
        content[at + 1] == 0xFF and application not in {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}
    )
