"""The embedded index keeps the port's promises, and a few of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.search.port import AllOf, AnyTerm, MatchAll, SearchIndex
from audit.search.tantivy import TantivyIndex
from core.errors import Unavailable
from tests.contracts.search_index import PARTITION, SearchIndexContract, document, has, rids
from tests.fakes.search_index import FakeSearchIndex
from tests.services.disk import filled_up, small_disk


class TestFake(SearchIndexContract):
    @pytest.fixture
    def index(self) -> FakeSearchIndex:
        return FakeSearchIndex()


class TestTantivy(SearchIndexContract):
    @pytest.fixture
    def index(self, folder_index: TantivyIndex) -> SearchIndex:
        return folder_index


def test_another_process_sees_every_commit(folder_index: TantivyIndex, tmp_path: Path) -> None:
    folder_index.ensure(PARTITION)
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for round_ in range(3):
            folder_index.put(PARTITION, [document(f"r{round_}", "merger")])
            print(PARTITION, file=reader.stdin, flush=True)
            assert int(reader.stdout.readline()) == round_ + 1
        reader.stdin.close()
        assert reader.wait(20) == 0


def test_a_reader_follows_a_partition_that_was_dropped_and_made_again(
    folder_index: TantivyIndex, tmp_path: Path
) -> None:
    reader = TantivyIndex(tmp_path)
    for round_ in range(3):
        folder_index.ensure(PARTITION)
        folder_index.put(PARTITION, [document(f"r{round_}", "merger")])
        assert rids(reader, has("merger")) == [f"r{round_}"]
        folder_index.drop(PARTITION)
        assert rids(reader, has("merger")) == []
    reader.close()


def test_a_second_writer_is_told_that_the_folder_is_taken(folder_index: TantivyIndex, tmp_path: Path) -> None:
    folder_index.ensure(PARTITION)
    folder_index.put(PARTITION, [document("r1")])
    second = TantivyIndex(tmp_path)
    with pytest.raises(Unavailable) as caught:
        second.put(PARTITION, [document("r2")])
    assert caught.value.code == "index_unavailable"
    folder_index.close()
    second.put(PARTITION, [document("r2")])
    assert second.count(PARTITION) == 2
    second.close()


def test_writers_are_recycled_over_many_partitions(folder_index: TantivyIndex) -> None:
    names = [f"p{i}" for i in range(12)]
    for _ in range(2):
        for name in names:
            folder_index.ensure(name)
            folder_index.put(name, [document("r1", "merger")])
    assert [folder_index.count(name) for name in names] == [1] * 12


def test_what_was_put_survives_a_kill(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path), PARTITION], stdout=subprocess.PIPE, text=True
    )
    with writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(5)]
        writer.kill()
    index = TantivyIndex(tmp_path)
    assert set(acknowledged) <= set(index.ids(PARTITION))
    index.put(PARTITION, [document("after")])
    assert "after" in set(index.ids(PARTITION))
    index.close()


def test_a_disk_that_was_full_is_written_to_again_once_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        index = TantivyIndex(disk / "index")
        index.ensure(PARTITION)
        index.put(PARTITION, [document("before")])
        with filled_up(disk), pytest.raises(Unavailable):
            for number in range(50):
                index.put(PARTITION, [document(f"{number}-{each}") for each in range(200)])
        index.put(PARTITION, [document("after")])
        assert {"before", "after"} <= set(index.ids(PARTITION))
        index.close()


def test_a_damaged_folder_is_unavailable_and_unhealthy(folder_index: TantivyIndex, tmp_path: Path) -> None:
    folder_index.ensure(PARTITION)
    folder_index.close()
    (tmp_path / PARTITION / "meta.json").write_text("{")
    with pytest.raises(Unavailable):
        folder_index.count(PARTITION)
    assert not folder_index.health().reachable


def test_a_panic_of_the_engine_is_an_error_like_any_other(folder_index: TantivyIndex) -> None:
    folder_index.ensure(PARTITION)
    folder_index.put(PARTITION, [document("r1", "merger")])
    with pytest.raises(Unavailable):
        folder_index.search(PARTITION, MatchAll(), limit=-1)
    assert rids(folder_index, AllOf((has("merger"), AnyTerm("body", ())))) == []


_READER = """
import sys
from pathlib import Path
from audit.search.tantivy import TantivyIndex
index = TantivyIndex(Path(sys.argv[1]))
for line in sys.stdin:
    print(index.count(line.strip()), flush=True)
"""

_WRITER = """
import itertools, sys
from pathlib import Path
from audit.search.tantivy import TantivyIndex
from tests.contracts.search_index import document
index = TantivyIndex(Path(sys.argv[1]))
index.ensure(sys.argv[2])
for i in itertools.count():
    index.put(sys.argv[2], [document(f"r{i}", "merger")])
    print(f"r{i}", flush=True)
"""


@pytest.fixture
def folder_index(tmp_path: Path) -> Iterator[TantivyIndex]:
    index = TantivyIndex(tmp_path)
    yield index
    index.close()
