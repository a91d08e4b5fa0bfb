"""What the demo's steps stand on: faster commits, the same walls."""

from pathlib import Path

import pytest

from admin.databases import database_of
from admin.demo.ground import BuildingGround
from admin.migrations import upgrade
from admin.wiring.ground import Ground
from core.access import Database
from core.crypto.rings import ProcessRole
from core.errors import Denied
from core.settings import Settings
from core.sqlite import SqliteStore
from core.store import Tx
from core.types import SystemClock


def test_a_building_site_opens_no_store_of_another_role(chat_store: Settings) -> None:
    with pytest.raises(Denied) as refused:
        BuildingGround(chat_store, ProcessRole.PAGES, SystemClock()).store(Database.ARCHIVE)
    assert refused.value.code == "foreign_store"


def test_a_store_forces_every_commit_to_disk_unless_it_is_being_built(chat_store: Settings) -> None:
    path = chat_store.home / "stores" / "chat.db"
    assert _synchronous(SqliteStore("chat", path)) == FULL
    assert _synchronous(SqliteStore("chat", path).without_sync()) == OFF


def test_only_a_house_in_use_is_spared_while_it_is_written(chat_store: Settings) -> None:
    assert Ground(chat_store, ProcessRole.WORKER, SystemClock()).is_in_use
    assert not BuildingGround(chat_store, ProcessRole.WORKER, SystemClock()).is_in_use


OFF, FULL = 0, 2


@pytest.fixture
def chat_store(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    upgrade(database_of(settings, Database.CHAT))
    return settings


def _synchronous(store: SqliteStore) -> int:
    """Return https://www.sqlite.org/pragma.html#pragma_synchronous of a writing connection."""
    try:
        return store.write(_asked)
    finally:
        store.close()


def _asked(tx: Tx) -> int:
    # The pragma is no statement of Core; ask the driver.
    return int(tx._connection.execute("PRAGMA synchronous").fetchone()[0])
