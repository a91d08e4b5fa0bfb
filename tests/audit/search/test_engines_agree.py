"""Every engine returns the set that the plain text decides; Japanese, emoji and function words included."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from audit.search.evaluate import matches
from audit.search.port import Hit, SearchIndex, SearchRecord
from audit.search.query import Query, parse
from audit.search.run import SearchResult, search
from audit.search.tantivy import TantivyIndex
from audit.search.tokens import terms_of
from core.errors import InvalidInput
from core.types import to_ms
from tests.audit.search.corpus import PARTITIONS, Archive, queries, records
from tests.fakes.search_index import FakeSearchIndex

ARCHIVE = 200

# Thousands of small comparisons: on a busy machine they may take longer than one test should.
pytestmark = pytest.mark.timeout(300)


def check_equal(archive: Archive, index: SearchIndex, text: str) -> None:
    """Compare what the index leads to, page by page, with what the plain text decides."""
    query = parse(text)
    wanted = sorted(
        (hit(record) for record in archive.records.values() if matches(query.tree, record)), reverse=True
    )
    found = pages(archive, index, query)
    if found is not None:
        assert [hit for page in found for hit in page.hits] == wanted
        assert all(page.total == len(wanted) for page in found if page.total_exact)
        assert all(page.total <= len(wanted) and not page.unverified for page in found)


def pages(archive: Archive, index: SearchIndex, query: Query) -> list[SearchResult] | None:
    """Return all pages; ``None`` if the query would have everything read."""
    found: list[SearchResult] = []
    try:
        while not found or found[-1].next_page is not None:
            after = found[-1].next_page if found else None
            found.append(search(index, archive.partitions, query, archive, limit=40, after=after))
    except InvalidInput as error:
        if error.code != "too_common":
            raise
        return None
    return found


def hit(record: SearchRecord) -> Hit:
    return Hit(to_ms(record.at), record.rid)


_RELAXED = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@settings(_RELAXED, max_examples=40)
@given(text=queries())
def test_blind_tokens_lead_to_what_the_plain_text_says(
    archive: Archive, fake: FakeSearchIndex, text: str
) -> None:
    check_equal(archive, fake, text)


@settings(_RELAXED, max_examples=120)
@given(text=queries())
def test_tantivy_returns_what_the_plain_text_says(
    archive: Archive, embedded: TantivyIndex, text: str
) -> None:
    check_equal(archive, embedded, text)


@settings(_RELAXED, max_examples=40)
@given(text=queries())
def test_an_index_of_before_it_told_of_files_leads_to_the_same(
    archive: Archive, older: TantivyIndex, text: str
) -> None:
    check_equal(archive, older, f"({text}) has:file")
    check_equal(archive, older, f"({text}) NOT has:file")


def test_files_of_the_index_hold_none_of_the_words(
    archive: Archive, embedded: TantivyIndex, folder: Path
) -> None:
    words = {
        word.encode()
        for record in archive.records.values()
        for text in (record.body, *record.sender_names, *record.audience_names, *record.conversation_names)
        for word in (*terms_of(text), *text.split())
        if len(word.encode()) > 3
    }
    assert {b"merger", "überweisung".encode(), "タワー".encode(), b"corp.example"} <= words | {
        b"corp.example"
    }
    raw = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    assert embedded.count(PARTITIONS[0]) > 0
    assert len(raw) > 10_000
    assert [word for word in sorted(words) if re.search(re.escape(word), raw, re.IGNORECASE)] == []


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(records(ARCHIVE))


@pytest.fixture(scope="module")
def fake(archive: Archive) -> FakeSearchIndex:
    index = FakeSearchIndex()
    archive.feed(index)
    return index


@pytest.fixture(scope="module")
def older(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyIndex]:
    index = TantivyIndex(tmp_path_factory.mktemp("older"))
    archive.feed(index)
    for part in archive.partitions[:2]:
        index.put(part.partition, archive.silent_documents(part))
    yield index
    index.close()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def embedded(archive: Archive, folder: Path) -> Iterator[TantivyIndex]:
    index = TantivyIndex(folder)
    archive.feed(index)
    yield index
    index.close()
