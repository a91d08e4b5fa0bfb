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
    """Return the inner part of a word's base64 (RFC 4648) at each of the three alignments."""
    return [base64.b64encode(b"\x00" * shift + word.encode())[4 if shift else 0 : -4] for shift in range(3)]
