"""Partitions: made ahead by the desk, accepted only with its signature, closed when their month is over."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from audit.archive.names import CLASSES, month_after, month_end, parse_partition, partition_id
from core.access import Database
from core.crypto.partitions import PartitionOffer
from core.errors import InvalidInput
from core.schema import archive, chat, desk
from core.store import Statement
from tests.factories.archive import Evidence, make_evidence
from tests.factories.stores import behind

DAY = 86_400


@given(st.integers(1, 9998), st.integers(1, 12), st.sampled_from(CLASSES))
def test_a_name_reads_back_as_what_it_was_made_of(year: int, month: int, name: str) -> None:
    written = f"{year:04d}-{month:02d}"
    assert parse_partition(partition_id(written, name)) == (written, name)
    assert month_after(month_after(written), -1) == written
    assert month_end(written).strftime("%Y-%m").zfill(7) == month_after(written)


@pytest.mark.parametrize("name", ["2026-13-direct", "2026-1-direct", "2026-01-friends", "direct", "", "../x"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        parse_partition(name)


def test_keys_are_offered_three_months_ahead_and_only_once(evidence: Evidence) -> None:
    offered = {row.partition_id for row in evidence.rows(Database.DESK, desk.offers)}
    assert offered == {f"2026-{month:02d}-{name}" for month in (3, 4, 5, 6) for name in CLASSES}
    assert evidence.offers.offer_months(actor="init") == []
    evidence.clock.advance(31 * DAY)
    assert {name[:7] for name in evidence.offers.offer_months(actor="init")} == {"2026-07"}


def test_history_is_offered_on_demand(evidence: Evidence) -> None:
    new = evidence.offers.offer_months(actor="init", history_from="2026-01")
    assert {name[:7] for name in new} == {"2026-01", "2026-02"}
    with pytest.raises(InvalidInput, match="past"):
        evidence.offers.offer_months(actor="init", history_from="2026-09")


def test_keys_made_before_the_desk_died_are_offered_by_the_next(evidence: Evidence) -> None:
    evidence.partition_keys.make("2026-07-direct", 1, evidence.archive_ring.mailbox().public)
    evidence.clock.advance(31 * DAY)
    assert "2026-07-direct" in evidence.offers.offer_months(actor="init")
    assert "2026-07-direct" in evidence.worker().partitions.accept_offers()


def test_the_archive_keeps_signed_offers_without_index_keys(evidence: Evidence) -> None:
    evidence.worker().partitions.accept_offers()
    rows = evidence.rows(Database.ARCHIVE, archive.partitions)
    assert len(rows) == evidence.count(Database.DESK, desk.offers) > 0
    for row in rows:
        offer = PartitionOffer.from_bytes(row.offer)
        assert offer.sealed_index_key == b""
        evidence.discovery.signer().verifier.verify(offer.signature, offer.signed_bytes())


def test_an_offer_that_the_pinned_desk_did_not_sign_is_refused_with_an_alarm(evidence: Evidence) -> None:
    rows = {row.partition_id: row for row in evidence.rows(Database.DESK, desk.offers)}
    theirs = PartitionOffer.from_bytes(rows["2026-04-direct"].offer)
    forged = replace(theirs, partition="2026-03-direct")
    change = Statement(
        update(desk.offers)
        .where(desk.offers.c.partition_id == "2026-03-direct")
        .values(offer=forged.to_bytes())
    )
    evidence.stores[Database.DESK].write(lambda tx: tx.run(change))
    worker = evidence.worker()
    assert "2026-03-direct" not in worker.partitions.accept_offers()
    worker.partitions.accept_offers()
    alarms = [orjson.loads(row.payload) for row in evidence.reports()]
    assert [(a["alarm"], a["partition"]) for a in alarms] == [("offer_refused", "2026-03-direct")]


def test_an_alarm_is_due_when_less_than_a_month_is_left(evidence: Evidence) -> None:
    partitions = evidence.worker().partitions
    partitions.accept_offers()
    assert partitions.missing_ahead() == []
    evidence.clock.advance(92 * DAY)
    assert set(partitions.missing_ahead()) == {f"2026-07-{name}" for name in CLASSES}


def test_a_partition_closes_when_its_month_is_over_and_nothing_waits(evidence: Evidence) -> None:
    evidence.chat.send(evidence.chat.direct(), "in March")
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    evidence.clock.advance(29 * DAY + 3600 * 15)
    assert worker.archiver.close_partitions() == [], "a day of grace"
    evidence.clock.advance(DAY)
    closed = worker.archiver.close_partitions()
    assert "2026-03-direct" in closed
    assert worker.partitions.to_seal("2026-03-direct").index_key is None
    worker.partitions.accept_offers()
    assert worker.partitions.to_seal("2026-03-direct").index_key is None, "given up for good"
    evidence.offers.handle_reports()
    row = next(r for r in evidence.rows(Database.DESK, desk.offers) if r.partition_id == "2026-03-direct")
    assert PartitionOffer.from_bytes(row.offer).sealed_index_key == b""
    again = evidence.worker().partitions
    again.accept_offers()
    assert again.to_seal("2026-03-direct").index_key is None


def test_a_partition_stays_open_while_a_row_of_its_month_waits(evidence: Evidence) -> None:
    evidence.chat.send(evidence.chat.direct(), "in March")
    worker = evidence.worker()
    worker.partitions.accept_offers()
    evidence.clock.advance(40 * DAY)
    assert worker.archiver.close_partitions() == []
    worker.archiver.run_until_idle()
    assert "2026-03-direct" in worker.archiver.close_partitions()


def test_a_late_record_is_sealed_and_indexed_once_the_desk_gave_the_key_again(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path)
    evidence.chat.send(evidence.chat.direct(), "late")
    late = behind(evidence.folder, Database.CHAT)
    rows = [row._asdict() for row in late.execute(select(chat.outbox))]
    late.execute(delete(chat.outbox))
    late.commit()
    worker = evidence.worker()
    worker.archiver.run_until_idle()
    evidence.clock.advance(40 * DAY)
    worker.archiver.close_partitions()
    evidence.offers.handle_reports()
    late.execute(insert(chat.outbox), rows)
    late.commit()
    late.close()
    worker.archiver.run_until_idle()
    assert worker.archiver.lag().indexing == 2
    evidence.offers.handle_reports()
    evidence.clock.advance(10)
    worker.partitions.accept_offers()
    worker.archiver.run_until_idle()
    assert worker.archiver.lag().indexing == 0
    assert evidence.index.count("2026-03-direct") == 2
    evidence.close()
