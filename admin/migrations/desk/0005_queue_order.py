"""Indexes of the release queue by time: its pages show what ended last, and how long deciding usually takes."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_index("queue_by_time", "queue", ["since_ms"])
    op.create_index("queue_by_decision", "queue", ["decided_ms"])
