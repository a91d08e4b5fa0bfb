"""The archive: sealed records and vocabulary, ledger entries. Insert only.

Triggers refuse every change and every deletion, except of a partition that is being dropped as a
whole after its last key was destroyed (it is named in ``dropping`` first).
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from core.schema.kinds import GROWING

metadata = MetaData()

partitions = Table(
    "partitions",
    metadata,
    Column("partition_id", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("month", Text, nullable=False),
    Column("retention_class", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("offer", LargeBinary, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("rid", Text, primary_key=True),
    Column("partition_id", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("page_id", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("cseq", Integer),
    Column("stop_seq", Integer),
    Column("kind", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("ciphertext_hash", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("leaf_index", GROWING, nullable=False),
    Column("indexable", Integer, nullable=False),
    Index("one_record_a_version", "item_id", "version", unique=True),
    Index("records_of_partition", "partition_id", "at_ms"),
    Index("records_of_conversation", "conversation_id", "at_ms"),
    Index(
        "records_not_indexable",
        "partition_id",
        sqlite_where=text("indexable = 0"),
        postgresql_where=text("indexable = 0"),
    ),
)

vocabulary = Table(
    "vocabulary",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("partition_id", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("vocabulary_of_partition", "partition_id", "generation"),
)

# Which generation of a partition's index is being built or live; without a row the first is live.
index_generations = Table(
    "index_generations",
    metadata,
    Column("partition_id", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("log", Text, primary_key=True),
    Column("seq", GROWING, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

# Which blobs (files that people sent) the records of a partition refer to.
blob_references = Table(
    "blob_references",
    metadata,
    Column("blob_id", Text, primary_key=True),
    Column("partition_id", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Index("blob_references_of_partition", "partition_id"),
)

dropping = Table(
    "dropping",
    metadata,
    Column("partition_id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
)

# Leaves of the archive log whose records were destroyed with their partition: their account.
dropped_leaves = Table(
    "dropped_leaves",
    metadata,
    Column("leaf_index", GROWING, primary_key=True),
    Column("partition_id", Text, nullable=False, index=True),
)
