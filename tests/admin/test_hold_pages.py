"""What the page of holds asks of the keystore."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from admin.wiring.desk_pages.holds import last_record
from core.access import Database
from core.schema.keystore import data_keys
from core.store import Statement, Store
from tests.factories.steps import steps_of
from tests.factories.stores import empty_store


@pytest.mark.embedded
def test_the_newest_record_of_a_long_conversation_is_found_as_fast_as_of_a_short_one(tmp_path: Path) -> None:
    store = empty_store(tmp_path, Database.KEYSTORE)
    keep(store, "short", 10)
    keep(store, "long", 3_000)
    assert store.read(lambda tx: last_record(tx, "long")) == "long-2999"
    short, long = (
        store.read(lambda tx, room=room: steps_of(tx, lambda tx: last_record(tx, room)))  # type: ignore[misc]
        for room in ("short", "long")
    )
    assert long == pytest.approx(short, rel=0.1, abs=20)
    store.close()


def keep(store: Store, conversation: str, records: int) -> None:
    """Keep keys of records of a conversation, one a millisecond."""
    rows = [
        {
            "rid": f"{conversation}-{at}", "page_id": "page", "partition_id": "2026-03-public", "wrapped": b"",
            "conversation_id": conversation, "audience_id": "all", "at_ms": at,
        }
        for at in range(records)
    ]  # fmt: skip
    store.write(lambda tx: tx.run_many(Statement(insert(data_keys)), rows))
