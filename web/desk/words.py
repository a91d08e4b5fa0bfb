"""The desk's words: ages, states, verdicts and acts as officers read them, in the language of the page.

Tables hold English, which is looked up when it is shown: by the filter ``told``, or by :func:`gettext`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from admin.bootstrap.desk import EntryState, RetentionState
from audit.archive.presenting import Shown
from audit.archive.reader import RecordState
from audit.archive.scope import Coverage
from audit.search.leaf import QueryWarning
from core.types import Verdict, parse_rfc3339
from web.i18n import any_of, day_of, gettext, month_of, ngettext, noted, number, second_of
from web.tables.acts import ACTS, ASKED, DETAILS, WHO, in_words
from web.tables.finds import FINDS

Badge = tuple[str, str]
"""A mark (``good``, ``warn``, ``bad`` or none) and the word that carries the state."""

ENTRY: Final[Mapping[EntryState, Badge]] = {
    EntryState.WAITING: ("warn", noted("Waiting")),
    EntryState.DECIDED: ("", noted("Being carried out")),
    EntryState.FAILED: ("bad", noted("Could not be carried out")),
    EntryState.RELEASED: ("good", noted("Released")),
    EntryState.REJECTED: ("", noted("Rejected")),
    EntryState.STOPPED_AGAIN: ("bad", noted("Stopped again")),
    EntryState.WITHDRAWN: ("", noted("Withdrawn by the sender")),
    EntryState.LAPSED: ("", noted("Lapsed")),
}
ENTRY_SAYS: Final[Mapping[EntryState, str]] = {
    EntryState.WAITING: noted("Nobody but the sender has seen it."),
    EntryState.DECIDED: noted("The decision is signed. The worker carries it out; look again in a moment."),
    EntryState.FAILED: noted("The decision could not be carried out, so it can be taken again."),
    EntryState.RELEASED: noted("It was decided again at release, and delivered."),
    EntryState.REJECTED: noted("Nobody but the sender will see it."),
    EntryState.STOPPED_AGAIN: noted(
        "At release a policy stopped it anew, for what was not approved. "
        "It was rejected; nobody else has seen it."
    ),
    EntryState.WITHDRAWN: noted("The sender took it back before anybody decided."),
    EntryState.LAPSED: noted("Its time was over before anybody decided. Nobody else has seen it."),
}
FAILURES: Final[Mapping[str, str]] = {
    "already_decided": noted("It was withdrawn, lapsed or decided in the meantime."),
    "cannot_release": noted("The sender has left the conversation, or it is closed. Reject it instead."),
    "no_message": noted("The chat has no such message any more."),
    "already_gone": noted("The sender deleted it in the meantime: nobody sees it any more."),
    "already_recalled": noted("It was recalled in the meantime."),
    "not_recalled": noted("It was restored in the meantime."),
    "stopped_again": noted("A policy stops it now, for what was not found before. It stays recalled."),
    "integrity": noted("The worker refused the signature of this decision. Tell whoever runs the suite."),
}
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
    "poison": noted("Unreadable row"),
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
PROPOSAL: Final[Mapping[str, str]] = {
    "draft": noted("waits for approval"),
    "approved": noted("approved"),
    "rejected": noted("rejected"),
    "enforced": noted("in force or was"),
    "retired": noted("retired"),
}
RETENTION: Final[Mapping[RetentionState, Badge]] = {
    RetentionState.OPEN: ("", noted("Month is running")),
    RetentionState.KEPT: ("", noted("Kept")),
    RetentionState.FOREVER: ("", noted("Kept for ever")),
    RetentionState.HELD: ("good", noted("Due, but on hold")),
    RetentionState.DUE: ("warn", noted("Due")),
    RetentionState.CONDEMNED: ("bad", noted("Being destroyed")),
    RetentionState.DESTROYED: ("", noted("Destroyed")),
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
_WORD: Final = re.compile(r"\w+")


def age(ms: int) -> str:
    """Return a span of milliseconds as people say it: ``4 s``, ``12 min``, ``3 h``, ``2 days``."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return gettext("%(number)s s", number=seconds)
    if seconds < 3600:
        return gettext("%(number)s min", number=seconds // 60)
    if seconds < 48 * 3600:
        hours, minutes = divmod(seconds // 60, 60)
        if hours < 10 and minutes:
            return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
        return gettext("%(number)s h", number=hours)
    return ngettext("%(num)s day", "%(num)s days", timedelta(seconds=seconds).days)


def month(name: str) -> str:
    """Return a month as people read it: ``2026-03`` is *March 2026*."""
    return month_of(date.fromisoformat(f"{name}-01"))


def day(of: date) -> str:
    """Return a day as people read it: ``2 Mar 2026``."""
    return day_of(of)


def moment(at: str) -> str:
    """Return an archived time to the second: ``2 Mar 2026, 09:00:04 UTC``."""
    return second_of(parse_rfc3339(at))


_COUNTED: Final[Mapping[str, Callable[[int, str], str]]] = {
    "character": lambda n, told: ngettext("%(told)s character", "%(told)s characters", n, told=told),
    "entry": lambda n, told: ngettext("%(told)s entry", "%(told)s entries", n, told=told),
    "match": lambda n, told: ngettext("%(told)s match", "%(told)s matches", n, told=told),
    "record": lambda n, told: ngettext("%(told)s record", "%(told)s records", n, told=told),
    "row": lambda n, told: ngettext("%(told)s row", "%(told)s rows", n, told=told),
    "version": lambda n, told: ngettext("%(told)s version", "%(told)s versions", n, told=told),
}


def counted(count: int, noun: str) -> str:
    """Return ``1 record``, ``1,204 records``."""
    return _COUNTED[noun](count, number(count))


def unlogged(count: int) -> str:
    """Return how many acts of this desk wait for the ledger."""
    if not count:
        return gettext("All are in the ledger.")
    return ngettext(
        "%(told)s act of this desk is not in the ledger yet.",
        "%(told)s acts of this desk are not in the ledger yet.",
        count,
        told=number(count),
    )


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


def place(record: Shown) -> str:
    """Return where something was said: ``#deals``, ``Direct message``."""
    kind = gettext(CONVERSATION.get(record.conversation_kind, _CONVERSATION))
    return f"{kind} {record.conversation_name}" if record.conversation_name else kind


def happened(record: Shown) -> str:
    """Return what a version is: ``Sent``, ``Edited``, ``Tried to send``."""
    if record.stop_seq is not None and record.kind in {"create", "edit"}:
        return gettext("Tried to send") if record.kind == "create" else gettext("Tried to edit")
    if record.kind == "restore" and unseen(record):
        return gettext("Not restored")
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


def act(tag: str) -> str:
    """Return a trail tag in words: ``archive:searched`` is *Archive searched*."""
    return gettext(ACTS.get(tag, in_words(tag).capitalize()))


def asked(kind: str) -> str:
    """Return what the worker was asked or told: ``enforce-policy`` is *Enforce policy*."""
    return gettext(ASKED.get(kind, in_words(kind).capitalize()))


def who(actor: str) -> str:
    """Return who acted: a person's name as it is, or what acts by itself."""
    return gettext(actor) if actor in WHO else actor


def expected(what: str) -> str:
    """Return what a query should have had in its place: ``a word or a phrase``."""
    return any_of(gettext(part) for part in what.split(" or "))


def detail(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the detail of a trail row as names and short values."""
    return [_pair(name, value) for name, value in values.items() if value not in ("", [], {}, None)]


def _pair(name: str, value: Any) -> tuple[str, str]:
    if name.endswith("_ms") and isinstance(value, int):
        at = datetime.fromtimestamp(value / 1000, UTC)
        return _name(name.removesuffix("_ms")), second_of(at)
    return _name(name), _value(value)


def _name(name: str) -> str:
    return gettext(DETAILS.get(name, in_words(name)))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        shown = ", ".join(map(_value, value[:5]))
        if len(value) <= 5:
            return shown
        return gettext("%(shown)s and %(more)s more", shown=shown, more=number(len(value) - 5))
    if isinstance(value, dict):
        return ", ".join(" ".join(_pair(name, inner)) for name, inner in value.items())
    return str(value)
