"""A blob may be of several files: a forwarded file is another one over the same bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a blob be noted once for each file."""
    op.drop_index("ix_file_blobs_file_id", "file_blobs")
    op.rename_table("file_blobs", "file_blobs_before")
    op.create_table(
        "file_blobs",
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("blob_id", "file_id"),
    )
    op.execute(
        "INSERT INTO file_blobs (blob_id, file_id, role, size)"
        " SELECT blob_id, file_id, role, size FROM file_blobs_before"
    )
    op.drop_table("file_blobs_before")
    op.create_index("ix_file_blobs_file_id", "file_blobs", ["file_id"])
