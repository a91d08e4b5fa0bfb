"""Files that people send, and the blobs they lie in."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from core.schema.chat.base import metadata

files = Table(
    "files",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("conversation_id", Text, ForeignKey("conversations.id"), nullable=False),
    # The message that carries it, or the scheduled one that will; until then there is none.
    Column("item_id", Text),
    Column("position", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("month", Text, nullable=False),
    # Its name, the keys of its blobs and what was found in it: sealed under the month's key.
    Column("sealed", LargeBinary),
    Column("created_ms", BigInteger, nullable=False),
    Column("touched_ms", BigInteger, nullable=False),
    Index("one_file_a_request", "owner_id", "client_id", unique=True),
    Index("files_of_item", "item_id"),
    Index("files_of_conversation", "conversation_id", "created_ms"),
    Index("files_by_state", "state", "touched_ms"),
    Index("files_of_owner", "owner_id", "created_ms"),
)

# Which blobs there are for a file, so that they can be removed when its keys are gone. A forwarded file is
# another one over the same bytes.
file_blobs = Table(
    "file_blobs",
    metadata,
    Column("blob_id", Text, primary_key=True),
    Column("file_id", Text, primary_key=True, index=True),
    Column("role", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)
