"""The first tables of the archive database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSERT_ONLY = (
    "CREATE TRIGGER partitions_no_update BEFORE UPDATE ON partitions BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER partitions_no_delete BEFORE DELETE ON partitions WHEN NOT EXISTS (SELECT 1 FROM dropping WHERE partition_id = OLD.partition_id) BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER records_no_update BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER records_no_delete BEFORE DELETE ON records WHEN NOT EXISTS (SELECT 1 FROM dropping WHERE partition_id = OLD.partition_id) BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER vocabulary_no_update BEFORE UPDATE ON vocabulary BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER vocabulary_no_delete BEFORE DELETE ON vocabulary WHEN NOT EXISTS (SELECT 1 FROM dropping WHERE partition_id = OLD.partition_id) BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER index_generations_no_update BEFORE UPDATE ON index_generations BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER index_generations_no_delete BEFORE DELETE ON index_generations WHEN NOT EXISTS (SELECT 1 FROM dropping WHERE partition_id = OLD.partition_id) BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER dropped_leaves_no_update BEFORE UPDATE ON dropped_leaves BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
    "CREATE TRIGGER dropped_leaves_no_delete BEFORE DELETE ON dropped_leaves BEGIN SELECT RAISE(ABORT, 'the archive is insert only'); END",
)


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "dropped_leaves",
        sa.Column("leaf_index", sa.Integer(), nullable=False),
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
        sa.Column("seq", sa.Integer(), nullable=False),
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
        sa.Column("leaf_index", sa.Integer(), nullable=False),
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
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partition_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("vocabulary_of_partition", "vocabulary", ["partition_id", "generation"])
    for trigger in _INSERT_ONLY:
        op.execute(trigger)
