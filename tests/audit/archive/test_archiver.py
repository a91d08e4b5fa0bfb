"""The archiver keeps everything once, whatever happens to it."""

from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from audit.search.tantivy import TantivyIndex
from core.access import Database
from core.errors import Conflict
from core.schema import archive, chat, desk, keystore
from core.store import Statement
from core.types import ItemId
from tests.factories.archive import Evidence, Killed, make_evidence
from tests.factories.chat import ANA, BEN, CLEO
from tests.factories.clear_text import files_of, where
from tests.factories.stores import FORBIDDEN, REFUSALS

STEPS = ["archiver.after_keys", "archiver.after_archive", "archiver.after_index", "archiver.after_tiles"]


def test_every_version_becomes_a_record_a_leaf_and_a_document(evidence: Evidence) -> None:
    sent = talk(evidence)
    evidence.worker().archiver.run_until_idle()
    records = evidence.rows(Database.ARCHIVE, archive.records)
    kinds = sorted(r.kind for r in records if r.item_id == sent)
    assert kinds == ["create", "delete", "edit", "react"]
    counts = evidence.counts()
    assert counts["chat outbox"] == counts["desk outbox"] == 0
    assert counts["leaves"] == counts["records"]
    assert counts["indexed"] == sum(r.indexable for r in records)
    assert evidence.count(Database.KEYSTORE, keystore.data_keys) == len(records)


