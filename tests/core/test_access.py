"""Each process role opens its own databases and rings, and no other; the database itself says so."""

import itertools
from pathlib import Path

import pytest

from admin.databases import database_of
from admin.migrations import upgrade
from admin.wiring.ground import Ground
from core.access import Database
from core.crypto.rings import HOLDERS, ProcessRole, RingName
from core.errors import Denied
from core.settings import Settings
from core.types import SystemClock

MAY_OPEN = {
    ProcessRole.REALTIME: {Database.CHAT},
    ProcessRole.PAGES: {Database.CHAT},
    ProcessRole.WORKER: set(Database),
    ProcessRole.DESK: {Database.ARCHIVE, Database.KEYSTORE, Database.DESK},
}


@pytest.mark.parametrize(("role", "database"), list(itertools.product(MAY_OPEN, Database)))
def test_a_role_opens_its_databases_and_no_other(
    tmp_path: Path, role: ProcessRole, database: Database
) -> None:
    settings = Settings(home=tmp_path)
    upgrade(database_of(settings, database))
    ground = Ground(settings, role, SystemClock())
    if database in MAY_OPEN[role]:
        ground.store(database).close()
    else:
        with pytest.raises(Denied) as refused:
            ground.store(database)
        assert refused.value.code == "foreign_store"


def test_no_role_holds_both_what_is_said_and_what_opens_the_archive() -> None:
    for role, rings in HOLDERS.items():
        assert not {RingName.CHAT, RingName.DISCOVERY} <= rings, role
