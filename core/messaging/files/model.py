"""What is known of a file: what its owner said, where its bytes are, and what was found in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from core.blobs.sealed import Blob, piece_digest
from core.types import FileFacts

PURPOSE: Final = "file"
EXCERPT: Final = 400
"""How many characters of a text are shown with its message."""


class FileState(StrEnum):
    """How far a file has come."""

    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    RESERVED = "reserved"
    CHECKING = "checking"
    STOPPED = "stopped"
    SHOWN = "shown"
    RECALLED = "recalled"
    GONE = "gone"


class Role(StrEnum):
    """What a blob of a file is. Evidence outlives the chat's copy, the rest goes with it."""

    ORIGINAL = "original"
    CLEAN = "clean"
    THUMB = "thumb"
    PREVIEW = "preview"
    TEXT = "text"

    @property
    def is_evidence(self) -> bool:
        """Tell whether the archive keeps it."""
        return self in {self.ORIGINAL, self.CLEAN}


class Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A blob as it is kept, sealed, with its file; pictures have a width and a height."""

    id: str
    key: str
    size: int
    type: str = ""
    width: int = 0
    height: int = 0
    pieces: str = ""

    @classmethod
    def of(cls, blob: Blob, type_: str = "", width: int = 0, height: int = 0) -> "Stored":
        """Return what is kept of ``blob``."""
        return cls(blob.id, blob.key.material.hex(), blob.size, type_, width, height)

    def blob(self) -> Blob:
        """Return the blob to read."""
        return Blob.from_dict({"id": self.id, "key": self.key, "size": self.size, "pieces": self.pieces})

    def with_piece(self, content: bytes) -> "Stored":
        """Return it with one piece more."""
        return msgspec.structs.replace(self, pieces=self.pieces + piece_digest(content).hex())


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sandbox found. ``problem`` says why the text is not whole; ``parts`` by their role."""

    type: str
    sha256: str
    problem: str = ""
    chars: int = 0
    pages: int = 0
    width: int = 0
    height: int = 0
    excerpt: str = ""
    parts: dict[str, Stored] = {}


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sealed part of a file's row."""

    name: str
    original: Stored
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file's row, opened."""

    id: str
    owner: str
    conversation: str
    item: str | None
    state: FileState
    size: int
    received: int
    meta: Meta

    @property
    def facts(self) -> FileFacts:
        """What policies see of it; what was not looked at yet is not known."""
        found = self.meta.found
        return FileFacts(found.type, self.size, found.problem) if found else FileFacts("", self.size, "")

    def part(self, role: Role) -> Stored | None:
        """Return where a part of it is, if there is one."""
        if role is Role.ORIGINAL:
            return self.meta.original
        return self.meta.found.parts.get(role) if self.meta.found else None

    @property
    def served(self) -> Stored:
        """What others are given: without metadata where policy took it out."""
        return self.part(Role.CLEAN) or self.meta.original

    def passed_on(self) -> Meta:
        """Return what is known of it as a file of another message: what others are given, not read yet."""
        return Meta(self.meta.name, self.served)

    def view(self) -> dict[str, Any]:
        """Return it as the chat shows it."""
        told: dict[str, Any] = {"id": self.id, "name": self.meta.name, "size": self.served.size}
        found = self.meta.found
        if found is None:
            return told
        told |= {"type": found.type, "pages": found.pages, "width": found.width, "height": found.height}
        told["excerpt"] = found.excerpt
        for role in (Role.THUMB, Role.PREVIEW):
            part = self.part(role)
            if part:
                told[str(role)] = [part.width, part.height]
        return told

    def evidence(self, text: str = "") -> dict[str, Any]:
        """Return it as the archive keeps it: the keys go under the record's own seal."""
        told: dict[str, Any] = {
            "id": self.id,
            "name": self.meta.name,
            "size": self.size,
            "blobs": {
                str(role): msgspec.to_builtins(part)
                for role in Role
                if role.is_evidence and (part := self.part(role))
            },
        }
        found = self.meta.found
        if found is not None:
            told |= {"type": found.type, "sha256": found.sha256, "problem": found.problem, "text": text}
        return told
