"""A channel carries a keyed tag of its name, so that no other takes the same."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the tags; whoever has the key fills them in."""
    op.add_column("conversations", sa.Column("name_tag", sa.Text))
    op.create_index("conversations_by_name_tag", "conversations", ["name_tag"])
    public = sa.text("kind = 'public'")
    op.create_index(
        "public_names",
        "conversations",
        ["name_tag"],
        unique=True,
        sqlite_where=public,
        postgresql_where=public,
    )
