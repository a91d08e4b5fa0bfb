"""Who follows which thread; whoever replied in one before follows it, as read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create followers, and enter who replied or began a thread before."""
    op.create_table(
        "thread_followers",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("root_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("following", sa.Integer(), nullable=False),
        sa.Column("read_cseq", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "root_id"),
    )
    op.create_index("ix_thread_followers_at_ms", "thread_followers", ["at_ms"])
    op.create_index("followers_of_thread", "thread_followers", ["root_id"])
    op.execute(
        "INSERT INTO thread_followers (person_id, root_id, conversation_id, following, read_cseq, at_ms) "
        "SELECT one.person_id, one.root_id, one.conversation_id, 1, c.cseq, 0 FROM ("
        " SELECT sender_id AS person_id, thread_root AS root_id, conversation_id FROM items"
        "  WHERE thread_root IS NOT NULL AND created_cseq IS NOT NULL"
        " UNION"
        " SELECT root.sender_id, root.id, root.conversation_id FROM items root"
        "  JOIN items reply ON reply.thread_root = root.id AND reply.created_cseq IS NOT NULL"
        ") one JOIN conversations c ON c.id = one.conversation_id"
    )
