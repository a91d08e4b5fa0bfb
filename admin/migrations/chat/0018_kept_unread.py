"""Who read a conversation may keep it as unread from a message on, until they read it again."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep from where on, beside how far was read."""
    op.add_column("marks", sa.Column("unread_cseq", sa.Integer))
