"""Keys of a conversation are found by time: the newest tells how it was called last."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew."""
    op.drop_index("data_keys_of_conversation", "data_keys")
    op.create_index("data_keys_of_conversation", "data_keys", ["conversation_id", "at_ms"])