def test_stopped_messages_are_evidence_too(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    evidence.chat.send(room, "[block] never")
    evidence.worker().archiver.run_until_idle()
    (stopped,) = [r for r in evidence.rows(Database.ARCHIVE, archive.records) if r.stop_seq]
    assert (stopped.cseq, stopped.kind, stopped.indexable) == (None, "create", 1)


def test_records_go_to_the_month_of_their_commit(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    item = evidence.chat.send(room, "in March")["id"]
    evidence.clock.advance(31 * 86_400)
    evidence.chat.messaging.edit(ANA, "e1", room, item, "in April")
    evidence.worker().archiver.run_until_idle()
    records = evidence.rows(Database.ARCHIVE, archive.records)
    assert [r.partition_id for r in records if r.item_id == item] == ["2026-03-direct", "2026-04-direct"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_any_step_nothing_is_lost_or_kept_twice(evidence: Evidence, step: str) -> None:
    talk(evidence)
    evidence.act()
    evidence.fail_at.add(step)
    with pytest.raises(Killed):
        evidence.worker().archiver.run_until_idle()
    evidence.clock.advance(11)
    evidence.worker().archiver.run_until_idle()
    counts = evidence.counts()
    versions = evidence.count(Database.CHAT, chat.versions)
    acts = 2  # the offers and the matter
    assert counts["records"] == counts["leaves"] == versions + acts
    assert counts["indexed"] == versions
    assert counts["chat outbox"] == counts["desk outbox"] == 0


def test_rows_that_are_delivered_again_change_no_count(evidence: Evidence) -> None:
    talk(evidence)
    waiting = evidence.rows(Database.CHAT, chat.outbox)
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    worker.lease.release()
    before = evidence.counts()
    again = Statement(insert(chat.outbox))
    evidence.chat.store.write(lambda tx: tx.run_many(again, [row._asdict() for row in waiting]))
    evidence.worker().archiver.run_until_idle()
    assert evidence.counts() == before


@pytest.mark.timeout(600)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=st.lists(st.sampled_from(STEPS), max_size=6), sizes=st.lists(st.integers(1, 7), min_size=3))
def test_any_sequence_of_kills_and_batches_ends_in_the_same_archive(
    tmp_path_factory: pytest.TempPathFactory, kills: list[str], sizes: list[int]
) -> None:
    evidence = make_evidence(tmp_path_factory.mktemp("kills"))
    talk(evidence)
    for kill, size in zip(kills, sizes, strict=False):
        evidence.fail_at.add(kill)
        worker = evidence.worker()
        with suppress(Killed):
            while worker.archiver.run_once(size):
                pass
        evidence.fail_at.clear()
        evidence.clock.advance(11)
    evidence.worker().archiver.run_until_idle()
    counts = evidence.counts()
    assert counts["records"] == counts["leaves"] == evidence.count(Database.CHAT, chat.versions) + 1
    assert counts["indexed"] == evidence.count(Database.CHAT, chat.versions)
    evidence.close()


def test_rows_wait_for_their_partition_and_others_go_on(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, offered=False)
    evidence.chat.send(evidence.chat.direct(), "too early")
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    assert evidence.count(Database.ARCHIVE, archive.records) == 0
    assert "no_partition" in alarms(evidence)
    evidence.offers.offer_months(actor="init")
    evidence.clock.advance(10)
    worker.archiver.run_until_idle()
    assert evidence.counts()["chat outbox"] == 0
    evidence.close()


def test_two_archivers_never_work_at_once(evidence: Evidence) -> None:
    talk(evidence)
    first, second = evidence.worker(), evidence.worker()
    first.archiver.run_once(1)
    with pytest.raises(Conflict, match="lease"):
        second.archiver.run_once()
    evidence.clock.advance(11)
    second.archiver.run_until_idle()
    before = evidence.counts()
    with pytest.raises(Conflict, match="lease"):
        first.archiver.run_once()
    assert evidence.counts() == before


def test_one_that_slept_past_its_lease_writes_nothing(evidence: Evidence) -> None:
    talk(evidence)
    first, second = evidence.worker(), evidence.worker()
    first.archiver.run_once(1)
    sealer = first.archiver._sealer

    def overtaken(name: str) -> None:
        if name == "archiver.after_keys":
            evidence.clock.advance(11)
            second.archiver.run_until_idle()

    sealer._failpoint = overtaken
    with pytest.raises(Conflict, match="lease"):
        first.archiver.run_once()
    counts = evidence.counts()
    assert counts["records"] == counts["leaves"] == evidence.count(Database.CHAT, chat.versions) + 1


def test_quarantined_messages_enter_the_release_queue_once_and_leave_it_decided(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    item = evidence.chat.send(room, "[quarantine] secret")["id"]
    other = evidence.chat.send(room, "[quarantine] mistake")["id"]
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    queue = {row.item_id: row for row in evidence.rows(Database.DESK, desk.queue)}
    assert {row.state for row in queue.values()} == {"waiting"}
    assert queue[item].expires_ms - queue[item].since_ms == 24 * 3_600_000
    evidence.chat.messaging.withdraw(ANA, "w", room, other)
    worker.archiver.run_until_idle()
    states = {row.item_id: row.state for row in evidence.rows(Database.DESK, desk.queue)}
    assert states == {item: "waiting", other: "withdrawn"}


def test_acts_at_the_desk_reach_the_audit_log_numbered(evidence: Evidence) -> None:
    for number in range(3):
        evidence.act(number=number)
    evidence.worker().archiver.run_until_idle()
    acts = [r for r in evidence.rows(Database.ARCHIVE, archive.records) if r.partition_id == "2026-03-trail"]
    assert [r.version for r in acts] == [1, 2, 3, 4]
    assert len({r.item_id for r in acts}) == 1
    logs = [row.log for row in evidence.rows(Database.ARCHIVE, archive.ledger_entries)]
    assert logs == ["audit"] * 4


def test_the_worker_cannot_read_back_what_it_sealed(evidence: Evidence) -> None:
    talk(evidence)
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    for store, column in (
        (worker.archive, archive.records.c.sealed),
        (worker.archive, archive.vocabulary.c.sealed),
        (worker.keystore, keystore.data_keys.c.wrapped),
        (worker.keystore, keystore.pages.c.sealed),
    ):
        reading = Statement(select(column))
        with pytest.raises(REFUSALS, match=FORBIDDEN):
            store.read(lambda tx, r=reading: tx.rows(r))  # type: ignore[misc]


def test_no_text_stands_in_the_clear_anywhere(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    evidence = make_evidence(tmp_path / "world", index=index)
    room = evidence.chat.channel(ANA, BEN, CLEO, name="canaryroom")
    evidence.chat.send(room, "canarytext of a merger")
    evidence.worker().archiver.run_until_idle()
    index.close()
    assert where("canary", files_of(tmp_path)) == []
    evidence.close()


def talk(evidence: Evidence) -> str:
    """Let some things happen; return the id of a message that was edited, reacted to and deleted."""
    chat_ = evidence.chat
    room = chat_.group(ANA, BEN, CLEO)
    item = ItemId(chat_.send(room, "the merger is on")["id"])
    chat_.messaging.edit(ANA, "edit-1", room, item, "the merger is off")
    chat_.messaging.react(BEN, "react-1", room, item, "eyes", add=True)
    chat_.messaging.delete(ANA, "delete-1", room, item)
    chat_.send(room, "a number [redact] hidden", BEN)
    chat_.send(room, "[block] this")
    return item


def alarms(evidence: Evidence) -> list[str]:
    return [str(orjson.loads(row.payload)["alarm"]) for row in evidence.reports() if row.kind == "alarm"]
