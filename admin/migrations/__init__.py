"""Migrations of the four databases: Alembic, configured in code, one line of versions each."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from admin.databases import HousedDatabase
from admin.databases.revision import head
from core.access import Database

__all__ = ["current", "head", "upgrade"]

_HERE = Path(__file__).parent


def knows(database: Database, revision: str) -> bool:
    """Tell whether a revision is in a database's line, so that it can be brought to the newest."""
    return revision in {script.revision for script in _scripts(database).walk_revisions()}


def current(database: HousedDatabase) -> str | None:
    """Return the revision at which a database stands; None for an empty or absent one."""
    if not database.is_there():
        return None
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: HousedDatabase) -> str:
    """Bring a database to the newest revision, creating it if needed; return that revision."""
    database.make()
    scripts = _scripts(database.name)
    target = head(database.name)
    with (
        database.connect() as connection,
        EnvironmentContext(
            Config(), scripts, fn=lambda revision, _: scripts._upgrade_revs(target, revision)
        ) as environment,
    ):
        environment.configure(connection=connection, transactional_ddl=True)
        with connection.begin(), environment.begin_transaction():
            environment.run_migrations()
    database.settle_grants()
    return target


def _scripts(database: Database) -> ScriptDirectory:
    return ScriptDirectory(str(_HERE), version_locations=[str(_HERE / database)])
