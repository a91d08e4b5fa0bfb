"""Keys, policies as enforced, and what waits for the worker."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from core.schema.chat.base import metadata
from core.schema.kinds import GROWING

chat_keys = Table(
    "chat_keys",
    metadata,
    Column("conversation_id", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("retention_class", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

owner_keys = Table(
    "owner_keys",
    metadata,
    Column("owner_id", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

bundles = Table(
    "bundles",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("predecessor", Text, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("reason", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("retention_class", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("progress", Text, nullable=False),
    Column("owner", Text),
    Column("until_ms", BigInteger),
    Column("fence", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("jobs_ready", "state", "not_before_ms"),
)
