"""Keys, archive, index and ledger are looked after from the command line; nothing of it shows content."""

import json
from datetime import UTC, datetime

from core.crypto.chat_keys import month_of
from tests.admin.cli.conftest import CommandLine
from tests.factories.desk import House


def test_keys_are_there_ahead(chancery: CommandLine) -> None:
    rotated = chancery.run_as("arno", "keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    status = chancery.run_as("arno", "keys", "status")
    assert status.exit_code == 0, status.output
    assert "24 partitions of this month and ahead, 0 without keys." in status.output


def test_reconciling_finds_nothing_and_names_what_was_lost(own: CommandLine) -> None:
    own.house.work()
    clean = own.run_as("olga", "archive", "reconcile")
    assert clean.exit_code == 0, clean.output
    assert "Nothing differs." in clean.output
    partition = f"{month_of(own.house.clock.now())}-group"
    rid = next(iter(own.house.worker.index.ids(partition)))
    own.house.worker.index.delete(partition, [rid])
    result = own.run_as("olga", "archive", "reconcile")
    assert result.exit_code == 1
    assert f"missing_document: {rid} ({partition})" in result.output
    told = own.run_as("olga", "archive", "reconcile", "--json")
    assert told.exit_code == 1
    said = json.loads(told.stdout)
    assert not said["ok"]
    assert said["worker"]["differences"] == [
        {"kind": "missing_document", "subject": rid, "detail": partition}
    ]
    assert said["desk"]["differences"] == []
    assert "heron" not in result.output


def test_the_ledger_verifies_and_names_a_byte_that_changed(own: CommandLine) -> None:
    own.house.work()
    clean = own.run("ledger", "verify")
    assert clean.exit_code == 0, clean.output
    assert "Everything is as it was signed." in clean.output
    bundles = own.house.settings.home / "ledger" / "archive" / "tile" / "entries"
    tile = max(bundles.rglob("*.p/*"), key=lambda path: int(path.name))
    whole = tile.read_bytes()
    tile.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
    broken = own.run("ledger", "verify")
    assert broken.exit_code == 1
    assert "entries" in broken.output
    refused = own.run("ledger", "rebuild")
    assert "[tile_differs]" in refused.stderr, "what was altered is evidence"
    tile.rename(own.house.settings.home / "evidence")
    rebuilt = own.run("ledger", "rebuild")
    assert rebuilt.exit_code == 0, rebuilt.output
    assert own.run("ledger", "verify").exit_code == 0


def test_an_index_is_rebuilt_by_desk_and_worker_while_both_write(own: CommandLine) -> None:
    house = own.house
    asked = own.run_as("olga", "index", "rebuild")
    assert asked.exit_code == 0, asked.output
    catch_up(house)
    house.work()  # the worker begins to keep what it indexes
    house.send(own.room, "ana", "said while the heron index is rebuilt")
    house.work()
    house.work_at_desk()  # fills the new generation, and asks to switch
    house.send(own.room, "ana", "said before the switch")
    house.work()
    house.work()
    assert house.services.rebuild.unfinished() == []
    coverage = house.services.search.coverage()
    assert coverage.complete, coverage
    assert "Nothing differs." in own.run_as("olga", "archive", "reconcile").output
    unknown = own.run_as("olga", "index", "rebuild", "--partition", "1999-01-group")
    assert "[no_such_partition]" in unknown.stderr


def test_a_ledger_is_not_rebuilt_beside_a_worker(own: CommandLine) -> None:
    catch_up(own.house)
    own.house.work()
    result = own.run("ledger", "rebuild")
    assert result.exit_code == 1
    assert "[worker_running]" in result.stderr


def catch_up(house: House) -> None:
    """Let the house's clock pass the machine's, under which commands write."""
    house.clock.advance((datetime.now(UTC) - house.clock.now()).total_seconds() + 30)
