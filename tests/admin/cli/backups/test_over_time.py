"""A backup brings back neither keys that were destroyed nor a past that was left behind."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from admin.backups.manifest import parse_manifest
from admin.backups.restore import verify
from admin.backups.take import take
from admin.databases import database_of
from audit.retention.dispose import DispositionState
from core.access import Database
from core.errors import Conflict
from core.schema import keystore
from core.types import BundleHash, SystemClock
from policies.highest import HighestBundle
from tests.admin.cli.backups.house import DATA, KEYS, PASSPHRASE, Kept, Living, code_of
from tests.factories.desk import House, make_house, settings_of
from tests.fakes.clock import DrivenClock


def test_keys_whose_time_is_over_are_removed_by_the_next_backup_and_not_restored_unasked(
    living: Living,
) -> None:
    later = DrivenClock(SystemClock().now() + timedelta(days=15))
    with pytest.raises(Conflict) as ended:
        verify(living.data, living.keys, PASSPHRASE, later, "sqlite")
    assert ended.value.code == "keys_ended"
    verify(living.data, living.keys, PASSPHRASE, later, "sqlite", accept_ended=True)
    stranger = living.keys.with_name("of-another-program.keys")
    stranger.write_bytes(b"not ours")
    taken = take(
        living.own.house.settings,
        later,
        data=living.folder / DATA,
        keys=living.folder / KEYS,
        passphrase=PASSPHRASE,
        name="later",
    )
    assert taken.removed == (living.keys,)
    assert not living.keys.exists()
    assert stranger.exists()
    assert living.data.exists(), "data is kept for as long as whoever keeps it likes"


def test_what_was_condemned_since_gets_no_keys_back_and_is_destroyed_again(living: Living) -> None:
    partition = dispose_of_one(living.own.house, "condemned")
    newer, keys = living.back_up()
    told = parse_manifest((newer / "manifest.json").read_bytes())
    assert [one.partition for one in told.dispositions] == [partition]
    keys.unlink()
    kept = living.burn()
    result = kept.restore()
    assert f"{partition} was to be destroyed" in result.output, result.output
    assert not list((kept.home / "keys" / "discovery" / "partitions").glob(f"{partition}.*"))
    with database_of(settings_of(kept.home), Database.KEYSTORE).connect() as connection:
        c = keystore.dispositions.c
        rows = connection.execute(select(c.partition_id, c.state)).all()
        assert [tuple(row) for row in rows] == [(partition, "keyless")]


def test_an_old_backup_with_newer_keys_does_not_undo_what_was_destroyed_between(living: Living) -> None:
    house = living.own.house
    partition = dispose_of_one(house, "destroyed")
    house.services.partition_keys.destroy(partition)
    _, keys = living.back_up()
    kept = living.burn()
    assert f"{partition} was to be destroyed" in kept.restore(keys=keys).output
    (kept.home / "code").write_text("")
    again = make_house(Path(), kept.home, datetime.now(UTC), settings=settings_of(kept.home))
    for _ in range(3):
        again.work()
        again.work_at_desk()
    assert again.services.disposal.states() == {partition: DispositionState.DESTROYED}
    assert partition not in again.services.rebuild.partitions()
    again.close()


def test_an_older_policy_than_this_machine_saw_is_not_restored(kept: Kept) -> None:
    kept.home.mkdir()
    HighestBundle(kept.home / "highest-bundle-worker").raise_to(7, BundleHash("sha256:seven"))
    assert code_of(kept.restore()) == "older_policy"
    assert not (kept.home / "keys").exists()


def test_an_archive_put_back_alone_is_noticed(living: Living) -> None:
    house = living.own.house
    house.send(living.own.room, "ana", "said after the backup")
    house.work()
    house.close()
    stores = living.home / "stores"
    for left in stores.glob("archive.db*"):
        left.unlink()
    shutil.copy(living.data / "archive.db", stores / "archive.db")
    assert living.own.run("ledger", "verify").exit_code == 1
    found = living.own.run_as("olga", "archive", "reconcile").output
    assert "checkpoint_ahead: archive" in found


def test_a_chat_store_put_back_alone_is_noticed(living: Living) -> None:
    house = living.own.house
    house.send(living.own.room, "ana", "said after the backup")
    house.work()
    house.close()
    stores = living.home / "stores"
    for left in stores.glob("chat.db*"):
        left.unlink()
    shutil.copy(living.data / "chat.db", stores / "chat.db")
    found = living.own.run_as("olga", "archive", "reconcile").output
    assert f"counter_behind: {living.own.room}" in found
    assert "missing_version: " in found


def dispose_of_one(house: House, state: str) -> str:
    """Note a state of disposal for a partition of the archive; return which."""
    partition = house.services.rebuild.partitions()[0]
    with database_of(house.settings, Database.KEYSTORE).connect() as connection:
        connection.execute(
            insert(keystore.dispositions).values(
                partition_id=partition, state=state, due_ms=1, condemned_by="schedule", condemned_ms=2
            )
        )
        connection.commit()
    return partition
