"""A PostgreSQL server as Chancery uses it: names of databases and roles, who may do what, the owner's way in.

A house has four databases and five roles, all of one prefix: ``chancery_chat`` … and
``chancery_realtime`` …, besides ``chancery_owner``, which owns the tables, migrates them, and is used
by nothing that serves people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import make_dsn
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from core.access import GRANTS, Database, Grant
from core.crypto.rings import ProcessRole
from core.errors import Unavailable
from core.postgres.store import CONNECT_TIMEOUT_S

OWNER = "owner"


def connection_string(url: str, *, database: str, user: str, password: str | None) -> str:
    """Return ``url`` completed for one database and role.

    Raises:
        ValueError: ``url`` is no connection string of libpq.
    """
    given: dict[str, Any] = {"dbname": database, "user": user}
    if password is not None:
        given["password"] = password
    try:
        return make_dsn(url, connect_timeout=CONNECT_TIMEOUT_S, **given)
    except psycopg2.ProgrammingError as error:
        raise ValueError(str(error).strip()) from error


def owner_connection(dsn: str, database: str) -> Connection:
    """Return a connection for migrations.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    engine = create_engine(
        "postgresql+psycopg2://", creator=lambda: connect(dsn, database), poolclass=NullPool
    )
    return engine.connect()


def create_databases(admin_url: str, prefix: str, passwords: Mapping[str, str | None]) -> None:
    """Make what is missing of a house's roles and databases, as an administrator of the server.

    ``passwords`` has a password for each role, or None for one that signs in by who it is on the
    machine (https://www.postgresql.org/docs/15/auth-peer.html). May be repeated.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    with closing(connect(admin_url, "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role, password in passwords.items():
                _make_role(cursor, f"{prefix}_{role}", password)
            for database in Database:
                _make_database(cursor, prefix, database)


def settle_grants(dsn: str, prefix: str, database: Database) -> None:
    """Give each role what :data:`core.access.GRANTS` says about ``database``, and no more.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    with closing(connect(dsn, database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted(row[0] for row in cursor.fetchall())
        for role in ProcessRole:
            name = sql.Identifier(f"{prefix}_{role}")
            for what in ("TABLES", "SEQUENCES"):
                cursor.execute(sql.SQL(f"REVOKE ALL ON ALL {what} IN SCHEMA public FROM {{}}").format(name))
            grant = GRANTS.get((role, database))
            if grant is not None:
                for statement in _grants(grant, tables):
                    cursor.execute(statement.format(name))


def clear(dsn: str, database: str) -> None:
    """Remove every table of a database.

    Raises:
        Unavailable: ``store_unavailable``.
    """
    with closing(connect(dsn, database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
        cursor.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _grants(grant: Grant, tables: Sequence[str]) -> Iterator[sql.SQL]:
    """Yield the statements of one grant; ``{}`` stands for the role."""
    for verb, allowed in (("INSERT", grant.insert), ("UPDATE", grant.update), ("DELETE", grant.delete)):
        if chosen := _chosen(allowed, tables):
            yield sql.SQL(f"GRANT {verb} ON {chosen} TO {{}}")
    if chosen := _chosen(grant.read, [table for table in tables if table not in grant.columns]):
        yield sql.SQL(f"GRANT SELECT ON {chosen} TO {{}}")
    for table, columns in grant.columns.items():
        yield sql.SQL(f'GRANT SELECT ({", ".join(sorted(columns))}) ON "{table}" TO {{}}')
    if grant.insert:
        yield sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}")


def _chosen(allowed: Iterable[str], tables: Sequence[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables if "*" in allowed or table in allowed)


def _make_role(cursor: Any, name: str, password: str | None) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    role = sql.Identifier(name)
    cursor.execute(sql.SQL(verb + " ROLE {} LOGIN NOCREATEDB NOCREATEROLE").format(role))
    if password is not None:
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))


def _make_database(cursor: Any, prefix: str, database: Database) -> None:
    """Make a database that only the roles entitled to it may connect to, and that sorts as SQLite does."""
    name, owner = sql.Identifier(f"{prefix}_{database}"), sql.Identifier(f"{prefix}_{OWNER}")
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (f"{prefix}_{database}",))
    if not cursor.fetchone():
        cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(
                name, owner
            )
        )
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for role, entitled in GRANTS:
        if entitled is database:
            user = sql.Identifier(f"{prefix}_{role}")
            cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, user))


def connect(dsn: str, database: str) -> Any:
    """Return a connection of the driver. Raises Unavailable ``store_unavailable``."""
    try:
        return psycopg2.connect(dsn)
    except psycopg2.OperationalError as error:
        said = str(error).strip().partition("\n")[0]
        raise Unavailable(
            f"The {database} database cannot be reached ({said}). Look at the PostgreSQL server and at "
            "postgresql.url; `chancery db create` makes databases and roles.",
            code="store_unavailable",
            store=database,
        ) from error
