"""A search over partitions: what comes back, in which order, and what the searcher is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from audit.search.port import Hit, Question, SearchIndex
from audit.search.query import parse
from audit.search.run import OpenPartition, SearchResult, search
from audit.search.tokens import Blinder
from audit.search.vocabulary import Vocabulary
from core.errors import InvalidInput, Unavailable
from tests.audit.search.corpus import PARTITIONS, Archive, records
from tests.contracts.search_index import record
from tests.fakes.search_index import FakeSearchIndex


def run(
    archive: Archive, index: SearchIndex, text: str, limit: int = 50, after: Hit | None = None
) -> SearchResult:
    return search(index, archive.partitions, parse(text), archive, limit=limit, after=after)


def test_pages_follow_each_other_across_partitions_newest_first(
    archive: Archive, index: FakeSearchIndex
) -> None:
    whole = run(archive, index, "wire OR funds", limit=1_000)
    assert whole.next_page is None
    assert whole.total_exact
    assert whole.total == len(whole.hits) > 40
    assert list(whole.hits) == sorted(whole.hits, reverse=True)
    found: list[Hit] = []
    page = run(archive, index, "wire OR funds", limit=7)
    found += page.hits
    while page.next_page is not None:
        assert len(page.hits) == 7
        page = run(archive, index, "wire OR funds", limit=7, after=page.next_page)
        found += page.hits
    assert found == list(whole.hits)


def test_a_full_first_page_asks_no_older_partition(archive: Archive) -> None:
    index = _Recording()
    archive.feed(index)
    run(archive, index, "wire", limit=3)
    assert set(index.searched) == set(PARTITIONS) - {PARTITIONS[0]}


def test_a_word_that_no_partition_holds_asks_no_index_for_its_expansion(archive: Archive) -> None:
    index = _Recording()
    archive.feed(index)
    result = run(archive, index, "zzz*")
    assert (result.hits, result.total, result.total_exact) == ((), 0, True)
    assert index.searched == []


def test_what_the_index_cannot_decide_is_decided_on_the_text(
    archive: Archive, index: FakeSearchIndex
) -> None:
    result = run(archive, index, 'wire PRE/1 funds OR "wire the funds"', limit=1_000)
    assert archive.asked > len(result.hits) > 0
    assert (result.total, result.total_exact) == (len(result.hits), True)


def test_what_the_index_decides_is_never_read(archive: Archive, index: FakeSearchIndex) -> None:
    assert run(archive, index, 'wire W/3 (funds OR merg*) "東京" NOT lunch from:ana OR 🚀').hits
    assert archive.asked == 0


@pytest.mark.parametrize(
    "text", ["has:file", "NOT has:file", "wire has:file", "has:link NOT (has:file lunch)"]
)
def test_documents_of_before_the_index_told_of_files_are_decided_on_their_text(
    archive: Archive, index: FakeSearchIndex, text: str
) -> None:
    wanted = run(archive, index, text, limit=1_000)
    assert wanted.hits
    assert archive.asked == 0, "an index that tells of files is believed"
    oldest = archive.partitions[0]
    index.put(oldest.partition, archive.silent_documents(oldest))
    found = run(archive, index, text, limit=1_000)
    assert found.hits == wanted.hits
    inside = sum(record.partition == oldest.partition for record in archive.records.values())
    assert 0 < archive.asked <= inside, "what lies in partitions that tell of files is believed still"


def test_a_candidate_that_cannot_be_read_is_named(archive: Archive, index: FakeSearchIndex) -> None:
    before = run(archive, index, "wire PRE/2 funds", limit=1_000)
    archive.unreadable = {before.hits[0].rid}
    after = run(archive, index, "wire PRE/2 funds", limit=1_000)
    assert before.hits[0].rid in after.unverified
    assert after.hits == before.hits[1:]


def test_the_total_of_many_candidates_is_a_lower_bound(archive: Archive) -> None:
    many = Archive([record(f"r{i:05}", "wire a funds") for i in range(1_500)])
    many.partitions = [OpenPartition("2026-03-public", Blinder(bytes(32)), Vocabulary(), None)]
    index = FakeSearchIndex()
    many.feed(index)
    result = run(many, index, '"wire the funds" OR "wire a funds"', limit=10)
    assert len(result.hits) == 10
    assert not result.total_exact
    assert 1_000 <= result.total < 1_500


@pytest.mark.parametrize(
    "text", ["the", "the of", '"of the"', "NOT the", "wire OR the", "the W/3 of", "NOT (wire the)"]
)
def test_a_query_that_would_have_everything_read_is_too_common(
    archive: Archive, index: FakeSearchIndex, text: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(archive, index, text)
    assert caught.value.code == "too_common"
    assert archive.asked == 0


def test_common_words_are_found_in_a_narrowed_scope(archive: Archive, index: FakeSearchIndex) -> None:
    assert run(archive, index, "the sent:2026-03-05").hits
    assert run(archive, index, "the from:ana").hits
    assert run(archive, index, "merger NOT the").hits


def test_a_prefix_of_too_many_words_is_refused_with_their_number(index: FakeSearchIndex) -> None:
    archive = Archive([record("r1", " ".join(f"st{i:05}" for i in range(1_001)))])
    index.ensure("2026-03-public")
    with pytest.raises(InvalidInput) as caught:
        run(archive, index, "wire st*")
    assert caught.value.code == "bad_query"
    assert caught.value.params["position"] == 5
    assert "1,001" in caught.value.message


def test_a_word_that_occurs_nowhere_is_named_with_a_near_one(
    archive: Archive, index: FakeSearchIndex
) -> None:
    result = run(archive, index, "mergre the from:anna lunch")
    told = {warning.position: warning for warning in result.warnings}
    assert set(told) == {0, 16}
    assert (told[0].code, told[0].suggestion) == ("occurs_nowhere", "merge")
    assert told[16].suggestion == "ana"
    assert "merge" in told[0].message


def test_a_prefix_tells_what_it_stands_for_and_what_it_leaves_out(
    archive: Archive, index: FakeSearchIndex
) -> None:
    expanded, left_out = run(archive, index, "me*").warnings
    assert (expanded.code, expanded.count) == ("expanded", 3)
    assert left_out.code == "left_out"
    assert "mehr" in left_out.message


def test_warnings_of_the_parser_come_along(archive: Archive, index: FakeSearchIndex) -> None:
    assert [warning.code for warning in run(archive, index, "wire or funds").warnings] == [
        "lower_case_operator"
    ]


def test_an_unknown_newest_time_keeps_the_order_right(archive: Archive, index: FakeSearchIndex) -> None:
    known = run(archive, index, "wire", limit=1_000)
    archive.partitions = [replace(partition, newest=None) for partition in archive.partitions]
    assert run(archive, index, "wire", limit=1_000) == known


def test_an_index_out_of_reach_is_said_not_guessed(archive: Archive, index: FakeSearchIndex) -> None:
    index.down = True
    with pytest.raises(Unavailable) as caught:
        run(archive, index, "wire")
    assert caught.value.code == "index_unavailable"


def test_nothing_opened_is_nothing_found(index: FakeSearchIndex) -> None:
    empty = Archive([])
    empty.partitions = []
    result = run(empty, index, "wire")
    assert (result.hits, result.total, result.next_page) == ((), 0, None)


class _Recording(FakeSearchIndex):
    """Remembers which partitions were searched."""

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[str] = []

    def search(
        self, partition: str, question: Question, *, limit: int, after: Hit | None = None
    ) -> tuple[Hit, ...]:
        self.searched.append(partition)
        return super().search(partition, question, limit=limit, after=after)


@pytest.fixture
def archive() -> Archive:
    made = Archive(records(300))
    month_end = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    made.partitions[0] = replace(made.partitions[0], newest=month_end)
    return made


@pytest.fixture
def index(archive: Archive) -> Iterator[FakeSearchIndex]:
    made = FakeSearchIndex()
    archive.feed(made)
    yield made
    made.close()
