"""The first tables of the keystore database."""

from alembic import op

from core.schema import keystore

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    keystore.metadata.create_all(op.get_bind())
