"""Acts of the trail, the names of their details, and what worker and desk ask of each other, in words."""

from collections.abc import Mapping
from typing import Final

from core.trail import Tag


def in_words(name: str) -> str:
    """Return a name of ours as people read it: ``archive:record_read`` is *Archive record read*."""
    return name.replace(":", " ").replace("_", " ").replace("-", " ").strip()


_SAID: Final[Mapping[str, str]] = {
    Tag.SIGNED_IN: "Signed in",
    Tag.SIGN_IN_FAILED: "Sign-in failed",
    Tag.SIGNED_OUT: "Signed out",
    Tag.SESSIONS_REVOKED: "Sessions ended",
    Tag.SCHEDULED_NOT_SENT: "Scheduled message not sent",
    Tag.OFFICER_FIRST: "First officer made",
    Tag.MATTER_OFFICERS_ADDED: "Officers added to a matter",
    Tag.RECORD_READ: "Record read",
    Tag.FILE_READ: "File read",
    Tag.RELEASE_QUEUE_SEEN: "Release queue looked at",
    Tag.RELEASE_EXECUTED: "Release decision carried out",
    Tag.RECALL_EXECUTED: "Recall decision carried out",
    Tag.POLICY_ENFORCED: "Policy put in force",
    Tag.POLICY_REPLAYED: "Decisions replayed",
    Tag.INITIALISED: "Suite set up",
    Tag.BACKED_UP: "Backup made",
    Tag.RESTORED: "Restored from a backup",
}
"""Acts whose tag does not read as a sentence."""

ACTS: Final[Mapping[str, str]] = {tag: _SAID.get(tag, in_words(tag).capitalize()) for tag in Tag}
_DETAILS: Final = """
    actor added address after alarm at author before by changed client code context count conversation
    conversation_id decision disabled display_name expires external file first found_by from generation
    groups hash hits hold index ip item kind last matter member month name number officer officers outcome
    partition partitions password people person policy predecessor present proposal purpose query reason
    record records retention_class role roles scope sender sessions sessions_ended side size since
    stable_id state stopped subject table test title to until user_agent username verdict version versions why
"""
DETAILS: Final[Mapping[str, str]] = {name: in_words(name) for name in _DETAILS.split()}
_ASKED: Final = """
    release reject recall restore enforce-policy expire
    alarm partition_closed index_key_needed partition_due partition_expired
"""
ASKED: Final[Mapping[str, str]] = {name: in_words(name).capitalize() for name in _ASKED.split()}
REASONS: Final = (
    "To decide on a quarantined message.",
    "To see who waits for a decision.",
    "To show which conversation a hold covers.",
)
"""Why somebody read, where the desk itself says it."""
_BY_THEMSELVES: Final = ("the set-up", "the worker", "the directory", "the clock")
WHO: Final[Mapping[str, str]] = {name: name for name in _BY_THEMSELVES}
"""Who acts without being a person."""
