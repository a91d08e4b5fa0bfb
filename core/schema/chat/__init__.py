"""The chat store: what people see.

Ids and times stand in the clear; bodies, names, topics and reasons are sealed under chat keys.
``cseq`` counts what people of a conversation see, ``stop_seq`` what was stopped: both gapless.
"""

from core.schema.chat.attachments import file_blobs, files
from core.schema.chat.base import meta, metadata
from core.schema.chat.identity import credentials, directory_syncs, people, preferences, sessions, throttles
from core.schema.chat.messaging import (
    attempts,
    conversations,
    items,
    memberships,
    mentions,
    pins,
    receipts,
    reported,
    unindexed,
    versions,
)
from core.schema.chat.operations import bundles, chat_keys, jobs, outbox, owner_keys, proposals
from core.schema.chat.personal import arrangements, marks, scheduled, thread_followers

__all__ = [
    "arrangements",
    "attempts",
    "bundles",
    "chat_keys",
    "conversations",
    "credentials",
    "directory_syncs",
    "file_blobs",
    "files",
    "items",
    "jobs",
    "marks",
    "memberships",
    "mentions",
    "meta",
    "metadata",
    "outbox",
    "owner_keys",
    "people",
    "pins",
    "preferences",
    "proposals",
    "receipts",
    "reported",
    "scheduled",
    "sessions",
    "thread_followers",
    "throttles",
    "unindexed",
    "versions",
]
