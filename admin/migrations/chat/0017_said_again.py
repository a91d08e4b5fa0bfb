"""An index of texts that were said again, by conversation and time: what a sender lately let others see."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it; of few versions."""
    where = sa.text("kind in ('edit', 'release', 'check', 'restore')")
    op.create_index(
        "versions_said_again",
        "versions",
        ["conversation_id", "at_ms"],
        sqlite_where=where,
        postgresql_where=where,
    )
