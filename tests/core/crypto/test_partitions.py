"""From an offered partition to a record's key and back."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from core.crypto.envelope import refused
from core.crypto.hybrid import HybridPrivate
from core.crypto.keystore import new_data_key, new_page, open_data_key, open_page
from core.crypto.partitions import PartitionKeys, PartitionOffer, accept_offer
from core.crypto.rings import ProcessRole, Ring, RingName, create_ring, open_ring
from core.crypto.signing import Signer
from core.errors import Conflict, IntegrityError, InvalidInput, NotFound

PARTITION = "2026-11-public"


def test_the_worker_accepts_what_the_desk_offers(desk: Ring, worker: Ring) -> None:
    keys = PartitionKeys(desk)
    offer = PartitionOffer.from_bytes(keys.make(PARTITION, 1, worker.mailbox().public).to_bytes())
    accepted = accept_offer(desk.signer().verifier, worker.mailbox(), offer)
    assert (accepted.partition, accepted.generation) == (PARTITION, 1)
    assert accepted.public == keys.private(PARTITION, 1).public
    assert accepted.index_key == keys.index_key(PARTITION, 1)


def test_an_offer_that_was_lost_is_made_again_for_the_same_keys(desk: Ring, worker: Ring) -> None:
    keys = PartitionKeys(desk)
    first = keys.make(PARTITION, 1, worker.mailbox().public)
    with pytest.raises(Conflict):
        keys.make(PARTITION, 1, worker.mailbox().public)
    again = keys.offer_again(PARTITION, 1, worker.mailbox().public)
    assert again.public == first.public
    assert accept_offer(desk.signer().verifier, worker.mailbox(), again).index_key == keys.index_key(
        PARTITION, 1
    )


@pytest.mark.parametrize("field", [f.name for f in fields(PartitionOffer)])
def test_an_offer_with_any_field_changed_is_refused(desk: Ring, worker: Ring, field: str) -> None:
    offer = PartitionKeys(desk).make(PARTITION, 1, worker.mailbox().public)
    changed: Any = {field: _other(getattr(offer, field))}
    with pytest.raises(IntegrityError, match=str(refused())):
        accept_offer(desk.signer().verifier, worker.mailbox(), replace(offer, **changed))


def test_an_offer_by_another_identity_or_to_another_mailbox_is_refused(desk: Ring, worker: Ring) -> None:
    offer = PartitionKeys(desk).make(PARTITION, 1, worker.mailbox().public)
    with pytest.raises(IntegrityError):
        accept_offer(Signer.generate().verifier, worker.mailbox(), offer)
    with pytest.raises(IntegrityError):
        accept_offer(desk.signer().verifier, HybridPrivate.generate(), offer)


@pytest.mark.parametrize("encoded", [b"", b"{}", b"[]", b"null", b'{"partition":1}', b"\xff"])
def test_bytes_that_are_no_offer_are_refused(encoded: bytes) -> None:
    with pytest.raises(IntegrityError):
        PartitionOffer.from_bytes(encoded)


def test_destroying_a_partition_takes_every_generation_and_nothing_else(desk: Ring, worker: Ring) -> None:
    keys = PartitionKeys(desk)
    for partition, generation in (
        (PARTITION, 1),
        (PARTITION, 2),
        ("2026-11-public-x", 1),
        ("2026-12-public", 1),
    ):
        keys.make(partition, generation, worker.mailbox().public)
    assert keys.generations(PARTITION) == (1, 2)
    keys.destroy(PARTITION)
    keys.destroy(PARTITION)
    assert keys.generations(PARTITION) == ()
    with pytest.raises(NotFound):
        keys.private(PARTITION, 1)
    assert keys.exists("2026-11-public-x", 1)
    assert keys.exists("2026-12-public", 1)


@pytest.mark.parametrize("partition", ["", "../x", "a/b", "a.b", "A", "*"])
def test_a_name_that_is_no_partition_is_refused(desk: Ring, worker: Ring, partition: str) -> None:
    with pytest.raises(InvalidInput):
        PartitionKeys(desk).make(partition, 1, worker.mailbox().public)
    with pytest.raises(InvalidInput):
        PartitionKeys(desk).destroy(partition)


def test_a_key_file_under_another_partitions_name_does_not_open(desk: Ring, worker: Ring) -> None:
    keys = PartitionKeys(desk)
    keys.make("a", 1, worker.mailbox().public)
    desk.path_of("partitions/a.1.key").rename(desk.path_of("partitions/b.1.key"))
    with pytest.raises(IntegrityError):
        keys.private("b", 1)


def test_a_records_key_comes_back_through_the_partition_alone(desk: Ring, worker: Ring) -> None:
    keys = PartitionKeys(desk)
    accepted = accept_offer(
        desk.signer().verifier, worker.mailbox(), keys.make(PARTITION, 1, worker.mailbox().public)
    )
    page, page_row = new_page(
        accepted.public, tenant="t", partition_id=PARTITION, generation=1, page_id="p", at_ms=5
    )
    key, row = new_data_key(page, rid="r", conversation_id="c", audience_id="a", at_ms=7)
    opened = open_page(keys.private(PARTITION, 1), page_row, tenant="t")
    assert open_data_key(opened, row) == key
    with pytest.raises(IntegrityError):
        open_page(HybridPrivate.generate(), page_row, tenant="t")
    with pytest.raises(IntegrityError):
        open_page(keys.private(PARTITION, 1), page_row, tenant="other")


def test_rows_with_any_column_changed_do_not_open() -> None:
    private = HybridPrivate.generate()
    page, page_row = new_page(
        private.public, tenant="t", partition_id=PARTITION, generation=1, page_id="p", at_ms=5
    )
    _, row = new_data_key(page, rid="r", conversation_id="c", audience_id="a", at_ms=7)
    for changed in _changes(page_row):
        with pytest.raises(IntegrityError):
            open_page(private, replace(page_row, **changed), tenant="t")
    for changed in _changes(row):
        with pytest.raises(IntegrityError):
            open_data_key(page, replace(row, **changed))


def test_every_record_has_a_key_of_its_own() -> None:
    private = HybridPrivate.generate()
    page, _ = new_page(private.public, tenant="t", partition_id="p", generation=1, page_id="p", at_ms=5)
    made = [new_data_key(page, rid="r", conversation_id="c", audience_id="a", at_ms=7)[0] for _ in range(20)]
    assert len(set(made)) == 20


def _changes(row: Any) -> list[dict[str, Any]]:
    return [{field.name: _other(getattr(row, field.name))} for field in fields(row)]


def _other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return value[:-1] + (b"?" if isinstance(value, bytes) else "?")


@pytest.fixture
def desk(tmp_path: Path) -> Ring:
    create_ring(RingName.DISCOVERY, tmp_path, ProcessRole.DESK)
    return open_ring(RingName.DISCOVERY, tmp_path, ProcessRole.DESK)


@pytest.fixture
def worker(tmp_path: Path) -> Ring:
    return create_ring(RingName.ARCHIVE, tmp_path, ProcessRole.WORKER)
