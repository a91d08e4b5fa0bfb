"""The chat store: what people see.

Ids and times stand in the clear; bodies, names, topics and reasons are sealed under chat keys.
``cseq`` counts what people of a conversation see, ``stop_seq`` what was stopped: both gapless.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from core.schema.kinds import GROWING

metadata = MetaData()


def _some(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of those rows only for which ``where`` holds."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# -- people ---------------------------------------------------------------------------------------

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

# -- talk -----------------------------------------------------------------------------------------

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", LargeBinary),
    Column("topic", LargeBinary),
    Column("direct_tag", Text, unique=True),
    Column("created_by", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("revision", Integer, nullable=False),
    Column("cseq", Integer, nullable=False),
    Column("stop_seq", Integer, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("conversation_id", Text, ForeignKey("conversations.id"), nullable=False),
    Column("person_id", Text, ForeignKey("people.id"), nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("joined_ms", BigInteger, nullable=False),
    Column("joined_cseq", Integer, nullable=False),
    Column("left_ms", BigInteger),
    Column("left_cseq", Integer),
    _some("one_live_membership", "conversation_id", "person_id", where="left_ms IS NULL", unique=True),
    Index("memberships_of_person", "person_id", "left_ms"),
)

items = Table(
    "items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_id", Text, ForeignKey("conversations.id"), nullable=False),
    Column("sender_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("thread_root", Text),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_cseq", Integer),
    Column("cseq", Integer),
    Column("stop_seq", Integer),
    Column("expires_ms", BigInteger),
    # What the chat shows of this item now: sealed under the conversation's month key.
    Column("view", LargeBinary),
    Column("month", Text, nullable=False),
    Index("items_by_cseq", "conversation_id", "cseq"),
    Index("items_by_creation", "conversation_id", "created_cseq"),
    # Of few items each. A whole index of threads would hold all that is no reply as one long thread,
    # and pages of history would be looked for there.
    _some("items_of_thread", "thread_root", "created_cseq", where="thread_root IS NOT NULL"),
    _some("items_waiting", "state", "expires_ms", where="expires_ms IS NOT NULL"),
    _some("items_stopped", "conversation_id", "sender_id", "created_ms", where="created_cseq IS NULL"),
    Index("items_of_sender", "conversation_id", "sender_id", "created_ms"),
    _some("items_recalled", "sender_id", where="state = 'recalled'"),
)

versions = Table(
    "versions",
    metadata,
    Column("item_id", Text, ForeignKey("items.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("conversation_id", Text, nullable=False),
    Column("cseq", Integer),
    Column("stop_seq", Integer),
    Column("kind", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary),
    Column("decision_id", Text),
    Index("versions_by_cseq", "conversation_id", "cseq", unique=True),
    Index("versions_by_stop_seq", "conversation_id", "stop_seq", unique=True),
    # By it one learns how long Compliance usually takes.
    _some("versions_decided", "at_ms", where="kind in ('release', 'reject')"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("sender_id", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False, index=True),
)

receipts = Table(
    "receipts",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("item_id", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("surface", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# Decisions that their sender reported as wrong.
reported = Table(
    "reported",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("item_id", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("conversation_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("cseq", Integer, nullable=False),
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

# Which messages are pinned; by whom stands in what the chat shows of them.
pins = Table(
    "pins",
    metadata,
    Column("item_id", Text, ForeignKey("items.id"), primary_key=True),
    Column("conversation_id", Text, nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("conversation_id", Text, primary_key=True),
    Column("cseq", Integer, primary_key=True),
)

# Messages whose words changed and that the employees' search index has not taken as they are now.
unindexed = Table(
    "unindexed",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("item_id", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("unindexed_by_part", "month", "kind", "id"),
    Index("unindexed_of_conversation", "conversation_id"),
    sqlite_autoincrement=True,
)

# -- files ----------------------------------------------------------------------------------------

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

# -- keys that live in the store, wrapped --------------------------------------------------------

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

# -- policies as enforced ------------------------------------------------------------------------

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

# -- the way out ---------------------------------------------------------------------------------

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
