"""An officer finds what was said, in every version, and is told what a result does not cover."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from audit.archive.reader import RecordState
from audit.archive.scope import Coverage
from audit.archive.search_service import Purpose
from audit.search.excerpt import Segment
from audit.search.tantivy import TantivyIndex
from core.access import Database
from core.errors import Denied, IntegrityError, InvalidInput
from core.schema import archive
from core.trail import Tag
from core.types import ItemId, to_ms
from tests.factories.archive import Evidence, make_evidence
from tests.factories.chat import ANA, BEN, CLEO
from tests.factories.stores import tamper
from tests.fakes.search_index import FakeSearchIndex

PURPOSE = Purpose("officer-1", "matter-1", "insider dealing")


def test_a_message_is_found_by_phrase_also_after_it_was_edited_and_deleted(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    item = ItemId(evidence.chat.send(room, "text my mobile about the deal")["id"])
    evidence.chat.messaging.edit(ANA, "e", room, item, "call me about the deal")
    evidence.chat.messaging.delete(ANA, "d", room, item)
    evidence.worker().archiver.run_until_idle()
    page = evidence.desk().search.search(PURPOSE, '"my mobile" from:ana')
    (row,) = page.rows
    assert (row.item, row.version, row.kind, row.state) == (item, 1, "create", RecordState.OPEN)
    assert row.body == (
        Segment("text ", hit=False),
        Segment("my mobile", hit=True),
        Segment(" about the deal", hit=False),
    )
    assert (page.total, page.total_exact) == (1, True)
    versions = evidence.desk().search.versions(PURPOSE, item)
    assert [(v.kind, "".join(s.text for s in v.body)) for v in versions] == [
        ("create", "text my mobile about the deal"),
        ("edit", "call me about the deal"),
        ("delete", ""),
    ]


def test_stopped_and_redacted_text_is_found_as_typed_and_as_shown(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    evidence = make_evidence(tmp_path / "world", index=index)
    room = evidence.chat.channel(ANA, BEN, CLEO, name="deal room")
    evidence.chat.send(room, "[block] falcon")
    evidence.clock.advance(1)
    evidence.chat.send(room, "[redact] falcon number")
    evidence.worker().archiver.run_until_idle()
    search = evidence.desk().search
    assert [r.verdict for r in search.search(PURPOSE, 'falcon in:"deal room"').rows] == ["redact", "block"]
    (redacted,) = search.search(PURPOSE, "verdict:redact").rows
    assert "".join(s.text for s in redacted.shown) == "▮▮▮ falcon number"
    assert [r.verdict for r in search.search(PURPOSE, "falc* verdict:block").rows] == ["block"]
    index.close()
    evidence.close()


def test_the_trail_row_comes_before_the_text(evidence: Evidence) -> None:
    evidence.chat.send(evidence.chat.direct(), "merger")
    evidence.worker().archiver.run_until_idle()
    desk = evidence.desk()
    page = desk.search.search(PURPOSE, "merger")
    assert [(tag, actor) for tag, actor, _, _ in desk.trail] == [
        (Tag.ARCHIVE_SEARCHED, "officer-1"),
        (Tag.RECORD_READ, "officer-1"),
    ]
    assert desk.trail[0][3] | {"query": "merger", "reason": "insider dealing"} == desk.trail[0][3]
    assert "last_month" not in desk.trail[0][3], "only what was asked for is on record"
    assert desk.trail[1][3]["records"] == [page.rows[0].rid]


def test_nobody_searches_outside_a_matter_or_without_a_reason(evidence: Evidence) -> None:
    desk = evidence.desk()
    desk.barred.add("officer-1")
    with pytest.raises(Denied):
        desk.search.search(PURPOSE, "merger")
    with pytest.raises(InvalidInput, match="Say why"):
        desk.search.search(Purpose("officer-2", "matter-1", " "), "merger")
    assert desk.trail == []


def test_an_entry_of_the_release_queue_opens_its_own_message_only(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    mine = evidence.chat.send(room, "[quarantine] mine")["id"]
    other = evidence.chat.send(room, "[quarantine] other")["id"]
    evidence.worker().archiver.run_until_idle()
    desk = evidence.desk()
    purpose = Purpose("officer-1", f"queue/{mine}", "to decide")
    assert len(desk.search.versions(purpose, mine)) == 1
    for forbidden in (
        lambda: desk.search.versions(purpose, other),
        lambda: desk.search.search(purpose, "other"),
        lambda: desk.search.context(purpose, room, 0),
        lambda: desk.search.read(purpose, [desk.rid(other)]),
    ):
        with pytest.raises(Denied, match="its own message only"):
            forbidden()
    assert [subject for _, _, subject, _ in desk.trail] == [mine]


def test_a_document_deleted_behind_the_index_shows_in_the_coverage(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    for number in range(3):
        item = evidence.chat.send(room, f"merger {number}")["id"]
    evidence.worker().archiver.run_until_idle()
    desk = evidence.desk()
    assert desk.search.coverage() == Coverage(in_scope=4, indexed=4)
    evidence.index.delete("2026-03-direct", [desk.rid(item)])
    page = desk.search.search(PURPOSE, "merger")
    assert len(page.rows) == 2
    assert page.coverage == Coverage(in_scope=4, indexed=3, not_indexed=1)
    assert not page.coverage.complete


def test_what_is_sealed_and_not_indexed_yet_is_counted(evidence: Evidence) -> None:
    assert isinstance(evidence.index, FakeSearchIndex)
    evidence.index.refuse = {}
    room = evidence.chat.direct()
    evidence.chat.send(room, "merger")
    worker = evidence.worker()
    worker.archiver._index_rests_until = float("inf")
    worker.archiver.run_until_idle()
    assert evidence.desk().search.coverage() == Coverage(in_scope=2, not_indexed=2)


def test_destroyed_keys_are_a_state_of_the_record(evidence: Evidence) -> None:
    item = evidence.chat.send(evidence.chat.direct(), "gone")["id"]
    evidence.worker().archiver.run_until_idle()
    desk = evidence.desk()
    assert desk.reader.versions_of(item)[0].state is RecordState.OPEN
    evidence.partition_keys.destroy("2026-03-direct")
    (record,) = desk.reader.versions_of(item)
    assert (record.state, record.fields) == (RecordState.DESTROYED, None)
    assert desk.search.search(PURPOSE, "gone").rows == ()


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("sealed", lambda sealed: sealed[:21] + b"\0" + sealed[22:]),
        ("sealed", lambda sealed: sealed[1:]),
        ("at_ms", lambda at_ms: at_ms + 1),
        ("conversation_id", lambda _: "another"),
        ("cseq", lambda cseq: cseq + 1),
        ("commitment", lambda _: bytes(32)),
        ("leaf_index", lambda leaf: leaf + 1),
        ("item_id", lambda item: f"{item}x"),
    ],
)
def test_a_record_changed_behind_our_back_is_never_shown(
    evidence: Evidence, column: str, changed: Callable[[Any], Any]
) -> None:
    room = evidence.chat.direct()
    item = evidence.chat.send(room, "the truth")["id"]
    evidence.chat.send(room, "more truth")
    evidence.worker().archiver.run_until_idle()
    desk = evidence.desk()
    rid = desk.rid(item)
    (row,) = (r for r in evidence.rows(Database.ARCHIVE, archive.records) if r.rid == rid)
    change = update(archive.records).where(archive.records.c.rid == rid)
    values = {column: changed(getattr(row, column))}
    tamper(evidence.folder, Database.ARCHIVE, change.values(values), unguarded="records")
    (record,) = desk.reader.records([rid])
    assert (record.state, record.fields) == (RecordState.UNREADABLE, None)


def test_two_records_whose_rows_are_swapped_do_not_open(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    one, other = (evidence.chat.send(room, text)["id"] for text in ("yes", "no"))
    evidence.worker().archiver.run_until_idle()
    desk = evidence.desk()
    rids = [desk.rid(one), desk.rid(other)]
    rows = {r.rid: r for r in evidence.rows(Database.ARCHIVE, _records())}
    for mine, theirs in (rids, rids[::-1]):
        sealed = rows[theirs]
        put = update(archive.records).where(archive.records.c.rid == mine)
        tamper(
            evidence.folder,
            Database.ARCHIVE,
            put.values(sealed=sealed.sealed, ciphertext_hash=sealed.ciphertext_hash),
            unguarded="records",
        )
    assert {r.state for r in desk.reader.records(rids)} == {RecordState.UNREADABLE}


def test_a_record_is_not_shown_before_a_checkpoint_covers_it(evidence: Evidence) -> None:
    item = evidence.chat.send(evidence.chat.direct(), "too fresh")["id"]
    worker = evidence.worker()
    worker.archiver._publish = lambda changed: None  # type: ignore[method-assign]
    worker.archiver.run_once()
    (record,) = evidence.desk().reader.versions_of(item)
    assert (record.state, record.fields) == (RecordState.PENDING, None)


def test_an_older_copy_of_the_ledger_is_noticed(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    evidence.chat.send(room, "first")
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    checkpoint = evidence.folder / "ledger" / "archive" / "checkpoint"
    old = checkpoint.read_bytes()
    item = evidence.chat.send(room, "second")["id"]
    worker.archiver.run_until_idle()
    desk = evidence.desk()
    assert desk.reader.versions_of(item)[0].state is RecordState.OPEN
    checkpoint.write_bytes(old)
    (record,) = desk.reader.versions_of(item)
    assert (record.state, record.error) == (RecordState.UNREADABLE, "ledger_behind")
    with pytest.raises(IntegrityError, match="older copy"):
        next(iter(desk.views.values())).checkpoint()


def test_context_shows_what_was_said_around_it(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    times = []
    for number in range(5):
        evidence.clock.advance(60)
        times.append(to_ms(evidence.clock.now()))
        evidence.chat.send(room, f"line {number}")
    evidence.worker().archiver.run_until_idle()
    shown = evidence.desk().search.context(PURPOSE, room, times[2], before=1, after=2)
    assert ["".join(s.text for s in row.body) for row in shown] == ["line 1", "line 2", "line 3"]


def test_a_month_can_be_searched_alone(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    evidence.chat.send(room, "merger in March")
    evidence.clock.advance(31 * 86_400)
    evidence.chat.send(room, "merger in April")
    evidence.worker().archiver.run_until_idle()
    page = evidence.desk().search.search(PURPOSE, "merger", first_month="2026-04", last_month="2026-04")
    assert [row.at[:7] for row in page.rows] == ["2026-04"]
    assert page.coverage == Coverage(in_scope=1, indexed=1)


def _records() -> object:
    return archive.records
