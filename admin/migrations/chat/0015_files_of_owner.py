"""An index of files by who added them and when: how many somebody adds in a minute is bounded."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_index("files_of_owner", "files", ["owner_id", "created_ms"])
