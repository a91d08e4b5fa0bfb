"""The four databases of a house, wherever they are: files beside it, or a PostgreSQL server."""

from admin.databases.embedded import EmbeddedDatabase
from admin.databases.port import PASSWORDS, HousedDatabase
from core.access import Database
from core.settings import Settings

__all__ = ["PASSWORDS", "HousedDatabase", "database_of"]


def database_of(settings: Settings, database: Database) -> HousedDatabase:
    """Return where a database is, by the settings."""
    if settings.database_kind == "postgresql":
        # An embedded house never loads the driver.
        from admin.databases.server import server_database

        return server_database(settings, database)
    return EmbeddedDatabase(database, settings.home / "stores" / f"{database}.db")
