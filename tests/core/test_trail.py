"""Acts are numbered without a hole, so that a hole means that somebody took a row away."""

from pathlib import Path

import orjson
import pytest

from core.access import Database
from core.errors import Denied
from core.store import Tx
from core.trail import Tag, Trail
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
