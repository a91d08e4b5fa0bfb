"""Tiles: the ledger's hashes and entries as small files that never change (C2SP tlog-tiles).

``tile/<L>/<N>`` holds 256 hashes of level ``8 L``, ``tile/entries/<N>`` 256 entries, each behind its
length (16 bits, big endian); the right edge is partial, ``<N>.p/<W>``. Tiles are derived: the
entries in the archive database are the truth, and writing the same tile again changes nothing.

Every file is written beside its place, synced, and linked; a folder is synced before anything that
depends on it is signed. A file that is there already must have the same bytes.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from audit.ledger import tree
from core.errors import Conflict, InvalidInput, NotFound

WIDTH: Final = 256
HASH_BYTES: Final = 32
_HEIGHT: Final = 8
_CACHED_TILES: Final = 1024


def tile_path(level: int | None, index: int, width: int = WIDTH) -> str:
    """Return a tile's path; ``level`` None means a bundle of entries. 1234067 is ``x001/x234/067``."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    name = "/".join(reversed(groups))
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{name}{partial}"


class TileReader:
    """Reads tiles of a tree of at least ``size`` leaves; satisfies :class:`audit.ledger.tree.Nodes`."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self.size = size
        self._cache: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree.

        Raises:
            NotFound: ``tile_missing``.
        """
        tile_level, within = divmod(level, _HEIGHT)
        first = index << within
        tile, offset = divmod(first, WIDTH)
        content = self._tile(tile_level, tile)
        hashes = _hashes(content)[offset : offset + (1 << within)]
        return tree.CompactRange(hashes).root()

    def entries(self, index: int) -> list[bytes]:
        """Return the entries of bundle ``index``, as far as the tree's size reaches.

        Raises:
            NotFound: ``tile_missing``.
        """
        width = min(WIDTH, self.size - index * WIDTH)
        return _unbundled(_read(self._folder, None, index, width))[:width]

    def entry(self, index: int) -> bytes:
        """Return one entry; raises as :meth:`entries`."""
        bundle, offset = divmod(index, WIDTH)
        return self.entries(bundle)[offset]

    def _tile(self, level: int, index: int) -> bytes:
        content = self._cache.get((level, index))
        if content is None:
            width = min(WIDTH, (self.size >> (_HEIGHT * level)) - index * WIDTH)
            content = _read(self._folder, level, index, width)[: width * HASH_BYTES]
            if len(self._cache) >= _CACHED_TILES:
                self._cache.clear()
            self._cache[level, index] = content
        return content


class TileWriter:
    """Writes the tiles of one log. One process at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def advance(self, from_size: int, entries: Sequence[bytes]) -> int:
        """Write the tiles that ``entries``, which follow the first ``from_size``, add; return the new size.

        What was written before, by a process that died, is found again and left alone.

        Raises:
            NotFound: ``tile_missing`` if the tiles of the first ``from_size`` are not there.
            Conflict: ``tile_differs`` if a tile is there with other bytes.
            InvalidInput: ``entry_too_large``.
        """
        size = from_size + len(entries)
        if entries:
            self._bundles(from_size, entries)
            added: list[bytes] = [tree.leaf_hash(entry) for entry in entries]
            level = 0
            while added:
                added = self._hashes(level, from_size >> (_HEIGHT * level), added)
                level += 1
        return size

    def prune(self, old_size: int, size: int) -> None:
        """Remove partial tiles that full ones replaced as the published size grew from ``old_size``."""
        self._prune(None, old_size, size)
        level = 0
        while size:
            self._prune(level, old_size, size)
            level, old_size, size = level + 1, old_size >> _HEIGHT, size >> _HEIGHT

    def _prune(self, level: int | None, old_count: int, count: int) -> None:
        for index in range(old_count // WIDTH, count // WIDTH):
            full = self._folder / tile_path(level, index)
            partial = full.with_name(f"{full.name}.p")
            if partial.is_dir():
                for file in partial.iterdir():
                    file.unlink()
                partial.rmdir()

    def _bundles(self, from_size: int, entries: Sequence[bytes]) -> None:
        bundle, held = divmod(from_size, WIDTH)
        pending = _unbundled(_read(self._folder, None, bundle, held))[:held] if held else []
        pending.extend(entries)
        for start in range(0, len(pending), WIDTH):
            content = pending[start : start + WIDTH]
            self._write(None, bundle + start // WIDTH, len(content), _bundled(content))

    def _hashes(self, level: int, count: int, added: Sequence[bytes]) -> list[bytes]:
        """Write the tiles of one level; return the hashes that full tiles add to the level above."""
        tile, held = divmod(count, WIDTH)
        before = _read(self._folder, level, tile, held)[: held * HASH_BYTES] if held else b""
        content = before + b"".join(added)
        above = []
        for start in range(0, len(content), WIDTH * HASH_BYTES):
            part = content[start : start + WIDTH * HASH_BYTES]
            width = len(part) // HASH_BYTES
            self._write(level, tile + start // (WIDTH * HASH_BYTES), width, part)
            if width == WIDTH:
                above.append(tree.CompactRange(_hashes(part)).root())
        return above

    def _write(self, level: int | None, index: int, width: int, content: bytes) -> None:
        write_once(self._folder / tile_path(level, index, width), content)


def write_once(path: Path, content: bytes) -> None:
    """Write a file, whole and synced; the same bytes again are fine.

    Raises:
        Conflict: ``tile_differs`` if it is there with other bytes.
    """
    if path.exists():
        if path.read_bytes() != content:
            raise Conflict(
                f"{path} is not what the archive's entries give: it was altered. Keep it as evidence, move "
                f"it away and run `chancery ledger rebuild`.",
                code="tile_differs",
            )
        return
    make_folders(path.parent)
    # One name beside each file: a writer that died leaves nothing that the next does not overwrite.
    beside = path.with_name(f".{path.name}.tmp")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    sync_folder(path.parent)


def make_folders(folder: Path) -> None:
    """Create ``folder`` and its parents, each synced into the one above."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(folder: Path, level: int | None, index: int, width: int) -> bytes:
    """Return a tile of at least ``width``; once it is full, its partial forms may be gone."""
    for candidate in (width, WIDTH):
        try:
            return (folder / tile_path(level, index, candidate)).read_bytes()
        except FileNotFoundError:
            continue
    raise NotFound(
        f"{folder / tile_path(level, index, width)} is missing. Run `chancery ledger rebuild`.",
        code="tile_missing",
    )


def _hashes(content: bytes) -> list[bytes]:
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def _bundled(entries: Iterable[bytes]) -> bytes:
    try:
        return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    except OverflowError:
        raise InvalidInput(
            "An entry of 64 KiB or more does not fit a bundle.", code="entry_too_large"
        ) from None


def _unbundled(content: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 2], "big")
        entries.append(content[at + 2 : at + 2 + length])
        at += 2 + length
    return entries
