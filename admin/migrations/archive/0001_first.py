"""The first tables of the archive database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# 64 bits everywhere; on SQLite only INTEGER numbers rows by itself.
_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_GUARDED = ("partitions", "records", "vocabulary", "index_generations", "ledger_entries", "dropped_leaves")
_FOREVER = ("ledger_entries", "dropped_leaves")
_REFUSED = "the archive is insert only"
_WHOLE = "EXISTS (SELECT 1 FROM dropping WHERE partition_id = OLD.partition_id)"


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "dropped_leaves",
        sa.Column("leaf_index", _GROWING, nullable=False),
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index"),
    )
    op.create_index("ix_dropped_leaves_partition_id", "dropped_leaves", ["partition_id"])
    op.create_table(
        "dropping",
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition_id"),
    )
    op.create_table(
        "index_generations",
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition_id", "generation", "state"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("seq", _GROWING, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "seq"),
    )
    op.create_table(
        "partitions",
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("retention_class", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("offer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition_id", "generation"),
    )
    op.create_table(
        "records",
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("cseq", sa.Integer(), nullable=True),
        sa.Column("stop_seq", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_hash", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_index", _GROWING, nullable=False),
        sa.Column("indexable", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rid"),
    )
    op.create_index("one_record_a_version", "records", ["item_id", "version"], unique=True)
    op.create_index(
        "records_not_indexable",
        "records",
        ["partition_id"],
        sqlite_where=sa.text("indexable = 0"),
        postgresql_where=sa.text("indexable = 0"),
    )
    op.create_index("records_of_conversation", "records", ["conversation_id", "at_ms"])
    op.create_index("records_of_partition", "records", ["partition_id", "at_ms"])
    op.create_table(
        "vocabulary",
        sa.Column("id", _GROWING, nullable=False),
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("vocabulary_of_partition", "vocabulary", ["partition_id", "generation"])
    guard = {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}[op.get_bind().dialect.name]
    for statement in guard():
        op.execute(statement)


def _guard_sqlite() -> list[str]:
    statements = []
    for table in _GUARDED:
        statements.append(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        condition = "" if table in _FOREVER else f"WHEN NOT {_WHOLE} "
        statements.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
    return statements


def _guard_postgresql() -> list[str]:
    statements = [
        _function("insert_only", f"RAISE EXCEPTION '{_REFUSED}';"),
        _function("dropped_whole", f"IF NOT {_WHOLE} THEN RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN OLD;"),
    ]
    for table in _GUARDED:
        drop = "insert_only" if table in _FOREVER else "dropped_whole"
        statements += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION insert_only()",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {drop}()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION insert_only()",
        ]
    return statements


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
