"""What the child answers, and how it crosses the pipe: frames of a length and JSON, then plain bytes."""

import struct
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Final

import msgspec

_LENGTH: Final = struct.Struct(">I")


class Problem(StrEnum):
    """Why the text of a file is not known, or not to its end."""

    LOCKED = "locked"
    DAMAGED = "damaged"
    ARCHIVE = "archive"
    UNKNOWN = "unknown"
    EMBEDDED = "embedded"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    BOMB = "bomb"
    METADATA = "metadata"
    TOO_SLOW = "too_slow"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Part:
    """One picture of a file, or the file without its metadata."""

    role: str
    type: str
    width: int
    height: int
    content: bytes = field(repr=False)


class Kind(msgspec.Struct, frozen=True):
    """The first frame: what the file is, said before anything else is tried."""

    type: str


class PartHead(msgspec.Struct, frozen=True):
    """What is said of a part before its bytes."""

    role: str
    type: str
    width: int
    height: int
    size: int


class Reading(msgspec.Struct, frozen=True):
    """The second frame: what was read."""

    text: str = ""
    problem: str = ""
    pages: int = 0
    width: int = 0
    height: int = 0
    parts: list[PartHead] = []


def write_frame(out: BinaryIO, frame: msgspec.Struct) -> None:
    """Write one frame, and let it go at once."""
    encoded = msgspec.json.encode(frame)
    out.write(_LENGTH.pack(len(encoded)) + encoded)
    out.flush()


def take_frame(said: memoryview) -> tuple[bytes, memoryview] | None:
    """Return the first frame and what follows it; None where it is not whole."""
    if len(said) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(said)
    end = _LENGTH.size + length
    return (bytes(said[_LENGTH.size : end]), said[end:]) if len(said) >= end else None
