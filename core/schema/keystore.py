"""The keystore: wrapped keys, legal holds and disposition decisions.

Rows are deleted with ``secure_delete``; that a deleted row can linger in a log or a backup is why
the key above it, a file, dies with the partition.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from core.schema.kinds import GROWING

metadata = MetaData()

pages = Table(
    "pages",
    metadata,
    Column("page_id", Text, primary_key=True),
    Column("partition_id", Text, nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("rid", Text, primary_key=True),
    Column("page_id", Text, nullable=False),
    Column("partition_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("audience_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("data_keys_of_partition", "partition_id", "at_ms"),
    Index("data_keys_of_conversation", "conversation_id", "at_ms"),
)

# An audience is a set of people: a row for each, so that a hold on a person finds its keys.
audiences = Table(
    "audiences",
    metadata,
    Column("audience_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Index("audiences_of_person", "person_id"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("matter_id", Text, nullable=False),
    Column("person_id", Text),
    Column("conversation_id", Text),
    Column("from_ms", BigInteger),
    Column("to_ms", BigInteger),
    Column("reason", LargeBinary, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    Column("released_by", Text),
    Column("released_ms", BigInteger),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("partition_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("condemned_by", Text, nullable=False),
    Column("condemned_ms", BigInteger, nullable=False),
    Column("destroyed_ms", BigInteger),
)

# Trail rows of acts on keys and holds; the desk carries them on to its own outbox.
outbox = Table(
    "outbox",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
