"""Only what is not sealed slows and stops sending; what merely waits for the index does not."""

from pathlib import Path

import pytest

from core.blocking import ThreadBlocking
from core.errors import Unavailable
from core.messaging.brake import ArchiveBrake
from core.settings import Settings
from tests.factories.archive import Evidence, make_evidence
from tests.fakes.search_index import FakeSearchIndex


class Pausing(ThreadBlocking):
    """Counts pauses instead of taking them."""

    def __init__(self) -> None:
        self.pauses = 0

    def sleep(self, seconds: float) -> None:
        self.pauses += 1


def test_an_index_that_is_away_for_long_never_stops_sending(evidence: Evidence) -> None:
    assert isinstance(evidence.index, FakeSearchIndex)
    evidence.index.down = True
    archiver, room = evidence.worker().archiver, evidence.chat.direct()
    blocking = Pausing()
    brake = brake_of(evidence, blocking)
    for _ in range(3):
        evidence.chat.send(room, "said while the index is away")
        archiver.run_until_idle()
        evidence.clock.advance(7_200)
        brake.admit()
    assert archiver.lag().indexing == 4
    assert blocking.pauses == 0


def test_sending_slows_and_then_stops_while_nothing_is_sealed(evidence: Evidence) -> None:
    evidence.chat.direct()
    blocking = Pausing()
    brake = brake_of(evidence, blocking)
    brake.admit()
    evidence.clock.advance(301)
    brake.admit()
    assert blocking.pauses == 1
    evidence.clock.advance(3_600)
    with pytest.raises(Unavailable) as refused:
        brake.admit()
    assert refused.value.code == "archive_behind"
    evidence.worker().archiver.run_until_idle()
    evidence.clock.advance(1)
    brake.admit()


def test_a_worker_that_ends_while_the_index_is_away_stops_sending_in_time(evidence: Evidence) -> None:
    assert isinstance(evidence.index, FakeSearchIndex)
    evidence.index.down = True
    room = evidence.chat.direct()
    evidence.worker().archiver.run_until_idle()
    evidence.chat.send(room, "nobody seals this")
    evidence.clock.advance(3_601)
    with pytest.raises(Unavailable):
        brake_of(evidence, Pausing()).admit()


def test_what_has_no_partition_stops_sending_though_later_rows_are_sealed(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, offered=False)
    assert isinstance(evidence.index, FakeSearchIndex)
    evidence.index.down = True
    room = evidence.chat.direct()
    evidence.clock.advance(31 * 86_400)
    evidence.offers.offer_months(actor="init")
    evidence.chat.send(room, "sealed, in a month that has keys")
    archiver = evidence.worker().archiver
    archiver.run_until_idle()
    assert (archiver.lag().sealing, archiver.lag().indexing) == (1, 1)
    with pytest.raises(Unavailable):
        brake_of(evidence, Pausing()).admit()
    evidence.close()


def brake_of(evidence: Evidence, blocking: Pausing) -> ArchiveBrake:
    return ArchiveBrake(Settings(), evidence.chat.store, evidence.clock, blocking)
