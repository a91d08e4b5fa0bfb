"""Conversations, who is in them, what is said there and how it was decided."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from core.schema.chat.base import metadata, some
from core.schema.kinds import GROWING

SAID_AGAIN: Final = "kind in ('edit', 'release', 'check', 'restore')"
"""Versions that say something besides the first; written as their index has it, and for whoever uses that."""

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
    # A keyed tag of an open channel's name, folded.
    Column("name_tag", Text),
    Index("conversations_by_name_tag", "name_tag"),
    some("public_names", "name_tag", where="kind = 'public'", unique=True),
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
    some("one_live_membership", "conversation_id", "person_id", where="left_ms IS NULL", unique=True),
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
    some("items_of_thread", "thread_root", "created_cseq", where="thread_root IS NOT NULL"),
    some("items_waiting", "state", "expires_ms", where="expires_ms IS NOT NULL"),
    some("items_stopped", "conversation_id", "sender_id", "created_ms", where="created_cseq IS NULL"),
    Index("items_of_sender", "conversation_id", "sender_id", "created_cseq"),
    some("items_recalled", "sender_id", where="state = 'recalled'"),
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
    some("versions_decided", "at_ms", where="kind in ('release', 'reject')"),
    # Texts that were said again, later than their message was written: few, and each counts for a
    # number that is split over several texts.
    some("versions_said_again", "conversation_id", "at_ms", where=SAID_AGAIN),
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
