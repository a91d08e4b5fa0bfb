"""An index of what Compliance decided, by time: senders who wait are told how long it usually takes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it; of few versions."""
    where = sa.text("kind in ('release', 'reject')")
    op.create_index("versions_decided", "versions", ["at_ms"], sqlite_where=where, postgresql_where=where)
