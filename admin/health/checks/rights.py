"""What a PostgreSQL server lets the roles of a house do beyond what it should."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import text

from admin.health.lines import HealthLine, ok, red
from core.access import Database, Grant, grant_for
from core.crypto.rings import ProcessRole
from core.store import Statement, Store

# Rights count from wherever they come: given to the role, to PUBLIC, to a role that it is a member of; and
# those on a single column like those on its table.
_HAD: Final = Statement(
    text(
        "SELECT p.privilege, c.relname AS name, a.attname AS attribute FROM pg_roles r, pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,"
        " (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) p(privilege)"
        " WHERE r.rolname = :role AND n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND CASE WHEN p.privilege IN ('SELECT', 'INSERT', 'UPDATE')"
        " THEN has_column_privilege(r.oid, c.oid, a.attnum, p.privilege)"
        " ELSE has_table_privilege(r.oid, c.oid, p.privilege) END ORDER BY p.privilege, c.relname"
    )
)
_SHOWN: Final = 4


def rights_line(store: Store, prefix: str, roles: Collection[ProcessRole], database: Database) -> HealthLine:
    """Return whether ``roles`` may do to an open database what they should, and nothing beyond."""
    name = f"{database} rights"
    beyond = [
        f"{prefix}_{role} {privilege} {table}"
        for role in roles
        for privilege, table in _beyond(store, f"{prefix}_{role}", grant_for(role, database) or Grant())
    ]
    if not beyond:
        return ok(name, f"{' and '.join(f'{prefix}_{role}' for role in roles)} may do just what they should.")
    more = f" and {len(beyond) - _SHOWN} more" if len(beyond) > _SHOWN else ""
    step = (
        "`chancery db upgrade` gives each role its rights anew. What PUBLIC may, or a role that these are "
        "members of, take away yourself; no role of the house is a superuser."
    )
    return red(name, f"More than it should be: {', '.join(beyond[:_SHOWN])}{more}.", step)


def _beyond(store: Store, role: str, grant: Grant) -> Collection[tuple[str, str]]:
    changes = {"INSERT": grant.insert, "UPDATE": grant.update, "DELETE": grant.delete}
    beyond: dict[tuple[str, str], None] = {}
    for row in store.read(lambda tx: tx.rows(_HAD, role=role)):
        tables = changes.get(row.privilege, frozenset())
        may = row.name in tables or "*" in tables
        if row.privilege == "SELECT":
            may = grant.may_read(row.name, row.attribute)
        if not may:
            beyond[row.privilege, row.name] = None
    return beyond
