"""The desk's words: ages, states, verdicts and acts as officers read them. Pure functions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from audit.archive.presenting import Shown
from audit.archive.reader import RecordState
from audit.archive.scope import Coverage
from audit.search.leaf import QueryWarning
from core.types import Verdict, parse_rfc3339
from web.desk.ports import EntryState, RetentionState

Badge = tuple[str, str]
"""A mark (``good``, ``warn``, ``bad`` or none) and the word that carries the state."""

ENTRY: Final[Mapping[EntryState, Badge]] = {
    EntryState.WAITING: ("warn", "Waiting"),
    EntryState.DECIDED: ("", "Being carried out"),
    EntryState.FAILED: ("bad", "Could not be carried out"),
    EntryState.RELEASED: ("good", "Released"),
    EntryState.REJECTED: ("", "Rejected"),
    EntryState.STOPPED_AGAIN: ("bad", "Stopped again"),
    EntryState.WITHDRAWN: ("", "Withdrawn by the sender"),
    EntryState.LAPSED: ("", "Lapsed"),
}
ENTRY_SAYS: Final[Mapping[EntryState, str]] = {
    EntryState.WAITING: "Nobody but the sender has seen it.",
    EntryState.DECIDED: "The decision is signed. The worker carries it out; look again in a moment.",
    EntryState.FAILED: "The decision could not be carried out, so it can be taken again.",
    EntryState.RELEASED: "It was decided again at release, and delivered.",
    EntryState.REJECTED: "Nobody but the sender will see it.",
    EntryState.STOPPED_AGAIN: "At release a policy stopped it anew, for what was not approved. It was "
    "rejected; nobody else has seen it.",
    EntryState.WITHDRAWN: "The sender took it back before anybody decided.",
    EntryState.LAPSED: "Its time was over before anybody decided. Nobody else has seen it.",
}
FAILURES: Final[Mapping[str, str]] = {
    "already_decided": "It was withdrawn, lapsed or decided in the meantime.",
    "cannot_release": "The sender has left the conversation, or it is closed. Reject it instead.",
    "no_message": "The chat has no such message any more.",
    "integrity": "The worker refused the signature of this decision. Tell whoever runs the suite.",
}
VERDICT: Final[Mapping[str, Badge]] = {
    Verdict.ALLOW: ("good", "Allowed"),
    Verdict.FLAG: ("warn", "Flagged"),
    Verdict.WARN: ("warn", "Warned"),
    Verdict.JUSTIFY: ("warn", "Reason asked"),
    Verdict.REDACT: ("warn", "Redacted"),
    Verdict.QUARANTINE: ("warn", "Quarantined"),
    Verdict.BLOCK: ("bad", "Blocked"),
}
KIND: Final[Mapping[str, str]] = {
    "create": "Sent",
    "edit": "Edited",
    "delete": "Deleted",
    "react": "Reacted",
    "unreact": "Took a reaction back",
    "pin": "Pinned",
    "unpin": "Took a pin off",
    "release": "Released",
    "reject": "Rejected",
    "withdraw": "Withdrawn",
    "lapse": "Lapsed",
    "open": "Opened",
    "join": "Joined",
    "leave": "Left",
    "rename": "Renamed",
    "topic": "Topic set",
    "close": "Closed",
    "poison": "Unreadable row",
}
CARRIED: Final[Mapping[str, str]] = {
    "quote": "Quotes",
    "forwarded": "Forwards what was said by",
}
CONVERSATION: Final[Mapping[str, str]] = {
    "direct": "Direct message",
    "group": "Group",
    "public": "Public channel",
    "private": "Private channel",
}
RETENTION: Final[Mapping[RetentionState, Badge]] = {
    RetentionState.OPEN: ("", "Month is running"),
    RetentionState.KEPT: ("", "Kept"),
    RetentionState.FOREVER: ("", "Kept for ever"),
    RetentionState.HELD: ("good", "Due, but on hold"),
    RetentionState.DUE: ("warn", "Due"),
    RetentionState.CONDEMNED: ("bad", "Being destroyed"),
    RetentionState.DESTROYED: ("", "Destroyed"),
}
RECORD: Final[Mapping[RecordState, str]] = {
    RecordState.OPEN: "",
    RecordState.PENDING: "Not in the ledger yet. It was archived a moment ago, and is shown once a signed "
    "checkpoint covers it.",
    RecordState.DESTROYED: "Destroyed: its keys were destroyed under retention. No text exists any more.",
    RecordState.UNREADABLE: "Unreadable: the record does not verify, so nothing of it is shown.",
}

_WORD: Final = re.compile(r"\w+")


def age(ms: int) -> str:
    """Return a span of milliseconds as people say it: ``4 s``, ``12 min``, ``3 h``, ``2 days``."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours} h {minutes} min" if hours < 10 and minutes else f"{hours} h"
    return f"{timedelta(seconds=seconds).days} days"


def month(name: str) -> str:
    """Return a month as people read it: ``2026-03`` is *March 2026*."""
    return date.fromisoformat(f"{name}-01").strftime("%B %Y")


def day(of: date) -> str:
    """Return a day as people read it: ``2 Mar 2026``."""
    return of.strftime("%-d %b %Y")


