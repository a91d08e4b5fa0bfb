"""A record as officers read it: what it is, where it was said, its text with marks; what a search found.

Tables hold English, which is looked up when it is shown: by the filter ``told``, or by :func:`gettext`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from admin.bootstrap.desk import QueueEntry
from audit.archive.presenting import Label, Shown
from audit.archive.reader import RecordState
from audit.archive.scope import Coverage
from audit.search.leaf import QueryWarning
from core.messaging.model import ItemState, VersionKind
from core.types import Verdict, parse_rfc3339
from web.desk.words import Badge
from web.emoji import emoji_signs
from web.i18n import any_of, every_of, gettext, ngettext, noted, number, said, second_of, spoken
from web.tables.acts import in_words
from web.tables.finds import FINDS

VERDICT: Final[Mapping[str, Badge]] = {
    Verdict.ALLOW: ("good", noted("Allowed")),
    Verdict.FLAG: ("warn", noted("Flagged")),
    Verdict.WARN: ("warn", noted("Warned")),
    Verdict.JUSTIFY: ("warn", noted("Reason asked")),
    Verdict.REDACT: ("warn", noted("Redacted")),
    Verdict.QUARANTINE: ("warn", noted("Quarantined")),
    Verdict.BLOCK: ("bad", noted("Blocked")),
}
KIND: Final[Mapping[str, str]] = {
    "create": noted("Sent"),
    "edit": noted("Edited"),
    "delete": noted("Deleted"),
    "react": noted("Reacted"),
    "unreact": noted("Took a reaction back"),
    "pin": noted("Pinned"),
    "unpin": noted("Took a pin off"),
    "report": noted("Reported as wrong"),
    "preview": noted("Preview of a link"),
    "release": noted("Released"),
    "reject": noted("Rejected"),
    "withdraw": noted("Withdrawn"),
    "lapse": noted("Lapsed"),
    "recall": noted("Recalled"),
    "restore": noted("Restored"),
    "open": noted("Opened"),
    "join": noted("Joined"),
    "leave": noted("Left"),
    "rename": noted("Renamed"),
    "topic": noted("Topic set"),
    "close": noted("Closed"),
    "check": noted("Delivered after its files were read"),
    "poison": noted("Unreadable row"),
}
_ABOUT_OTHERS: Final[Mapping[str, str]] = {
    "join": noted("Added %(person)s"),
    "leave": noted("Removed %(person)s"),
}
CARRIED: Final[Mapping[str, str]] = {
    "quote": noted("Quotes"),
    "forwarded": noted("Forwards what was said by"),
}
CONVERSATION: Final[Mapping[str, str]] = {
    "direct": noted("Direct message"),
    "group": noted("Group"),
    "public": noted("Public channel"),
    "private": noted("Private channel"),
}
RECORD: Final[Mapping[RecordState, str]] = {
    RecordState.OPEN: "",
    RecordState.PENDING: noted(
        "Not in the ledger yet. It was archived a moment ago, and is shown once a signed checkpoint "
        "covers it."
    ),
    RecordState.DESTROYED: noted(
        "Destroyed: its keys were destroyed under retention. No text exists any more."
    ),
    RecordState.UNREADABLE: noted("Unreadable: the record does not verify, so nothing of it is shown."),
}

_CONVERSATION: Final = noted("Conversation")
_NAMED: Final = 2
_WORD: Final = re.compile(r"\w+")


def moment(at: str) -> str:
    """Return an archived time to the second: ``2 Mar 2026, 09:00:04 UTC``."""
    return second_of(parse_rfc3339(at))


def place(record: Shown | Label) -> str:
    """Return where something was said: ``#deals``, ``Direct message``."""
    kind = gettext(CONVERSATION.get(record.conversation_kind, _CONVERSATION))
    return f"{kind} {record.conversation_name}" if record.conversation_name else kind


def place_with(record: Shown) -> str:
    """Return where something was said and, where that has no name, with whom: ``Direct message with Ben``."""
    others = sorted((name for name in record.audience if name != record.sender_name), key=str.casefold)
    if record.conversation_name or not others:
        return place(record)
    return gettext("%(place)s with %(people)s", place=place(record), people=_some_of(others))


