"""Every difference between chat store, archive, index and ledger is named; what is merely late is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from audit.archive.differences import Difference, DifferenceKind, gaps
from audit.archive.rebuild import SWITCH, IndexRebuild, IndexSwitch
from audit.archive.reconcile import Reconciler
from audit.archive.reconcile_desk import DeskReconciler
from audit.archive.search_service import Purpose
from audit.search.port import IndexDocument, SearchIndex
from audit.search.tantivy import TantivyIndex
from core.access import Database
from core.errors import Conflict, Unavailable
from core.schema import archive
from core.store import Statement, Tx
from tests.factories.archive import TENANT, Desk, Evidence, Worker, make_evidence
from tests.factories.chat import ANA, BEN, CLEO
from tests.factories.stores import behind, tamper
from tests.fakes.search_index import FakeSearchIndex

PURPOSE = Purpose("officer-1", "matter-1", "checking")
PARTITION = "2026-03-group"


def test_nothing_differs_after_an_ordinary_day(evidence: Evidence) -> None:
    worker = talked(evidence)
    report = reconcile(evidence, worker)
    assert report == []
    assert open_all(evidence) == []


def test_what_is_on_its_way_is_pending_and_no_difference(evidence: Evidence) -> None:
    worker = talked(evidence)
    assert isinstance(evidence.index, FakeSearchIndex)
    room = evidence.chat.group(ANA, BEN, CLEO)
    evidence.chat.send(room, "not sealed yet")
    evidence.act()
    found = reconciler(evidence, worker).run()
    assert (found.differences, found.pending) == ([], 3)
    worker.archiver._index_rests_until = float("inf")
    worker.archiver.run_until_idle()
    assert reconcile(evidence, worker) == []


def test_a_record_that_was_taken_away_is_named(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, item, leaf = evidence_of(evidence, "cseq = 2")
    tamper(evidence.folder, Database.ARCHIVE, f"DELETE FROM records WHERE rid = '{rid}'", unguarded="records")
    assert reconcile(evidence, worker) == [
        Difference(DifferenceKind.EXTRA_DOCUMENT, rid, PARTITION),
        Difference(DifferenceKind.LEAF_WITHOUT_RECORD, f"archive leaf {leaf}", f"{item}/1"),
        Difference(DifferenceKind.MISSING_RECORD, f"{item}/1"),
    ]


def test_a_version_that_never_reached_the_archive_is_named_with_its_gap(evidence: Evidence) -> None:
    worker = talked(evidence)
    room = evidence.chat.group(ANA, BEN, CLEO)
    item = evidence.chat.send(room, "will be swallowed")["id"]
    tamper(evidence.folder, Database.CHAT, "DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)")
    worker.archiver.run_until_idle()
    assert reconcile(evidence, worker) == [
        Difference(DifferenceKind.CSEQ_GAP, room, "2"),
        Difference(DifferenceKind.MISSING_RECORD, f"{item}/1"),
    ]


def test_a_missing_and_an_extra_document_are_named_even_where_counts_agree(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, _ = evidence_of(evidence, "cseq = 2")
    evidence.index.delete(PARTITION, [rid])
    evidence.index.put(PARTITION, [IndexDocument("foreign", 1, "a", "", "", "", "", "", "")])
    assert reconcile(evidence, worker) == [
        Difference(DifferenceKind.EXTRA_DOCUMENT, "foreign", PARTITION),
        Difference(DifferenceKind.MISSING_DOCUMENT, rid, PARTITION),
    ]


def test_a_record_that_differs_from_its_leaf_is_named(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, leaf = evidence_of(evidence, "cseq = 2")
    tamper(
        evidence.folder,
        Database.ARCHIVE,
        f"UPDATE records SET cseq = 99 WHERE rid = '{rid}'",
        unguarded="records",
    )
    assert reconcile(evidence, worker) == [
        Difference(DifferenceKind.RECORD_DIFFERS_FROM_LEAF, rid, f"archive leaf {leaf}")
    ]
    assert open_all(evidence) == [Difference(DifferenceKind.UNREADABLE_RECORD, rid, "entry_differs")]


def test_a_record_beside_the_ledger_is_named(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, leaf = evidence_of(evidence, "cseq = 2")
    (row,) = [r for r in evidence.rows(Database.ARCHIVE, archive.records) if r.rid == rid]
    forged = {**row._asdict(), "rid": "forged", "item_id": "forged", "leaf_index": 0}
    evidence.stores[Database.ARCHIVE].write(
        lambda tx: tx.run_many(Statement(insert(archive.records)), [forged])
    )
    kinds = {difference.kind for difference in reconcile(evidence, worker)}
    assert kinds & {DifferenceKind.RECORD_WITHOUT_LEAF, DifferenceKind.RECORD_DIFFERS_FROM_LEAF}
    assert any(d.subject == "forged" for d in reconcile(evidence, worker))
    assert leaf


def test_a_swallowed_act_shows_as_a_gap_in_its_numbers(evidence: Evidence) -> None:
    for _ in range(3):
        evidence.act()
    tamper(evidence.folder, Database.DESK, "DELETE FROM outbox WHERE id = 3")
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    (difference,) = reconcile(evidence, worker)
    assert (difference.kind, difference.detail) == (DifferenceKind.TRAIL_GAP, "3")


def test_an_entry_of_the_ledger_that_was_taken_away_is_named_with_its_record(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, leaf = evidence_of(evidence, "cseq = 2")
    delete_leaf(evidence, leaf)
    found = reconcile(evidence, worker)
    assert Difference(DifferenceKind.MISSING_LEAF, "archive", str(leaf)) in found
    assert Difference(DifferenceKind.RECORD_WITHOUT_LEAF, rid, f"archive leaf {leaf}") in found


def test_the_last_entry_of_the_ledger_cannot_be_taken_away_unnoticed(evidence: Evidence) -> None:
    worker = talked(evidence)
    last = evidence.counts()["leaves"] - evidence_count(evidence, "audit") - 1
    rid, item, leaf = evidence_of(evidence, f"leaf_index = {last} AND conversation_id != ''")
    delete_leaf(evidence, leaf)
    found = reconcile(evidence, worker)
    assert Difference(DifferenceKind.RECORD_WITHOUT_LEAF, rid, f"archive leaf {leaf}") in found
    assert Difference(DifferenceKind.CHECKPOINT_AHEAD, "archive", f"{last + 1} over {last}") in found
    tamper(evidence.folder, Database.ARCHIVE, f"DELETE FROM records WHERE rid = '{rid}'", unguarded="records")
    found = reconcile(evidence, worker)
    assert Difference(DifferenceKind.MISSING_RECORD, f"{item}/1") in found, "also with its record"


def test_a_key_that_was_taken_away_is_named_by_both_halves(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, _ = evidence_of(evidence, "cseq = 2")
    tamper(evidence.folder, Database.KEYSTORE, f"DELETE FROM data_keys WHERE rid = '{rid}'")
    assert reconcile(evidence, worker) == [Difference(DifferenceKind.MISSING_KEY, rid, PARTITION)]
    assert open_all(evidence) == [Difference(DifferenceKind.UNREADABLE_RECORD, rid, "keys_missing")]


def test_a_page_of_keys_that_was_taken_away_is_named_by_the_desk(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, _ = evidence_of(evidence, "cseq = 2")
    page = f"page_id = (SELECT page_id FROM data_keys WHERE rid = '{rid}')"
    tamper(evidence.folder, Database.KEYSTORE, f"DELETE FROM pages WHERE {page}")
    assert reconcile(evidence, worker) == []
    assert Difference(DifferenceKind.UNREADABLE_RECORD, rid, "keys_missing") in open_all(evidence)


def test_a_version_that_was_taken_from_the_chat_is_named(evidence: Evidence) -> None:
    worker = talked(evidence)
    _, item, _ = evidence_of(evidence, "cseq = 2")
    tamper(evidence.folder, Database.CHAT, f"DELETE FROM versions WHERE item_id = '{item}' AND version = 1")
    assert reconcile(evidence, worker) == [Difference(DifferenceKind.MISSING_VERSION, f"{item}/1")]


def test_a_counter_that_was_put_back_is_named(evidence: Evidence) -> None:
    worker = talked(evidence)
    room = evidence_of(evidence, "cseq = 3")
    tamper(evidence.folder, Database.CHAT, "UPDATE conversations SET cseq = 2 WHERE cseq = 3")
    (difference,) = reconcile(evidence, worker)
    assert difference.kind is DifferenceKind.COUNTER_BEHIND
    assert difference.detail == "cseq 2, 3 is archived"
    assert room


def test_a_document_that_is_there_twice_is_named(evidence: Evidence) -> None:
    worker = talked(evidence)
    rid, _, _ = evidence_of(evidence, "cseq = 2")

    class Doubling(FakeSearchIndex):
        def ids(self, partition: str) -> Iterator[str]:
            yield from evidence.index.ids(partition)
            if partition == PARTITION:
                yield rid

    doubled = reconciler(evidence, worker, Doubling()).run().differences
    assert doubled == [Difference(DifferenceKind.DUPLICATE_DOCUMENT, rid, f"2 in {PARTITION}")]


def test_gaps_are_named_as_ranges() -> None:
    assert list(gaps([1, 2, 5, 9], 12)) == ["3-4", "6-8", "10-12"]
    assert list(gaps([], 1)) == ["1"]
    assert list(gaps([1, 2])) == []


@pytest.fixture
def on_disk(tmp_path: Path) -> Evidence:
    return make_evidence(tmp_path / "world", index=TantivyIndex(tmp_path / "index"))


def test_an_index_is_made_again_from_the_archive_without_a_gap(on_disk: Evidence, tmp_path: Path) -> None:
    evidence, worker, desk = on_disk, talked(on_disk), on_disk.desk()
    jobs, rebuild, switch = rebuilding(evidence, worker, desk, tmp_path / "index")
    evidence.index.drop(PARTITION)
    evidence.index.ensure(PARTITION)
    assert desk.search.coverage().not_indexed > 0
    generation = rebuild.begin(PARTITION, actor="officer-1")
    with pytest.raises(Unavailable, match="not begun"):
        rebuild.fill(PARTITION, generation, actor="officer-1")
    switch.build(jobs[-1][1])
    room = evidence.chat.group(ANA, BEN, CLEO)
    evidence.chat.send(room, "said while it was rebuilt")
    worker.archiver.run_until_idle()
    assert evidence.counts()["chat outbox"] == 2, "kept until the switch"
    rebuild.fill(PARTITION, generation, actor="officer-1")
    evidence.chat.send(room, "said after it was filled")
    worker.archiver.run_until_idle()
    assert jobs[-1][0] == SWITCH
    switch.switch(jobs[-1][1])
    worker.archiver.run_until_idle()
    assert evidence.counts()["chat outbox"] == 0
    assert desk.search.coverage().complete
    assert desk.search.search(PURPOSE, "rebuilt OR filled OR merger").total == 3
    assert reconcile(evidence, worker) == []
    with pytest.raises(Conflict, match="live"):
        rebuild.fill(PARTITION, generation, actor="officer-1")
    evidence.index.close()
    evidence.close()


def test_a_rebuild_that_died_is_begun_again_where_it_was(on_disk: Evidence, tmp_path: Path) -> None:
    evidence, worker, desk = on_disk, talked(on_disk), on_disk.desk()
    jobs, rebuild, switch = rebuilding(evidence, worker, desk, tmp_path / "index")
    generation = rebuild.begin(PARTITION, actor="officer-1")
    switch.build(jobs[-1][1])
    switch.build(jobs[-1][1])
    with pytest.raises(Conflict) as caught:
        rebuild.begin(PARTITION, actor="officer-1")
    assert caught.value.params["generation"] == generation
    first = rebuild.fill(PARTITION, generation, actor="officer-1")
    assert rebuild.fill(PARTITION, generation, actor="officer-1") == first
    switch.switch(jobs[-1][1])
    switch.switch(jobs[-1][1])
    assert desk.search.coverage().complete
    evidence.index.close()
    evidence.close()


def talked(evidence: Evidence) -> Worker:
    room = evidence.chat.group(ANA, BEN, CLEO)
    item = evidence.chat.send(room, "the merger is on")["id"]
    evidence.chat.messaging.react(BEN, "r", room, item, "eyes", add=True)
    evidence.chat.send(room, "[block] stopped")
    evidence.act()
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    return worker


def reconciler(evidence: Evidence, worker: Worker, index: SearchIndex | None = None) -> Reconciler:
    return Reconciler(
        chat_store=worker.chat,
        archive_store=worker.archive,
        keystore_store=worker.keystore,
        outboxes=worker.outboxes,
        index=index or evidence.index,
        publishers=worker.publishers,
        files=evidence.files(worker),
    )


def reconcile(evidence: Evidence, worker: Worker) -> list[Difference]:
    return reconciler(evidence, worker).run().differences


def open_all(evidence: Evidence) -> list[Difference]:
    desk = evidence.desk()
    return (
        DeskReconciler(archive_store=desk.archive, reader=desk.reader, keys=desk.keys, tenant=TENANT)
        .run()
        .differences
    )


def rebuilding(
    evidence: Evidence, worker: Worker, desk: Desk, folder: Path
) -> tuple[list[tuple[str, dict[str, object]]], IndexRebuild, IndexSwitch]:
    jobs: list[tuple[str, dict[str, object]]] = []

    def post(tx: Tx, kind: str, payload: dict[str, object]) -> str:
        jobs.append((kind, payload))
        return "job"

    rebuild = IndexRebuild(
        archive_store=desk.archive,
        desk_store=desk.desk,
        reader=desk.reader,
        keys=desk.keys,
        open_index=lambda: TantivyIndex(folder),
        post=post,
        record=evidence.desk_trail.record,
    )
    switch = IndexSwitch(archive_store=worker.archive, indexes=worker.indexes, clock=evidence.clock)
    return jobs, rebuild, switch


def delete_leaf(evidence: Evidence, leaf: int) -> None:
    entry = f"DELETE FROM ledger_entries WHERE log = 'archive' AND seq = {leaf}"
    tamper(evidence.folder, Database.ARCHIVE, entry, unguarded="ledger_entries")


def evidence_count(evidence: Evidence, log: str) -> int:
    return sum(row.log == log for row in evidence.rows(Database.ARCHIVE, archive.ledger_entries))


def evidence_of(evidence: Evidence, where: str) -> tuple[str, str, int]:
    with behind(evidence.folder, Database.ARCHIVE) as connection:
        rows = connection.exec_driver_sql(f"SELECT rid, item_id, leaf_index FROM records WHERE {where}")
        row = rows.one()
    return row.rid, row.item_id, row.leaf_index
