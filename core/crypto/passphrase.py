"""Streams sealed under a passphrase: what leaves the machine and is opened by people, not by a ring.

The key comes from Argon2id (RFC 9106). A file begins with a header in the clear, which says what it is
and at what cost the key is made; then come chunks, each an envelope bound to the header, to its place
and to whether it is the last one. So nothing can be cut off, put in another order or taken from
another file (the STREAM construction, https://eprint.iacr.org/2015/189).
"""

import hashlib
import io
import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from argon2 import Type
from argon2.low_level import hash_secret_raw

from core.crypto.envelope import KEY_BYTES, OVERHEAD, Key, associated, open_sealed, refused, seal
from core.errors import IntegrityError, InvalidInput

MIN_PASSPHRASE_CHARS: Final = 16

_MAGIC: Final = b"chancery sealed stream 1\n"
_CHUNK: Final = 1 << 20
_SALT_BYTES: Final = 16
_LANES: Final = 4
_MAX_HEADER: Final = 1 << 16
_MAX_MEMORY_KIB: Final = 1 << 22
_MAX_PASSES: Final = 64


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """What it costs to try one passphrase: memory in KiB, and passes over it."""

    memory_kib: int = 262_144
    passes: int = 4


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short to keep out whoever has the file.

    Raises:
        InvalidInput: ``passphrase_too_short``.
    """
    if len(unicodedata.normalize("NFKC", passphrase)) < MIN_PASSPHRASE_CHARS:
        raise InvalidInput(
            f"A passphrase takes at least {MIN_PASSPHRASE_CHARS} characters: six or more random words.",
            code="passphrase_too_short",
            limit=MIN_PASSPHRASE_CHARS,
        )


class SealingWriter(io.RawIOBase):
    """A file object whose content is sealed into ``file``; closing it writes the last chunk."""

    def __init__(
        self, file: BinaryIO, passphrase: str, clear: Mapping[str, Any], cost: PassphraseCost
    ) -> None:
        super().__init__()
        salt = os.urandom(_SALT_BYTES)
        header = json.dumps(
            {"clear": dict(clear), "salt": salt.hex(), "memory": cost.memory_kib, "passes": cost.passes},
            sort_keys=True,
        ).encode()
        file.write(_MAGIC + len(header).to_bytes(4, "big") + header)
        self._file = file
        self._key = _stretched(passphrase, salt, cost)
        self._header = hashlib.sha256(header).digest()
        self._held = bytearray()
        self._index = 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, content: Any, /) -> int:
        """Take bytes; whole chunks are sealed at once."""
        self._held += content
        while len(self._held) > _CHUNK:
            self._put(bytes(self._held[:_CHUNK]), last=False)
            del self._held[:_CHUNK]
        return len(content)

    def close(self) -> None:
        """Write what is held as the last chunk. ``file`` stays open."""
        if not self.closed:
            self._put(bytes(self._held), last=True)
        super().close()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        sealed = seal(self._key, chunk, _bound(self._header, self._index, last=last))
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._index += 1


class OpeningReader(io.RawIOBase):
    """A file object that reads what :class:`SealingWriter` sealed into ``file``.

    Every read raises IntegrityError where the passphrase is another or the file was altered; what was
    read before that is genuine, and the end is only ever reported where it is the end.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        super().__init__()
        header = _header_of(file)
        fields = _fields(header)
        self._file = file
        self._key = _stretched(
            passphrase, bytes.fromhex(fields["salt"]), PassphraseCost(fields["memory"], fields["passes"])
        )
        self._header = hashlib.sha256(header).digest()
        self._held = memoryview(b"")
        self._next = self._sealed()
        self._index = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` as far as the chunk reaches; 0 at the genuine end. Raises IntegrityError."""
        while not self._held and self._next is not None:
            sealed, self._next = self._next, self._sealed()
            bound = _bound(self._header, self._index, last=self._next is None)
            self._held = memoryview(open_sealed(self._key, sealed, bound))
            self._index += 1
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _sealed(self) -> bytes | None:
        prefix = self._file.read(4)
        if not prefix:
            return None
        length = int.from_bytes(prefix, "big")
        if not OVERHEAD <= length <= _CHUNK + OVERHEAD:
            raise refused()
        sealed = self._file.read(length)
        if len(sealed) != length:
            raise refused()
        return sealed


def read_clear(file: BinaryIO) -> dict[str, Any]:
    """Return what the header of a sealed stream says in the clear. Not verified before it was opened.

    Raises:
        IntegrityError: this is no sealed stream.
    """
    clear: dict[str, Any] = _fields(_header_of(file))["clear"]
    return clear


def _header_of(file: BinaryIO) -> bytes:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise refused()
    length = int.from_bytes(file.read(4), "big")
    header = file.read(min(length, _MAX_HEADER))
    if len(header) != length:
        raise refused()
    return header


def _fields(header: bytes) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(header)
        salt, memory, passes = bytes.fromhex(fields["salt"]), int(fields["memory"]), int(fields["passes"])
        # A cost beyond measure would only stop whoever opens it.
        if len(salt) != _SALT_BYTES or memory > _MAX_MEMORY_KIB or passes > _MAX_PASSES:
            raise refused()
        return {"clear": dict(fields["clear"]), "salt": fields["salt"], "memory": memory, "passes": passes}
    except (ValueError, KeyError, TypeError):
        raise refused() from None


def _stretched(passphrase: str, salt: bytes, cost: PassphraseCost) -> Key:
    try:
        return Key(
            hash_secret_raw(
                unicodedata.normalize("NFKC", passphrase).encode(),
                salt,
                time_cost=cost.passes,
                memory_cost=cost.memory_kib,
                parallelism=_LANES,
                hash_len=KEY_BYTES,
                type=Type.ID,
            )
        )
    except Exception as error:
        raise IntegrityError("The header of this file names a cost at which no key can be made.") from error


def _bound(header: bytes, index: int, *, last: bool) -> bytes:
    return associated("passphrase-stream/v1", header, index, int(last))
