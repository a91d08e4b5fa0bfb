"""What every search index keeps: the suite that the fake, tantivy and Elasticsearch all pass.

A test module subclasses :class:`SearchIndexContract` and provides the fixture ``index``.
"""

import dataclasses
from datetime import UTC, datetime
from functools import partial

import pytest

from audit.search.port import (
    Adjacent,
    AllOf,
    AnyOf,
    AnyTerm,
    Hit,
    IndexDocument,
    MatchAll,
    MatchNone,
    NotOf,
    Question,
    SearchIndex,
    SearchRecord,
    TimeRange,
    Within,
)
from audit.search.tokens import FILE, FILLER, LINK, TELLS_OF_FILES, Blinder
from core.errors import InvalidInput, NotFound
from core.types import to_ms

PARTITION = "2026-03-public"
OTHER = "2026-04-public"
KEY = bytes(range(32))
BLINDER = Blinder(KEY)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(
    rid: str,
    body: str = "",
    *,
    at: datetime = NOON,
    sender: tuple[str, ...] = ("p-ana", "ana", "ana@corp.example", "Ana Löw"),
    audience: tuple[str, ...] = ("p-bo", "Bo Ek"),
    conversation: tuple[str, ...] = ("c-1", "#fx-desk"),
    verdict: str = "allow",
    kind: str = "create",
    has_link: bool = False,
    has_file: bool = False,
) -> SearchRecord:
    """Return a valid record; say only what matters."""
    return SearchRecord(
        rid, PARTITION, at, sender, audience, conversation, body, verdict, kind, has_link, has_file
    )


def document(rid: str, body: str = "", at_ms: int | None = None) -> IndexDocument:
    """Return the blind document of a record with this text."""
    made = BLINDER.document(record(rid, body))
    return made if at_ms is None else dataclasses.replace(made, at_ms=at_ms)


def word(term: str) -> str:
    """Return the token of a word of the text."""
    return BLINDER.token("body", term)


def has(*terms: str) -> AnyTerm:
    """Ask for any of these words in the text."""
    return AnyTerm("body", tuple(map(word, terms)))


