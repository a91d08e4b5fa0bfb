"""Hashes of passwords under seal, and everybody's state bound to their profile.

What earlier builds wrote cannot be sealed here, where no key is; there was no release of them.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the sealed hash in the place of the hash."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM people LIMIT 1")).first():
        raise CommandError("the chat store has people of a build before 0.1")
    op.drop_table("credentials")
    op.create_table(
        "credentials",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.execute("DELETE FROM sessions")
