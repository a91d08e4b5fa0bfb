"""Who may do what to which database: one table, enforced by the database itself.

On SQLite an authorizer asks this table for every statement; on a server the same table is rendered
as grants. A role that is not named for a database cannot open it.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.crypto.rings import ProcessRole


class Database(StrEnum):
    """The four databases. No transaction spans two of them."""

    CHAT = "chat"
    ARCHIVE = "archive"
    KEYSTORE = "keystore"
    DESK = "desk"


_ALL = frozenset({"*"})
_NONE: frozenset[str] = frozenset()

_ALWAYS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
_READABLE_PRAGMAS = frozenset({"data_version", "foreign_keys", "wal_checkpoint"})


@dataclass(frozen=True, slots=True)
class Grant:
    """The tables that a role may read, insert into, update and delete from; ``*`` means all.

    ``columns`` narrows reading of a table to the columns named.
    """

    read: frozenset[str] = _NONE
    insert: frozenset[str] = _NONE
    update: frozenset[str] = _NONE
    delete: frozenset[str] = _NONE
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        """Tell whether the role may change anything at all."""
        return bool(self.insert or self.update or self.delete)

    def may_read(self, table: str, column: str) -> bool:
        """Tell whether ``column`` of ``table`` may be selected."""
        if table in self.columns:
            return column in self.columns[table] or not column
        return self._has(self.read, table)

    def authorizer(self) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
        """Return this grant as an SQLite authorizer callback."""

        def authorize(
            action: int, first: str | None, second: str | None, _database: str | None, _inner: str | None
        ) -> int:
            if action in _ALWAYS:
                return sqlite3.SQLITE_OK
            table = first or ""
            if action == sqlite3.SQLITE_READ:
                allowed = table.startswith("sqlite_") or self.may_read(table, second or "")
            elif action == sqlite3.SQLITE_INSERT:
                allowed = self._has(self.insert, table)
            elif action == sqlite3.SQLITE_UPDATE:
                allowed = self._has(self.update, table)
            elif action == sqlite3.SQLITE_DELETE:
                allowed = self._has(self.delete, table)
            elif action == sqlite3.SQLITE_PRAGMA:
                allowed = table in _READABLE_PRAGMAS
            else:
                allowed = False
            return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

        return authorize

    @staticmethod
    def _has(tables: frozenset[str], table: str) -> bool:
        return "*" in tables or table in tables


_EVERYTHING = Grant(read=_ALL, insert=_ALL, update=_ALL, delete=_ALL)

GRANTS: Mapping[tuple[ProcessRole, Database], Grant] = {
    (ProcessRole.REALTIME, Database.CHAT): _EVERYTHING,
    (ProcessRole.PAGES, Database.CHAT): _EVERYTHING,
    (ProcessRole.WORKER, Database.CHAT): _EVERYTHING,
    (ProcessRole.WORKER, Database.ARCHIVE): Grant(
        read=frozenset(
            {
                "partitions",
                "ledger_entries",
                "leases",
                "index_generations",
                "dropping",
                "dropped_leaves",
                "blob_references",
                "alembic_version",
            }
        ),
        insert=frozenset(
            {
                "partitions",
                "records",
                "vocabulary",
                "index_generations",
                "ledger_entries",
                "leases",
                "dropping",
                "dropped_leaves",
                "blob_references",
            }
        ),
        update=frozenset({"leases"}),
        # Only to drop a partition as a whole, on a signed job; triggers refuse anything else.
        delete=frozenset({"records", "vocabulary", "index_generations", "partitions", "blob_references"}),
        columns={
            "records": frozenset(
                {
                    "rid",
                    "item_id",
                    "version",
                    "partition_id",
                    "generation",
                    "ciphertext_hash",
                    "leaf_index",
                    "at_ms",
                    "conversation_id",
                    "cseq",
                    "stop_seq",
                    "indexable",
                }
            ),
            "vocabulary": frozenset({"partition_id", "generation"}),
        },
    ),
    (ProcessRole.WORKER, Database.KEYSTORE): Grant(
        read=frozenset({"alembic_version"}),
        insert=frozenset({"pages", "data_keys", "audiences", "retention_reports"}),
        # INSERT OR IGNORE of an interned audience needs to see the key.
        columns={
            "audiences": frozenset({"audience_id"}),
            "data_keys": frozenset({"rid"}),
            "pages": frozenset({"page_id"}),
        },
    ),
    (ProcessRole.WORKER, Database.DESK): Grant(
        read=frozenset(
            {"offers", "jobs", "outbox", "leases", "alembic_version", "candidates", "proposals", "queue"}
        ),
        insert=frozenset({"candidates", "proposals", "queue", "jobs", "reports"}),
        update=frozenset({"candidates", "proposals", "queue", "jobs"}),
        delete=frozenset({"outbox", "candidates"}),
    ),
    (ProcessRole.DESK, Database.ARCHIVE): Grant(read=_ALL),
    (ProcessRole.DESK, Database.KEYSTORE): _EVERYTHING,
    (ProcessRole.DESK, Database.DESK): _EVERYTHING,
}


def grant_for(role: ProcessRole, database: Database) -> Grant | None:
    """Return what ``role`` may do to ``database``; None means that it may not even open it."""
    return GRANTS.get((role, database))
