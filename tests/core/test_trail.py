"""Acts are numbered without a hole, so that a hole means that somebody took a row away."""

from pathlib import Path

import orjson
import pytest

from core.access import Database
from core.errors import Denied, InvalidInput
from core.store import Tx
from core.trail import MAX_ID_CHARS, Tag, Trail
from tests.factories.stores import empty_store
from tests.fakes.clock import DrivenClock


def test_an_act_that_was_undone_leaves_no_hole_in_the_numbers(tmp_path: Path) -> None:
    store, kept = empty_store(tmp_path, Database.DESK), []
    trail = Trail(DrivenClock(), "desk", lambda _tx, row, _at: kept.append(orjson.loads(row)), bytes)

    def act(tx: Tx, subject: str) -> None:
        trail.record(tx, Tag.MATTER_OPENED, "olga", subject, {})

    def act_twice_and_fail(tx: Tx) -> None:
        act(tx, "undone")
        act(tx, "undone")
        raise Denied("No.")

    def act_in_parts(tx: Tx) -> None:
        act(tx, "two")
        with pytest.raises(Denied), tx.savepoint():
            act_twice_and_fail(tx)
        act(tx, "three")

    store.write(lambda tx: act(tx, "one"))
    with pytest.raises(Denied):
        store.write(act_twice_and_fail)
    store.write(act_in_parts)
    store.write(lambda tx: act(tx, "four"))
    store.close()
    numbers = [(row["subject"], row["number"]) for row in kept if row["subject"] != "undone"]
    assert numbers == [("one", 1), ("two", 2), ("three", 3), ("four", 4)]
    assert [row["number"] for row in kept if row["subject"] == "undone"] == [2, 3, 3, 4]


def test_nothing_goes_on_record_under_a_name_that_the_ledger_cannot_hold(tmp_path: Path) -> None:
    store, kept = empty_store(tmp_path, Database.DESK), []
    trail = Trail(DrivenClock(), "desk", lambda _tx, row, _at: kept.append(row), bytes)
    store.write(lambda tx: trail.record(tx, Tag.RECORD_READ, "olga", "x" * MAX_ID_CHARS, {}))
    with pytest.raises(InvalidInput) as refused:
        store.write(lambda tx: trail.record(tx, Tag.RECORD_READ, "olga", "x" * (MAX_ID_CHARS + 1), {}))
    assert refused.value.code == "bad_id"
    assert len(kept) == 1
    store.close()