class SearchIndexContract:
    """The promises of the port."""

    def test_what_put_acknowledged_is_found_at_once(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        result = index.put(PARTITION, [document("r1", "merger"), document("r2", "lunch")])
        assert (result.accepted, result.refused) == (2, {})
        assert rids(index, has("merger")) == ["r1"]
        assert index.total({PARTITION: has("merger")}) == 1
        assert index.count(PARTITION) == 2

    def test_ensuring_again_keeps_what_is_there(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        index.put(PARTITION, [document("r1")])
        index.ensure(PARTITION)
        assert list(index.ids(PARTITION)) == ["r1"]

    def test_putting_again_replaces_and_never_duplicates(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        index.put(PARTITION, [document("r1", "draft")])
        index.put(PARTITION, [document("r1", "final"), document("r2", "final"), document("r2", "signed")])
        assert index.count(PARTITION) == 2
        assert rids(index, has("draft", "final")) == ["r1"]
        assert rids(index, has("signed")) == ["r2"]

    def test_a_deleted_record_is_gone_and_unknown_ids_are_ignored(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        index.put(PARTITION, [document("r1", "merger"), document("r2", "merger")])
        index.delete(PARTITION, ["r1", "r9"])
        index.delete(OTHER, ["r1"])
        assert rids(index, has("merger")) == ["r2"]
        assert sorted(index.ids(PARTITION)) == ["r2"]
        assert index.count(PARTITION) == 1

    def test_partitions_are_apart_and_one_is_dropped_as_a_whole(self, index: SearchIndex) -> None:
        for partition in (PARTITION, OTHER):
            index.ensure(partition)
            index.put(partition, [document("r1", "merger")])
        index.drop(PARTITION)
        index.drop(PARTITION)
        assert rids(index, MatchAll()) == []
        assert rids(index, MatchAll(), OTHER) == ["r1"]
        index.ensure(PARTITION)
        assert index.count(PARTITION) == 0

    def test_a_partition_that_was_never_made_holds_nothing_and_takes_nothing(
        self, index: SearchIndex
    ) -> None:
        assert rids(index, MatchAll()) == []
        assert (index.count(PARTITION), index.total({PARTITION: MatchAll()})) == (0, 0)
        assert list(index.ids(PARTITION)) == []
        with pytest.raises(NotFound) as caught:
            index.put(PARTITION, [document("r1")])
        assert caught.value.code == "no_such_partition"
        assert index.count(PARTITION) == 0

    def test_a_partition_is_asked_of_the_index_that_went_live_for_it(self, index: SearchIndex) -> None:
        blue, green = PARTITION, f"{PARTITION}-g2"
        for name, rid in ((blue, "r1"), (green, "r2")):
            index.ensure(name)
            index.put(name, [document(rid, "merger")])
        assert rids(index, has("merger")) == ["r1"]
        for _ in range(2):
            index.go_live(PARTITION, green)
            assert rids(index, has("merger")) == list(index.ids(PARTITION)) == ["r2"]
            assert (index.count(PARTITION), index.total({PARTITION: MatchAll()})) == (1, 1)
        index.put(blue, [document("r3", "merger")])
        assert rids(index, has("merger")) == ["r2"]
        index.go_live(PARTITION, blue)
        assert rids(index, has("merger")) == ["r3", "r1"]
        index.go_live(PARTITION, green)
        index.drop(blue)
        assert rids(index, has("merger")) == ["r2"]
        index.drop(green)
        assert rids(index, MatchAll()) == []
        index.ensure(blue)
        index.put(blue, [document("r4")])
        assert rids(index, MatchAll()) == ["r4"]

    @pytest.mark.parametrize("name", ["", "../etc", "A", "a" * 65, "a/b", "a*"])
    def test_a_name_that_could_reach_elsewhere_is_refused(self, index: SearchIndex, name: str) -> None:
        for act in (index.ensure, index.drop, index.count, partial(index.go_live, PARTITION)):
            with pytest.raises(InvalidInput) as caught:
                act(name)
            assert caught.value.code == "bad_partition"

    def test_results_come_newest_first_and_pages_neither_skip_nor_repeat(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        # Many share a millisecond, as imported messages do.
        index.put(PARTITION, [document(f"r{i:02}", "merger", at_ms=1_000 + i // 7) for i in range(30)])
        wanted = sorted(((1_000 + i // 7, f"r{i:02}") for i in range(30)), reverse=True)
        for size in (1, 4, 7, 30, 100):
            pages: list[tuple[int, str]] = []
            after: Hit | None = None
            while hits := index.search(PARTITION, has("merger"), limit=size, after=after):
                assert len(hits) <= size
                pages += [(hit.at_ms, hit.rid) for hit in hits]
                after = hits[-1]
            assert pages == wanted

    def test_a_page_stays_in_place_while_newer_records_arrive(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        index.put(PARTITION, [document(f"r{i}", "merger", at_ms=i) for i in range(4)])
        first = index.search(PARTITION, has("merger"), limit=2)
        index.put(PARTITION, [document("r9", "merger", at_ms=9)])
        assert [hit.rid for hit in index.search(PARTITION, has("merger"), limit=9, after=first[-1])] == [
            "r1",
            "r0",
        ]

    @pytest.mark.parametrize(
        ("question", "wanted"),
        [
            (MatchAll(), "abcde"),
            (MatchNone(), ""),
            (has("wire"), "abcd"),
            (has("lunch", "nowhere"), "e"),
            (Adjacent("body", (word("wire"), word("funds"))), "a"),
            (Adjacent("body", (word("wire"), word("wire"))), "d"),
            (Adjacent("body", (word("wire"), FILLER, word("funds"))), "b"),
            (Within("body", word("wire"), word("funds"), 1), "a"),
            (Within("body", word("wire"), word("funds"), 2), "ab"),
            (Within("body", word("funds"), word("wire"), 4), "abc"),
            (Within("body", word("wire"), word("funds"), 255), "abcd"),
            (AllOf((has("wire"), has("today"))), "c"),
            (AnyOf((has("lunch"), has("today"))), "ce"),
            (NotOf(has("wire")), "e"),
            (NotOf(NotOf(has("wire"))), "abcd"),
            (AllOf((has("wire"), NotOf(has("today")))), "abd"),
            (AnyOf((NotOf(has("funds")), has("today"))), "ce"),
            (AllOf((NotOf(has("today")), NotOf(has("lunch")))), "abd"),
            (TimeRange(2, 4), "bc"),
            (TimeRange(None, 2), "a"),
            (TimeRange(5, None), "e"),
            (TimeRange(None, None), "abcde"),
            (AnyTerm("sender", (BLINDER.token("from", "ana"),)), "abcde"),
            (AnyTerm("sender", (BLINDER.token("to", "ana"),)), ""),
            (Adjacent("sender", (BLINDER.token("from", "ana"), BLINDER.token("from", "löw"))), "abcde"),
            (Adjacent("sender", (BLINDER.token("from", "p"), BLINDER.token("from", "löw"))), ""),
            (AnyTerm("conversation", (BLINDER.token("in", "fx"),)), "abcde"),
            (AnyTerm("verdict", (BLINDER.token("verdict", "allow"),)), "abcde"),
            (AnyTerm("kind", (BLINDER.token("kind", "edit"),)), ""),
            (AnyTerm("has", (BLINDER.token("has", "link"),)), ""),
        ],
        ids=str,
    )
    def test_every_kind_of_question_is_answered_exactly(
        self, index: SearchIndex, question: Question, wanted: str
    ) -> None:
        index.ensure(PARTITION)
        texts = {
            "a": "wire funds",
            "b": "wire the funds",
            "c": "funds at four today wire",
            "d": f"wire wire {'padding ' * 200} funds",
            "e": "lunch",
        }
        index.put(
            PARTITION, [document(rid, text, at_ms=at) for at, (rid, text) in enumerate(texts.items(), 1)]
        )
        assert "".join(sorted(rids(index, question))) == wanted
        assert index.total({PARTITION: question}) == len(wanted)

    def test_a_document_has_any_number_of_things(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        made = [
            BLINDER.document(record(rid, has_link="l" in rid, has_file="f" in rid))
            for rid in ("-", "l", "f", "lf")
        ]
        index.put(PARTITION, [*made, dataclasses.replace(made[0], rid="old", has="")])
        link, file, tells = (
            AnyTerm("has", (BLINDER.token("has", value),)) for value in (LINK, FILE, TELLS_OF_FILES)
        )
        assert sorted(rids(index, link)) == ["l", "lf"]
        assert sorted(rids(index, file)) == ["f", "lf"]
        assert rids(index, AllOf((link, file))) == ["lf"]
        assert sorted(rids(index, tells)) == ["-", "f", "l", "lf"]
        assert rids(index, NotOf(tells)) == ["old"]

    def test_a_total_asks_each_partition_its_own_question(self, index: SearchIndex) -> None:
        for partition in (PARTITION, OTHER):
            index.ensure(partition)
            index.put(partition, [document("r1", "merger"), document("r2", "merger lunch")])
        assert index.total({}) == 0
        assert index.total({PARTITION: has("merger"), OTHER: has("lunch")}) == 3
        index.drop(OTHER)
        assert index.total({PARTITION: has("merger"), OTHER: has("lunch")}) == 2

    def test_a_long_list_of_words_is_one_question(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        index.put(PARTITION, [document("r1", "word999"), document("r2", "lunch")])
        assert rids(index, has(*(f"word{i}" for i in range(1_000)))) == ["r1"]

    def test_ids_can_be_listed_beyond_a_page(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        index.put(PARTITION, [document(f"r{i}", "x", at_ms=1) for i in range(1_200)])
        assert sorted(index.ids(PARTITION)) == sorted(f"r{i}" for i in range(1_200))

    def test_times_before_1970_and_far_ahead_are_kept(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        far = to_ms(datetime(2999, 1, 1, tzinfo=UTC))
        index.put(PARTITION, [document("old", at_ms=-1_000), document("new", at_ms=far)])
        assert [hit.at_ms for hit in index.search(PARTITION, MatchAll(), limit=5)] == [far, -1_000]
        assert rids(index, TimeRange(None, 0)) == ["old"]

    def test_a_healthy_index_says_so(self, index: SearchIndex) -> None:
        index.ensure(PARTITION)
        health = index.health()
        assert health.ok
        assert health.detail


def rids(index: SearchIndex, question: Question, partition: str = PARTITION) -> list[str]:
    """Return the ids that match, newest first."""
    return [hit.rid for hit in index.search(partition, question, limit=100)]
