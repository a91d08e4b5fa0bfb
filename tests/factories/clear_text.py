"""Looking for words in raw bytes: in plain, in UTF-16, in hexadecimal and in base64, whatever their case."""

import base64
import contextlib
from collections.abc import Mapping
from pathlib import Path


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` by its relative name; there has to be one."""
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # segments of an index come and go
            if path.is_file():
                found[str(path.relative_to(folder))] = path.read_bytes()
    assert found, f"nothing to look through in {folder}"
    return found


def where(word: str, places: Mapping[str, bytes]) -> list[str]:
    """Return the names of the places that hold a word in any of its forms."""
    plain = word.lower()
    forms = (
        plain.encode(),
        plain.encode("utf-16-le"),
        plain.encode("utf-16-be"),
        plain.encode().hex().encode(),
    )
    return [
        place
        for place, content in places.items()
        if any(form in content.lower() for form in forms) or any(form in content for form in _base64(word))
    ]


def _base64(word: str) -> list[bytes]:
    """Return, for each alignment, the characters of base64 (RFC 4648) that a word alone determines.

    All of them: four characters or so are found by chance in a megabyte of ciphertext.
    """
    octets = word.encode()
    forms = []
    for shift in range(3):
        first, end = -(-8 * shift // 6), 8 * (shift + len(octets)) // 6
        forms.append(base64.b64encode(b"\x00" * shift + octets + b"\x00" * 3)[first:end])
    return forms
