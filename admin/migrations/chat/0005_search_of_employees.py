"""What the employees' search index has not taken yet: everything, to begin with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# 64 bits everywhere; on SQLite only INTEGER numbers rows by itself.
_GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table, and have every message of the chat indexed."""
    op.create_table(
        "unindexed",
        sa.Column("id", _GROWING, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("unindexed_by_part", "unindexed", ["month", "kind", "id"])
    op.create_index("unindexed_of_conversation", "unindexed", ["conversation_id"])
    op.execute(
        "INSERT INTO unindexed (item_id, conversation_id, month, kind, at_ms) "
        "SELECT i.id, i.conversation_id, i.month, c.kind, i.created_ms "
        "FROM items i JOIN conversations c ON c.id = i.conversation_id "
        "WHERE i.type = 'message' AND i.created_cseq IS NOT NULL"
    )
