"""Decoded views: text that hides in base64, hexadecimal or percent encoding.

Only what decodes to readable text is worth a second look; a hash or a picture does not.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

#: Encodings inside encodings that are followed, blobs of one text, and decoded characters in all.
DEPTH_LIMIT = 2
BLOB_LIMIT = 8
SIZE_LIMIT = 20_000

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?((?>(?:[0-9A-Fa-f]{2}){9,}))(?![0-9A-Za-z])")
_BASE64 = re.compile(r"(?<![0-9A-Za-z+/_\-])[0-9A-Za-z+/_\-]{20,}+={0,2}")
_TOKEN = re.compile(r"[!-~]++")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    printable = sum(1 for character in text if character.isprintable() or character in "\t\r\n")
    return text if len(text) >= 8 and printable * 20 >= len(text) * 19 else None


def _from_base64(blob: str) -> str | None:
    if blob.isalpha() or not re.search(r"[A-Z]", blob):
        return None
    plain = blob.rstrip("=").replace("-", "+").replace("_", "/")
    plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain
    try:
        return _readable(base64.b64decode(plain + "=" * (-len(plain) % 4)))
    except (binascii.Error, ValueError):
        return None


def decoded_blobs(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and decoded text of each readable blob of ``text``, in order of their kind."""
    for match in _HEX.finditer(text):
        found = _readable(bytes.fromhex(match.group(1)))
        if found is not None:
            yield match.start(), match.end(), found
    for match in _BASE64.finditer(text):
        found = _from_base64(match.group())
        if found is not None:
            yield match.start(), match.end(), found
    for match in _TOKEN.finditer(text) if "%" in text else ():
        if len(_ESCAPE.findall(match.group())) >= 3:
            found = _readable(unquote_to_bytes(match.group()))
            if found is not None:
                yield match.start(), match.end(), found