def moment(at: str) -> str:
    """Return an archived time to the second: ``2 Mar 2026, 09:00:04 UTC``."""
    return parse_rfc3339(at).strftime("%-d %b %Y, %H:%M:%S UTC")


def counted(count: int, noun: str, many: str = "") -> str:
    """Return ``1 message``, ``1,204 messages``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def searchable(coverage: Coverage) -> str:
    """Return how much of the archive a search reaches now."""
    return covered(coverage).replace("Searched", "A search reaches", 1).replace(".", " records.", 1)


def covered(coverage: Coverage) -> str:
    """Return what a result is drawn from, in one sentence or more; nothing is left out silently."""
    parts = [f"Searched {coverage.indexed:,} of {coverage.in_scope:,}."]
    if coverage.not_indexed:
        verb = "is" if coverage.not_indexed == 1 else "are"
        parts.append(f"{coverage.not_indexed:,} {verb} not indexed yet.")
    if coverage.refused:
        parts.append(f"The search engine refuses {coverage.refused:,} of them: tell IT.")
    if coverage.undecryptable:
        parts.append(f"{coverage.undecryptable:,} cannot be decrypted.")
    if coverage.destroyed:
        verb = "was" if coverage.destroyed == 1 else "were"
        parts.append(f"{coverage.destroyed:,} {verb} destroyed under retention.")
    return " ".join(parts)


def place(record: Shown) -> str:
    """Return where something was said: ``#deals``, ``Direct message``."""
    kind = CONVERSATION.get(record.conversation_kind, "Conversation")
    return f"{kind} {record.conversation_name}" if record.conversation_name else kind


def happened(record: Shown) -> str:
    """Return what a version is: ``Sent``, ``Edited``, ``Tried to send``."""
    word = KIND.get(record.kind, record.kind.replace("_", " ").capitalize())
    if record.stop_seq is not None and record.kind in {"create", "edit"}:
        return "Tried to send" if record.kind == "create" else "Tried to edit"
    return word


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: whether the query's words are in it, and whether the policy found something."""

    text: str
    hit: bool = False
    found: bool = False


def marked(record: Shown) -> list[Piece]:
    """Return the text with hits and findings marked; both may cover the same words.

    Findings say where they are in the whole text, so an excerpt carries hits only.
    """
    found = [] if record.cut else spans(record)
    pieces, at = [], 0
    for part in record.body:
        end = at + len(part.text)
        cuts = sorted({at, end, *(edge for span in found for edge in span if at < edge < end)})
        for low, high in pairwise(cuts):
            inside = any(first <= low and high <= last for first, last in found)
            pieces.append(Piece(part.text[low - at : high - at], part.hit, inside))
        at = end
    return pieces


def spans(record: Shown) -> list[tuple[int, int]]:
    """Return where in the text the policy found something; what it found in messages before has no place."""
    return [
        (int(one["start"]), int(one["end"]))
        for one in record.findings
        if int(one["end"]) and not one.get("preceding")
    ]


def unseen(record: Shown) -> bool:
    """Tell whether nobody but the sender ever saw this version in the chat."""
    return record.stop_seq is not None and record.cseq is None


def brief(record: Shown, most: int = 400) -> tuple[str, str]:
    """Return the text in two parts: what is shown at once, and the rest of a long one."""
    text = "".join(part.text for part in record.body)
    return (text, "") if len(text) <= most * 2 else (text[:most], text[most:])


def found_by(found: Mapping[str, Any]) -> str:
    """Return what found something: ``payment card``, ``a listed word``, ``a rule on people``."""
    detector = str(found["detector"])
    kind, _, named = detector.partition(":")
    if named:
        return {"lexicon": "a listed word", "pattern": "a pattern"}.get(kind, named.replace("_", " "))
    return detector.replace("_", " ") or "a rule on people"


def instead(query: str, warning: QueryWarning) -> str:
    """Return the query with the suggested word in place of the one that occurs nowhere."""
    start = warning.position
    word = _WORD.match(query, start)
    return f"{query[:start]}{warning.suggestion}{query[word.end() if word else start :]}"


def act(tag: str) -> str:
    """Return a trail tag in words: ``archive:searched`` is *Archive searched*."""
    subject, _, action = tag.partition(":")
    return f"{subject} {action}".replace("_", " ").strip().capitalize()


def detail(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the detail of a trail row as names and short values."""
    return [_pair(name, value) for name, value in values.items() if value not in ("", [], {}, None)]


def _pair(name: str, value: Any) -> tuple[str, str]:
    if name.endswith("_ms") and isinstance(value, int):
        at = datetime.fromtimestamp(value / 1000, UTC)
        return name.removesuffix("_ms").replace("_", " "), at.strftime("%-d %b %Y, %H:%M:%S UTC")
    return name.replace("_", " "), _value(value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        shown = ", ".join(map(_value, value[:5]))
        return f"{shown} and {len(value) - 5:,} more" if len(value) > 5 else shown
    if isinstance(value, dict):
        return ", ".join(" ".join(_pair(name, inner)) for name, inner in value.items())
    return str(value)
