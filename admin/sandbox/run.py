"""Starts the child for one file and takes in what it says; whatever it does, the worker goes on."""

import hashlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import structlog

import core
from admin.sandbox.__main__ import NOT_CONFINED
from admin.sandbox.answer import Kind, Part, Problem, Reading, take_frame
from admin.sandbox.kinds import UNKNOWN
from admin.sandbox.read import MOST_CHARS
from core.errors import Unavailable
from core.settings import Settings

_ROOT: Final = Path(core.__file__).parent.parent
_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "PYTHONPATH": str(_ROOT),
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_PICTURES: Final = 16 * 1024 * 1024
_TEXT: Final = MOST_CHARS * 8
"""How long the text may be as JSON, with every letter escaped."""
_ROLES: Final = {"thumb": "image/webp", "preview": "image/webp", "clean": ""}
_LONGEST_SIDE: Final = 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may use."""

    seconds: int
    memory_mib: int
    read_bytes: int


@dataclass(frozen=True, slots=True)
class Sighted:
    """What is known of a file after the child looked at it."""

    type: str
    sha256: str
    text: str = ""
    problem: str = ""
    pages: int = 0
    width: int = 0
    height: int = 0
    parts: tuple[Part, ...] = field(default=())


def sandbox_of(settings: Settings) -> "Sandbox":
    """Return the sandbox with the limits that the settings give it."""
    read = settings.sandbox_read_mib * 1024 * 1024
    return Sandbox(Limits(settings.sandbox_seconds, settings.sandbox_memory_mib, read))


class Sandbox:
    """Reads files, each in a child of its own."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def look(self, content: Iterator[bytes], size: int, *, previews: bool, strip_metadata: bool) -> Sighted:
        """Return what is in ``content``.

        Raises:
            Unavailable: ``sandbox_unavailable``: the child could not give up what it must not have.
        """
        whole = size <= self._limits.read_bytes
        file = os.memfd_create("file", os.MFD_CLOEXEC)
        try:
            digest = hashlib.sha256()
            kept = 0
            for piece in content:
                digest.update(piece)
                if whole or kept == 0:
                    os.write(file, piece)
                    kept += len(piece)
            os.lseek(file, 0, os.SEEK_SET)
            flags = [int(whole), int(previews), int(strip_metadata)]
            said, status = self._run(file, flags, _TEXT + _PICTURES + kept)
        finally:
            os.close(file)
        return _sighted(said, status, digest.hexdigest())

    def check(self) -> None:
        """Read a line of text. Raises Unavailable ``sandbox_unavailable``."""
        text = b"A line of text."
        found = self.look(iter([text]), len(text), previews=False, strip_metadata=False)
        if found.text.encode() != text:
            raise _unavailable(found.problem)

    def _run(self, file: int, flags: list[int], most: int) -> tuple[bytes, int | None]:
        """Return what the child said and how it ended; None where it was ended because of its limits."""
        limits = self._limits
        arguments = [limits.memory_mib, limits.seconds, *flags]
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "admin.sandbox", *map(str, arguments)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of ours stands in its environment: no settings, no passwords.
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        assert child.stdout is not None
        said = bytearray()
        until = time.monotonic() + limits.seconds
        try:
            with child.stdout as pipe, selectors.DefaultSelector() as waiting:
                os.set_blocking(pipe.fileno(), False)
                waiting.register(pipe, selectors.EVENT_READ)
                while (left := until - time.monotonic()) > 0 and len(said) <= most:
                    if not waiting.select(left):
                        break
                    piece = os.read(pipe.fileno(), 1024 * 1024)
                    if not piece:
                        return bytes(said), child.wait(max(1.0, left))
                    said += piece
            return bytes(said[:most]), None
        except subprocess.TimeoutExpired:
            return bytes(said), None
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


def _sighted(said: bytes, status: int | None, sha256: str) -> Sighted:
    """Return what the child said, as far as it is what a child may say."""
    if status == NOT_CONFINED:
        raise _unavailable("it was not confined")
    try:
        first = take_frame(memoryview(said))
        if first is None:
            return Sighted(UNKNOWN, sha256, problem=_ending(status))
        kind = msgspec.json.decode(first[0], type=Kind).type[:100]
        second = take_frame(first[1])
        if second is None or status != 0:
            return Sighted(kind, sha256, problem=_ending(status))
        reading = msgspec.json.decode(second[0], type=Reading)
        return Sighted(
            kind,
            sha256,
            reading.text[:MOST_CHARS],
            reading.problem[:40],
            _bounded(reading.pages),
            _bounded(reading.width),
            _bounded(reading.height),
            _parts(reading, bytes(second[1]), kind),
        )
    except (msgspec.DecodeError, ValueError):
        log.warning("the sandbox said what it may not say")
        return Sighted(UNKNOWN, sha256, problem=Problem.STOPPED)


def _parts(reading: Reading, content: bytes, kind: str) -> tuple[Part, ...]:
    parts, at = [], 0
    for head in reading.parts:
        if head.role not in _ROLES or not 0 < head.size <= len(content) - at:
            raise ValueError(head.role)
        # What a picture is, is ours to say: a child that was taken over must not name it.
        type_ = _ROLES[head.role] or kind
        piece = content[at : at + head.size]
        parts.append(Part(head.role, type_, _bounded(head.width), _bounded(head.height), piece))
        at += head.size
    if len({part.role for part in parts}) != len(parts):
        raise ValueError("parts")
    return tuple(parts)


def _bounded(number: int) -> int:
    return max(0, min(number, _LONGEST_SIDE))


def _ending(status: int | None) -> str:
    return Problem.TOO_SLOW if status is None else Problem.STOPPED


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        f"Files cannot be read here: {why}. The kernel must allow seccomp filters (Linux 3.17 or later).",
        code="sandbox_unavailable",
    )
