"""The archiver keeps everything once, whatever happens to it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from audit.search.port import IndexDocument, PutResult
from audit.search.tantivy import TantivyIndex
from core.access import Database
from core.errors import Conflict, Unavailable
from core.schema import archive, chat, desk, keystore
from core.store import Statement
from core.types import ItemId, to_ms
from tests.factories.archive import Evidence, Killed, make_evidence
from tests.factories.chat import ANA, BEN, CLEO
from tests.factories.clear_text import files_of, where
from tests.factories.stores import FORBIDDEN, REFUSALS
from tests.fakes.search_index import FakeSearchIndex

DAY = 86_400
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


def test_trouble_in_the_index_never_stops_sealing(evidence: Evidence) -> None:
    assert isinstance(evidence.index, FakeSearchIndex)
    talk(evidence)
    evidence.index.down = True
    archiver = evidence.worker().archiver
    archiver.run_until_idle()
    lag = archiver.lag()
    versions = evidence.count(Database.CHAT, chat.versions)
    assert evidence.count(Database.ARCHIVE, archive.records) == versions + 1
    assert (lag.sealing, lag.indexing) == (0, versions)
    assert lag.indexing_oldest_ms == to_ms(evidence.clock.now())
    evidence.index.down = False
    evidence.clock.advance(10)
    archiver.run_until_idle()
    assert archiver.lag().indexing == 0
    assert evidence.counts()["indexed"] == versions
    assert evidence.counts()["chat outbox"] == 0


def test_one_refused_document_waits_and_the_others_go_on(evidence: Evidence) -> None:
    assert isinstance(evidence.index, FakeSearchIndex)
    evidence.chat.send(evidence.chat.direct(), "hello")
    refusing = RefusingFirst()
    archiver = evidence.worker(refusing).archiver
    archiver.run_until_idle()
    assert archiver.lag().indexing == 1
    assert alarms(evidence) == ["index_refused"]
    assert archiver.refused() == evidence.count(Database.CHAT, chat.outbox) == 1
    refusing.refuse.clear()
    evidence.clock.advance(301)
    archiver.run_until_idle()
    assert archiver.lag().indexing == evidence.count(Database.CHAT, chat.outbox) == 0


def test_a_document_that_is_refused_for_a_week_no_longer_waits_and_is_said_not_to_be_indexed(
    evidence: Evidence,
) -> None:
    evidence.chat.send(evidence.chat.direct(), "hello")
    archiver = evidence.worker(RefusingFirst()).archiver
    archiver.run_until_idle()
    kept = evidence.count(Database.ARCHIVE, archive.records)
    evidence.clock.advance(6 * DAY)
    archiver.run_until_idle()
    assert evidence.count(Database.CHAT, chat.outbox) == 1
    evidence.clock.advance(2 * DAY)
    archiver.run_until_idle()
    assert evidence.count(Database.CHAT, chat.outbox) == 0
    assert evidence.count(Database.ARCHIVE, archive.records) == kept
    assert alarms(evidence) == ["index_refused"]


def test_an_index_that_cannot_be_made_keeps_no_other_waiting(evidence: Evidence) -> None:
    index = FullForGroups()
    archiver = evidence.worker(index).archiver
    evidence.chat.send(evidence.chat.group(ANA, BEN, CLEO), "hello all")
    archiver.run_until_idle()
    waiting = archiver.lag().indexing
    evidence.chat.send(evidence.chat.direct(), "hello")
    archiver.run_until_idle()
    assert archiver.lag().indexing == waiting > 0
    assert index.count("2026-03-direct") > 0
    assert alarms(evidence) == ["index_full"]
    index.full = False
    evidence.clock.advance(10)
    archiver.run_until_idle()
    assert archiver.lag().indexing == 0
    assert index.count("2026-03-group") == waiting


def test_an_index_that_takes_long_to_fail_is_left_alone_as_long(evidence: Evidence) -> None:
    index = SlowToFail(evidence)
    archiver = evidence.worker(index).archiver
    evidence.chat.send(evidence.chat.direct(), "hello")
    archiver.run_until_idle()
    evidence.clock.advance(39)
    archiver.run_until_idle()
    assert index.attempts == 1
    evidence.clock.advance(2)
    archiver.run_until_idle()
    assert index.attempts == 2


def test_an_index_that_somebody_removed_is_made_anew(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    archiver = evidence.worker().archiver
    evidence.chat.send(room, "hello")
    archiver.run_until_idle()
    evidence.index.drop("2026-03-direct")
    evidence.chat.send(room, "hello again")
    archiver.run_until_idle()
    evidence.clock.advance(10)
    archiver.run_until_idle()
    assert evidence.index.count("2026-03-direct") == 1
    assert evidence.count(Database.CHAT, chat.outbox) == 0


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


class FullForGroups(FakeSearchIndex):
    """A cluster with room for every index but those of groups."""

    full = True

    def ensure(self, partition: str) -> None:
        if self.full and partition.endswith("-group"):
            raise Unavailable("The cluster takes no more shards.", code="index_full")
        super().ensure(partition)


class SlowToFail(FakeSearchIndex):
    """A cluster that hangs."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self._evidence = evidence
        self.attempts = 0

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        self.attempts += 1
        self._evidence.clock.advance(40)
        raise Unavailable("No answer.", code="index_unavailable")


class RefusingFirst(FakeSearchIndex):
    """Refuses the first document it is ever given, until ``refuse`` is cleared."""

    def put(self, partition, documents):  # type: ignore[no-untyped-def]
        if not self.refuse and not any(self._partitions.values()):
            self.refuse = {documents[0].rid: "mapping"}
        return super().put(partition, documents)
