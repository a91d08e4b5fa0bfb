"""Trouble with the index never stops sealing, blames no document for it, and ends with everything indexed."""

from collections.abc import Sequence

from audit.search.port import IndexDocument, PutResult
from core.access import Database
from core.errors import Unavailable
from core.schema import archive, chat
from core.types import to_ms
from tests.audit.archive.test_archiver import alarms, talk
from tests.factories.archive import Evidence
from tests.factories.chat import ANA, BEN, CLEO
from tests.fakes.search_index import FakeSearchIndex

DAY = 86_400


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
