"""The first tables of the archive database."""

from alembic import op

from core.schema import archive

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    archive.metadata.create_all(op.get_bind())
    for trigger in archive.triggers():
        op.execute(trigger)
