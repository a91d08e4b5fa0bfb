"""Takes metadata out of pictures without decoding them: places, cameras, authors, thumbnails, comments.

What shows the picture stays: colour profile, transparency, animation, and which way up it is. All else
goes, known or not, and what stands behind the end of a picture too: nobody reads it, so nobody decided it.
"""

import re
import struct
from typing import Final

_PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs mDCV cLLI acTL fcTL fdAT".split()
)
_WEBP_KEPT: Final = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_VP8X_NO_METADATA: Final = 0xFF ^ 0x0C
_GIF_CONTROL: Final = 0xF9
_GIF_KEPT: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})
_BMP_PLAIN: Final = frozenset({0, 3, 6})
"""The compressions of a BMP whose rows are as long as its header says."""
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
            "image/bmp": _bmp,
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
        if kind in _PNG_KEPT:
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
        if kind in _WEBP_KEPT:
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
        if introducer == 0x2C or _shows_gif(content, begin):
            kept.append(content[begin:at])


def _shows_gif(content: bytes, at: int) -> bool:
    """Tell whether an extension says how the picture is shown: comments, texts and others do not."""
    label, application = content[at + 1], content[at + 3 : at + 14]
    return label == _GIF_CONTROL or (label == 0xFF and application in _GIF_KEPT)


def _bmp(content: bytes) -> bytes:
    header, width, height, _, bits, compression, size = struct.unpack_from("<IiiHHII", content, 14)
    (start,) = struct.unpack_from("<I", content, 10)
    # Between header and picture stand masks and a palette, and nothing that could be read.
    if header < 40 or not 14 + header <= start <= 14 + header + 12 + 4 * 256:
        raise ValueError("bmp")
    rows = (width * bits + 31) // 32 * 4 * abs(height)
    end = start + (rows if compression in _BMP_PLAIN else size)
    if width < 1 or end > len(content):
        raise ValueError("bmp")
    return content[:end]
