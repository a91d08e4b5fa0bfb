"""The desk's words: ages, counts, states and acts as officers read them, in the language of the page.

Tables hold English, which is looked up when it is shown: by the filter ``told``, or by :func:`gettext`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from admin.bootstrap.desk import EntryState, QueueEntry, RetentionState
from web.i18n import day_of, gettext, month_of, ngettext, noted, number, second_of
from web.tables.acts import ACTS, ASKED, DETAILS, REASONS, WHO, in_words

Badge = tuple[str, str]
"""A mark (``good``, ``warn``, ``bad`` or none) and the word that carries the state."""

SOON_MS: Final = 60 * 60 * 1000
"""An entry whose time is over within an hour lapses soon."""

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


def urgency(entry: QueueEntry, now_ms: int, usual_ms: int | None) -> Badge | None:
    """Return what presses an officer to decide: its time is nearly over, or it waits longer than is usual."""
    if entry.expires_ms - now_ms < SOON_MS:
        return ("bad", noted("lapses soon"))
    if usual_ms is not None and now_ms - entry.since_ms > usual_ms:
        return ("warn", noted("longer than usual"))
    return None


def month(name: str) -> str:
    """Return a month as people read it: ``2026-03`` is *March 2026*."""
    return month_of(date.fromisoformat(f"{name}-01"))


def day(of: date) -> str:
    """Return a day as people read it: ``2 Mar 2026``."""
    return day_of(of)


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


def act(tag: str) -> str:
    """Return a trail tag in words: ``archive:searched`` is *Archive searched*."""
    return gettext(ACTS.get(tag, in_words(tag).capitalize()))


def asked(kind: str) -> str:
    """Return what the worker was asked or told: ``enforce-policy`` is *Enforce policy*."""
    return gettext(ASKED.get(kind, in_words(kind).capitalize()))


def who(actor: str) -> str:
    """Return who acted: a person's name as it is, or what acts by itself."""
    return gettext(actor) if actor in WHO else actor


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
    return gettext(value) if value in REASONS else str(value)
