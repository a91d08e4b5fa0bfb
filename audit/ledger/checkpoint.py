"""Checkpoints: a log's size and root, signed (C2SP tlog-checkpoint in a signed note).

The text is ``origin``, size and base64 root, a line each; a blank line; and the signature line
``— <name> <base64(key id | signature)>``. The name is the origin. A verifier key (vkey) is
``<name>+<hex key id>+<base64(0x01 | public key)>``; it must reach a verifier from outside.
"""

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.ledger.tiles import make_folders, sync_folder
from core.crypto.signing import Signer, Verifier
from core.errors import IntegrityError, InvalidInput, NotFound

CHECKPOINT_FILE: Final = "checkpoint"
_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_NAME: Final = re.compile(r"[^\s+]{1,200}")
_MAX_NOTE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's state: its origin, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def key_id(name: str, verifier: Verifier) -> bytes:
    """Return the 4-byte id of a note's key."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + _ED25519 + verifier.public).digest()[:_KEY_ID_BYTES]


def vkey(name: str, verifier: Verifier) -> str:
    """Return the verifier key to hand to whoever checks this log.

    Raises:
        InvalidInput: ``origin`` if ``name`` cannot stand in a note.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} can not name a log: no spaces, no plus sign.", code="origin")
    return f"{name}+{key_id(name, verifier).hex()}+{_b64(_ED25519 + verifier.public)}"


def parse_vkey(text: str) -> tuple[str, Verifier]:
    """Return the name and the key of a vkey.

    Raises:
        InvalidInput: ``vkey`` if it is malformed or its id does not fit its key.
    """
    try:
        name, written_id, encoded = text.strip().split("+", 2)
        decoded = base64.b64decode(encoded, validate=True)
        verifier = Verifier(decoded[1:])
        if decoded[:1] == _ED25519 and vkey(name, verifier) == text.strip() and written_id:
            return name, verifier
    except (ValueError, binascii.Error, IntegrityError):
        pass
    raise InvalidInput("This is no verifier key: it looks like name+0a1b2c3d+AbCd….", code="vkey")


def sign(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the signed note of ``checkpoint``."""
    text = checkpoint.text()
    signature = key_id(checkpoint.origin, signer.verifier) + signer.sign(text.encode("utf-8"))
    return f"{text}\n\u2014 {checkpoint.origin} {_b64(signature)}\n".encode()


def open_note(note: bytes, origin: str, verifier: Verifier) -> Checkpoint:
    """Return the checkpoint of ``origin`` that ``verifier``'s key signed; other keys' lines are ignored.

    Raises:
        IntegrityError: it did not sign this, or this is no checkpoint of that log.
    """
    try:
        text, checkpoint = _parsed(note, origin, verifier)
    except (ValueError, binascii.Error):
        raise _unsigned() from None
    if checkpoint.origin != origin or checkpoint.text() != text:
        raise _unsigned()
    return checkpoint


def write_checkpoint(folder: Path, note: bytes) -> None:
    """Publish a note in one step: readers see the old one or the new one, also after a power cut."""
    make_folders(folder)
    beside = folder / f".{CHECKPOINT_FILE}.tmp"
    with beside.open("wb") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / CHECKPOINT_FILE)
    sync_folder(folder)


def read_note(folder: Path) -> bytes:
    """Return the published note of a log.

    Raises:
        NotFound: ``checkpoint_missing`` if none was published.
    """
    try:
        return (folder / CHECKPOINT_FILE).read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{folder} has no checkpoint yet.", code="checkpoint_missing") from None


def _parsed(note: bytes, origin: str, verifier: Verifier) -> tuple[str, Checkpoint]:
    if len(note) > _MAX_NOTE_BYTES:
        raise ValueError
    text, separator, signatures = note.decode("utf-8").partition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise ValueError
    text += "\n"
    wanted = key_id(origin, verifier)
    found = False
    for line in signatures[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        decoded = base64.b64decode(encoded, validate=True)
        if dash != "\u2014" or _b64(decoded) != encoded:
            raise ValueError
        if name == origin and decoded[:_KEY_ID_BYTES] == wanted:
            verifier.verify(decoded[_KEY_ID_BYTES:], text.encode("utf-8"))
            found = True
    if not found:
        raise ValueError
    name, size, root = text[:-1].split("\n")
    return text, Checkpoint(name, int(size), base64.b64decode(root, validate=True))


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unsigned() -> IntegrityError:
    return IntegrityError("This checkpoint is not signed by the key of its log.")
