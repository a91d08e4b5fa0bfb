"""What each person keeps for themselves: how far they read, what they follow, what they say later."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from core.schema.chat.base import metadata

marks = Table(
    "marks",
    metadata,
    Column("conversation_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("cseq", Integer, nullable=False),
    # How far it counts as read for whoever put it back among what is unread.
    Column("unread_cseq", Integer),
    Column("at_ms", BigInteger, nullable=False, index=True),
)

# How each member arranges a conversation for themselves.
arrangements = Table(
    "arrangements",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("conversation_id", Text, primary_key=True),
    Column("muted", Integer, nullable=False),
    Column("favourite", Integer, nullable=False),
    # Hidden for as long as nothing is said after it.
    Column("hidden_cseq", Integer),
    Column("at_ms", BigInteger, nullable=False, index=True),
)

thread_followers = Table(
    "thread_followers",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("root_id", Text, primary_key=True),
    Column("conversation_id", Text, nullable=False),
    # Whoever chose not to follow stays here, so that the next reply does not bring them back.
    Column("following", Integer, nullable=False),
    Column("read_cseq", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Index("followers_of_thread", "root_id"),
)

# What people want to say later; the text is sealed.
scheduled = Table(
    "scheduled",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("item_id", Text),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Index("scheduled_of_person", "person_id", "client_id", unique=True),
    Index("scheduled_due", "state", "due_ms"),
)
