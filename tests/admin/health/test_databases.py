"""Databases on a PostgreSQL server: what a role may do too much, and what was made and not set up, is named."""

import shutil
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from admin.databases import PASSWORDS
from admin.databases.server import create_databases
from admin.health.checks.rights import rights_line
from admin.health.checks.worker import check
from admin.health.lines import HealthLine, HealthState
from admin.health.report import report
from core.access import GRANTS, Database
from core.crypto.rings import ProcessRole
from core.settings import Settings
from core.types import SystemClock
from tests.services.postgresql import Postgresql, PostgresqlMaker

pytestmark = pytest.mark.services


@pytest.mark.parametrize(("role", "database"), GRANTS)
def test_a_fresh_server_gives_each_role_just_its_rights(
    made: "Made", role: ProcessRole, database: Database
) -> None:
    line = made.look(role, database)
    assert line.state is HealthState.OK, line


@pytest.mark.parametrize("to", ["{role}", "PUBLIC"])
def test_a_right_too_many_is_named_from_wherever_it_comes(made: "Made", to: str) -> None:
    made.change(Database.ARCHIVE, f"GRANT UPDATE ON records TO {to}")
    line = made.look(ProcessRole.WORKER, Database.ARCHIVE)
    assert line.state is HealthState.RED
    assert "_worker UPDATE records" in line.says
    assert "chancery db upgrade" in line.next_step


def test_a_right_on_a_single_column_is_named_too(made: "Made") -> None:
    for right in ("UPDATE", "SELECT"):
        made.change(Database.ARCHIVE, f"GRANT {right} (sealed) ON records TO {{role}}")
        assert f"_worker {right} records" in made.look(ProcessRole.WORKER, Database.ARCHIVE).says


def test_settling_the_rights_takes_it_away(made: "Made") -> None:
    made.change(Database.ARCHIVE, "GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    assert "and " in made.look(ProcessRole.WORKER, Database.ARCHIVE).says
    made.maker.place(made.folder, Database.ARCHIVE).settle_grants()
    assert made.look(ProcessRole.WORKER, Database.ARCHIVE).state is HealthState.OK


def test_databases_that_were_made_and_not_set_up_are_one_line_each(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        database_kind="postgresql",
        postgresql_url=postgresql.url,
        postgresql_prefix=postgresql.prefix(),
    )
    create_databases(settings, postgresql.admin_url, passwords=True)
    lines = {line["name"]: line for line in check(settings, {})["lines"]}
    for database in (Database.ARCHIVE, Database.KEYSTORE, Database.DESK):
        assert lines[f"{database} database"]["state"] == "red"
        assert "chancery init" in lines[f"{database} database"]["next_step"]
    for name in ("partition keys", "unarchived messages"):
        assert lines[name]["state"] == "unchecked"
        assert "see there" in lines[name]["says"]


def test_a_machine_of_some_roles_looks_at_their_databases_as_they_do(
    postgresql_maker: PostgresqlMaker,
) -> None:
    folder = postgresql_maker.settings.keys_dir / PASSWORDS
    aside = folder.with_name("aside")
    folder.rename(aside)
    try:
        folder.mkdir(mode=0o700)
        shutil.copy(aside / ProcessRole.PAGES, folder)
        lines = {line.name: line for line in report(postgresql_maker.settings, SystemClock().now())}
    finally:
        shutil.rmtree(folder)
        aside.rename(folder)
    assert lines["chat database"].state is HealthState.OK
    for database in (Database.ARCHIVE, Database.KEYSTORE, Database.DESK):
        assert lines[f"{database} database"].state is HealthState.UNCHECKED


class Made:
    """Databases of one test on the server."""

    def __init__(self, server: Postgresql, maker: PostgresqlMaker, folder: Path) -> None:
        self.server, self.maker, self.folder = server, maker, folder
        for database in Database:
            maker.fill(folder, database)

    def look(self, role: ProcessRole, database: Database) -> HealthLine:
        prefix = self.maker.place(self.folder, database).prefix
        with closing(self.maker.open(self.folder, database, GRANTS[role, database])) as store:
            return rights_line(store, prefix, (role,), database)

    def change(self, database: Database, statement: str) -> None:
        """Do what an administrator of the server does."""
        place = self.maker.place(self.folder, database)
        address = self.server.admin_url.rsplit("/", 1)[0]
        with closing(psycopg2.connect(f"{address}/{place.database}")) as connection, connection:
            connection.cursor().execute(statement.format(role=f"{place.prefix}_worker"))


@pytest.fixture
def made(postgresql: Postgresql, postgresql_maker: PostgresqlMaker, tmp_path: Path) -> Made:
    return Made(postgresql, postgresql_maker, tmp_path)
