"""Migrations of the four databases: Alembic, configured in code, one line of versions each."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from core.access import Database
from core.sqlite import create_file

_HERE = Path(__file__).parent


def head(database: Database) -> str:
    """Return the newest revision of a database's line."""
    revision = _scripts(database).get_current_head()
    assert revision is not None
    return revision


def current(path: Path) -> str | None:
    """Return the revision at which a database file stands; None for an empty or absent one."""
    if not path.exists():
        return None
    with _connect(path) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, path: Path) -> str:
    """Bring a database file to the newest revision, creating it if needed; return that revision."""
    create_file(path)
    scripts = _scripts(database)
    target = head(database)
    with (
        _connect(path) as connection,
        EnvironmentContext(
            Config(), scripts, fn=lambda revision, _: scripts._upgrade_revs(target, revision)
        ) as environment,
    ):
        environment.configure(connection=connection, transactional_ddl=True)
        with connection.begin(), environment.begin_transaction():
            environment.run_migrations()
    return target


def _scripts(database: Database) -> ScriptDirectory:
    return ScriptDirectory(str(_HERE), version_locations=[str(_HERE / database)])


def _connect(path: Path) -> Connection:
    return create_engine(f"sqlite:///{path}", poolclass=NullPool).connect()
