"""An index of what was recalled, by whose it was: they are told."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it; of few items."""
    where = sa.text("state = 'recalled'")
    op.create_index("items_recalled", "items", ["sender_id"], sqlite_where=where, postgresql_where=where)
