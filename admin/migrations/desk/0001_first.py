"""The first tables of the desk database."""

from alembic import op

from core.schema import desk

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    desk.metadata.create_all(op.get_bind())
