"""Tiles are written once, and again after any interruption."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.ledger import tree
from audit.ledger.tiles import TileReader, TileWriter, tile_path
from core.errors import Conflict, InvalidInput, NotFound

ENTRIES = [b"entry %d" % n for n in range(1400)]


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (3, 5, 7, "tile/3/005.p/7"),
        (None, 1000, 256, "tile/entries/x001/000"),
        (None, 999, 1, "tile/entries/999.p/1"),
    ],
)
def test_paths_are_those_of_the_format(level: int | None, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_however_the_entries_come_the_tiles_give_the_same_root(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    size = 0
    for step in steps:
        before = size
        size = TileWriter(folder).advance(size, ENTRIES[size : size + step])
        TileWriter(folder).prune(before, size)
    reader = TileReader(folder, size)
    whole = tree.CompactRange(map(tree.leaf_hash, ENTRIES[:size])).root()
    assert tree.root(reader, size) == whole
    for index in {0, size // 2, size - 1} if size else set():
        assert reader.entry(index) == ENTRIES[index]
        proof = tree.inclusion_proof(reader, index, size)
        tree.check_inclusion(tree.leaf_hash(ENTRIES[index]), index, size, proof, whole)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 600), st.integers(1, 700), st.data())
def test_a_writer_that_died_between_any_two_files_is_followed_by_one_that_ends_the_same(
    tmp_path_factory: pytest.TempPathFactory, signed: int, more: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log")
    TileWriter(folder).advance(0, ENTRIES[:signed])
    before = _files(folder)
    TileWriter(folder).advance(signed, ENTRIES[signed : signed + more])
    added = sorted(_files(folder).keys() - before.keys())
    for lost in data.draw(st.sets(st.sampled_from(added))):
        (folder / lost).rename(folder / lost.parent / f".{lost.name}.tmp")
    further = data.draw(st.integers(0, 50))
    size = TileWriter(folder).advance(signed, ENTRIES[signed : signed + more + further])
    assert tree.root(TileReader(folder, size), size) == (
        tree.CompactRange(map(tree.leaf_hash, ENTRIES[:size])).root()
    )


def test_writing_the_same_again_changes_no_file(tmp_path: Path) -> None:
    TileWriter(tmp_path).advance(0, ENTRIES[:300])
    before = {path: (tmp_path / path).stat().st_mtime_ns for path in _files(tmp_path)}
    assert TileWriter(tmp_path).advance(0, ENTRIES[:300]) == 300
    assert {path: (tmp_path / path).stat().st_mtime_ns for path in _files(tmp_path)} == before


def test_a_tile_that_was_altered_is_never_overwritten(tmp_path: Path) -> None:
    TileWriter(tmp_path).advance(0, ENTRIES[:300])
    tile = tmp_path / "tile/0/000"
    tile.write_bytes(bytes(len(tile.read_bytes())))
    with pytest.raises(Conflict, match="tile/0/000") as raised:
        TileWriter(tmp_path).advance(0, ENTRIES[:300])
    assert raised.value.code == "tile_differs"
    assert not any(tile.read_bytes())


def test_a_missing_tile_is_named(tmp_path: Path) -> None:
    TileWriter(tmp_path).advance(0, ENTRIES[:300])
    (tmp_path / "tile/0/001.p/44").unlink()
    with pytest.raises(NotFound, match=r"tile/0/001.p/44") as raised:
        TileWriter(tmp_path).advance(300, ENTRIES[300:310])
    assert raised.value.code == "tile_missing"


@pytest.mark.timeout(120)
def test_seventy_thousand_entries_have_the_files_of_the_format(tmp_path: Path) -> None:
    TileWriter(tmp_path).advance(0, [b"%d" % n for n in range(70_000)])
    files = {path.as_posix() for path in _files(tmp_path)}
    level = {n: [f for f in files if f.startswith(f"tile/{n}/")] for n in ("0", "1", "2", "3", "entries")}
    assert [len(level[n]) for n in ("0", "1", "2", "3", "entries")] == [274, 2, 1, 0, 274]
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= files


def test_full_tiles_replace_their_partial_forms(tmp_path: Path) -> None:
    writer = TileWriter(tmp_path)
    for size in range(0, 600, 50):
        writer.advance(size, ENTRIES[size : size + 50])
    writer.prune(0, 600)
    partial = sorted(path.as_posix() for path in _files(tmp_path) if path.parent.name.endswith(".p"))
    assert {path.split(".p/")[0] for path in partial} == {"tile/0/002", "tile/1/000", "tile/entries/002"}
    assert tree.root(TileReader(tmp_path, 600), 600) == (
        tree.CompactRange(map(tree.leaf_hash, ENTRIES[:600])).root()
    )


def test_an_entry_that_fits_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        TileWriter(tmp_path).advance(0, [bytes(65_536)])
    assert raised.value.code == "entry_too_large"


def _files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
