"""Who may sign in, how, and from where they did."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

from core.schema.chat.base import metadata

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("stable_tag", Text, nullable=False, unique=True),
    Column("login_tag", Text, nullable=False, index=True),
    Column("profile", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

credentials = Table(
    "credentials",
    metadata,
    Column("person_id", Text, ForeignKey("people.id"), primary_key=True),
    # The hash of the password, sealed and bound to the person.
    Column("sealed", LargeBinary, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("person_id", Text, ForeignKey("people.id"), nullable=False, index=True),
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

directory_syncs = Table(
    "directory_syncs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    # A sentence about numbers and settings; no names.
    Column("reason", Text, nullable=False),
    Column("counts", Text, nullable=False),
)
