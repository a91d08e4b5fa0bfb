"""Which blobs the records of a partition refer to, so that they go with the last of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSED = "the archive is insert only"
_WHOLE = "EXISTS (SELECT 1 FROM dropping WHERE partition_id = OLD.partition_id)"


def upgrade() -> None:
    """Add the table, guarded like the others."""
    op.create_table(
        "blob_references",
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("blob_id", "partition_id"),
    )
    op.create_index("blob_references_of_partition", "blob_references", ["partition_id"])
    guard = {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}[op.get_bind().dialect.name]
    for statement in guard():
        op.execute(statement)


def _guard_sqlite() -> list[str]:
    return [
        (
            "CREATE TRIGGER blob_references_no_update BEFORE UPDATE ON blob_references "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        ),
        (
            "CREATE TRIGGER blob_references_no_delete BEFORE DELETE ON blob_references "
            f"WHEN NOT {_WHOLE} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        ),
    ]


def _guard_postgresql() -> list[str]:
    # The functions are those of the first migration.
    return [
        (
            "CREATE TRIGGER blob_references_no_update BEFORE UPDATE ON blob_references "
            "FOR EACH ROW EXECUTE FUNCTION insert_only()"
        ),
        (
            "CREATE TRIGGER blob_references_no_delete BEFORE DELETE ON blob_references "
            "FOR EACH ROW EXECUTE FUNCTION dropped_whole()"
        ),
        (
            "CREATE TRIGGER blob_references_no_truncate BEFORE TRUNCATE ON blob_references "
            "EXECUTE FUNCTION insert_only()"
        ),
    ]
