"""A copy of a server's database needs the server's tools; what is wrong with them is said."""

from pathlib import Path

import pytest

from core.access import Database
from core.errors import Unavailable
from core.postgres import server
from core.postgres.copy import ServerSnapshot, put_dump
from tests.services.postgresql import PostgresqlMaker

pytestmark = pytest.mark.services

OLD = "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n"
BROKEN = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 99.1' && exit\necho 'no space left' >&2\nexit 1\n"


@pytest.mark.parametrize(
    ("script", "code"), [("", "tool_missing"), (OLD, "tool_too_old"), (BROKEN, "tool_failed")]
)
def test_a_tool_that_cannot_do_it_is_named(dsn: str, tmp_path: Path, script: str, code: str) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for tool in ("pg_dump", "pg_restore") if script else ():
        (programs / tool).write_text(script)
        (programs / tool).chmod(0o755)
    snapshot = ServerSnapshot(dsn, "chat", programs)
    with pytest.raises(Unavailable) as refused:
        snapshot.copy_to(tmp_path / "chat.dump")
    snapshot.close()
    assert refused.value.code == code
    with pytest.raises(Unavailable) as again:
        put_dump(dsn, "chat", tmp_path / "chat.dump", programs)
    assert again.value.code == code


@pytest.fixture
def dsn(postgresql_maker: PostgresqlMaker, tmp_path: Path) -> str:
    """How the owner of an empty chat store connects."""
    postgresql_maker.fill(tmp_path, Database.CHAT)
    return postgresql_maker.place(tmp_path, Database.CHAT).dsn(server.OWNER)
