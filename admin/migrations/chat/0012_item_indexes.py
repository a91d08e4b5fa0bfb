"""Indexes of items that hold only what is looked for: replies, what was stopped, what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them anew; a page of history no longer mistakes all that is no reply for one thread."""
    op.drop_index("items_of_thread", "items")
    op.drop_index("items_waiting", "items")
    _some("items_of_thread", ["thread_root", "created_cseq"], "thread_root IS NOT NULL")
    _some("items_waiting", ["state", "expires_ms"], "expires_ms IS NOT NULL")
    _some("items_stopped", ["conversation_id", "sender_id", "created_ms"], "created_cseq IS NULL")


def _some(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "items", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
