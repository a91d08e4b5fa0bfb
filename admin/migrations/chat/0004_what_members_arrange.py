"""How members arrange their conversations, and read marks by time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what members arrange; let a process find which marks moved lately."""
    op.create_table(
        "arrangements",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("muted", sa.Integer(), nullable=False),
        sa.Column("favourite", sa.Integer(), nullable=False),
        sa.Column("hidden_cseq", sa.Integer(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "conversation_id"),
    )
    op.create_index("ix_arrangements_at_ms", "arrangements", ["at_ms"])
    op.create_index("ix_marks_at_ms", "marks", ["at_ms"])