def place_of_all(label: Label) -> str:
    """Return which conversation it is; where it has no name, with all who were there."""
    names = sorted(filter(None, (label.sender_name, *label.others)), key=str.casefold)
    if label.conversation_name or not names:
        return place(label)
    return gettext("%(place)s with %(people)s", place=place(label), people=_some_of(names))


def meant_for(label: Label) -> str:
    """Return for whom something was meant."""
    return _some_of(label.others)


def reaction(record: Shown) -> str:
    """Return the sign of a reaction, or nothing where its name is no emoji's."""
    return emoji_signs().get("".join(part.text for part in record.body).strip(), "")


def _some_of(names: Sequence[str]) -> str:
    """Return two names, and how many more there are."""
    named, more = names[:_NAMED], len(names) - _NAMED
    if more <= 0:
        return every_of(named)
    return ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=", ".join(named))


def why(entry: QueueEntry) -> list[tuple[str, str]]:
    """Return each rule that stopped a message, and what its author calls it or, unknown, what was found."""
    found: dict[str, list[str]] = {}
    for one in entry.label.found if entry.label else ():
        found.setdefault(one["rule"], []).append(found_by(one))
    return [
        (rule, said(spoken(entry.titles[rule])) if rule in entry.titles else every_of(dict.fromkeys(what)))
        for rule, what in found.items()
    ]


def happened(record: Shown) -> str:
    """Return what a version is: ``Sent``, ``Edited``, ``Tried to send``."""
    if record.item_state == ItemState.CHECKING:
        return gettext("Sent with files, which are read first")
    if record.kind == VersionKind.CHECK and unseen(record):
        return gettext("Stopped after its files were read")
    if record.stop_seq is not None and record.kind in {"create", "edit"}:
        return gettext("Tried to send") if record.kind == "create" else gettext("Tried to edit")
    if record.kind == "restore" and unseen(record):
        return gettext("Not restored")
    if record.person and record.kind in _ABOUT_OTHERS:
        return gettext(_ABOUT_OTHERS[record.kind], person=record.person)
    return gettext(KIND.get(record.kind, record.kind.replace("_", " ").capitalize()))


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
        listed = {"lexicon": gettext("a listed word"), "pattern": gettext("a pattern")}
        return listed.get(kind, in_words(named))
    return gettext(FINDS.get(detector, in_words(detector))) or gettext("a rule on people")


def instead(query: str, warning: QueryWarning) -> str:
    """Return the query with the suggested word in place of the one that occurs nowhere."""
    start = warning.position
    word = _WORD.match(query, start)
    return f"{query[:start]}{warning.suggestion}{query[word.end() if word else start :]}"


def searchable(coverage: Coverage) -> str:
    """Return how much of the archive a search reaches now."""
    indexed, everything = number(coverage.indexed), number(coverage.in_scope)
    reaches = gettext("A search reaches %(indexed)s of %(all)s records.", indexed=indexed, all=everything)
    return " ".join([reaches, *_beyond(coverage)])


def covered(coverage: Coverage) -> str:
    """Return what a result is drawn from, in one sentence or more; nothing is left out silently."""
    indexed, everything = number(coverage.indexed), number(coverage.in_scope)
    searched = gettext("Searched %(indexed)s of %(all)s.", indexed=indexed, all=everything)
    return " ".join([searched, *_beyond(coverage)])


def _beyond(coverage: Coverage) -> Iterator[str]:
    """Yield what a search does not reach, and why."""
    if n := coverage.not_indexed:
        yield ngettext("%(told)s is not indexed yet.", "%(told)s are not indexed yet.", n, told=number(n))
    if n := coverage.refused:
        yield gettext("The search engine refuses %(told)s of them: tell IT.", told=number(n))
    if n := coverage.undecryptable:
        yield gettext("%(told)s cannot be decrypted.", told=number(n))
    if n := coverage.destroyed:
        yield ngettext(
            "%(told)s was destroyed under retention.",
            "%(told)s were destroyed under retention.",
            n,
            told=number(n),
        )


def expected(what: str) -> str:
    """Return what a query should have had in its place: ``a word or a phrase``."""
    return any_of(gettext(part) for part in what.split(" or "))
