"""The first tables of the chat database."""

from alembic import op

from core.schema import chat

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    chat.metadata.create_all(op.get_bind())
