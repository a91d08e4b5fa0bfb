"""A sender's messages in the order in which others saw them: a clock may go back, numbers do not."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew."""
    op.drop_index("items_of_sender", "items")
    op.create_index("items_of_sender", "items", ["conversation_id", "sender_id", "created_cseq"])
