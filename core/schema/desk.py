"""The desk store: officers and what they decide; people and proposals as mirrored by the worker."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from core.schema.kinds import GROWING

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# -- officers ------------------------------------------------------------------------------------

# Mirrored by the worker: people whom the directory names for a desk role, and everybody's names
# as the desk needs them. ``letter`` is sealed to the desk's mailbox key.
candidates = Table(
    "candidates",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("letter", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# What an account is stands sealed in ``account``, bound to the columns before it.
officers = Table(
    "officers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False, unique=True),
    Column("login_tag", Text, nullable=False, unique=True),
    Column("code_tag", Text, unique=True, index=True),
    Column("account", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("person_id", Text, nullable=False, index=True),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("revoked_ms", BigInteger),
)

# How a person wants their screens.
preferences = Table(
    "preferences",
    metadata,
    Column("owner_id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False, index=True),
)

throttles = Table(
    "throttles",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

# -- matters and searches ------------------------------------------------------------------------

matters = Table(
    "matters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("purpose", LargeBinary, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
)

matter_officers = Table(
    "matter_officers",
    metadata,
    Column("matter_id", Text, ForeignKey("matters.id"), primary_key=True),
    Column("officer_id", Text, ForeignKey("officers.id"), primary_key=True),
    Column("added_by", Text, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
)

# A search is kept so that a link carries its id, never its words.
searches = Table(
    "searches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("matter_id", Text, nullable=False),
    Column("officer_id", Text, nullable=False),
    Column("query", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# -- decisions -----------------------------------------------------------------------------------

queue = Table(
    "queue",
    metadata,
    Column("item_id", Text, primary_key=True),
    Column("conversation_id", Text, nullable=False),
    Column("rid", Text, nullable=False),
    Column("stop_seq", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("decided_by", Text),
    Column("decided_ms", BigInteger),
    Column("outcome", Text),
    Index("queue_by_state", "state", "since_ms"),
    Index("queue_by_time", "since_ms"),
    Index("queue_by_decision", "decided_ms"),
)

# Recalls and restores of delivered messages, and the job that carries each.
recalls = Table(
    "recalls",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("item_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("author_name", LargeBinary, nullable=False),
    Column("reason", LargeBinary, nullable=False),
    Column("predecessor", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_ms", BigInteger),
    Column("at_ms", BigInteger, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("partition_id", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("offer", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# What the worker reports to the desk: partitions that are due, steps that are done, health.
reports = Table(
    "reports",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("log", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# -- the way out ---------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("kind", Text, nullable=False),
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
    Column("signature", LargeBinary),
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
