"""A policy bundle in sentences, section by section, for people who do not read YAML."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.types import NotificationText, Verdict
from policies.bundle import Bundle
from policies.model.rules import Barrier, Direction, DlpRule, OtherSide, Segment, SharingRule
from policies.model.usage import Covered, Files, History, Usage
from web.i18n import any_of, every_of, gettext, ngettext, noted, spoken
from web.tables.finds import FINDS


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: its id, what it is called, and what it does."""

    id: str
    title: str
    says: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a bundle; ``empty`` is what to say when it has no line."""

    title: str
    lines: tuple[Line, ...]
    empty: str


_DOES: Final[Mapping[Verdict, str]] = {
    Verdict.ALLOW: noted("It passes."),
    Verdict.FLAG: noted("It passes, flagged."),
    Verdict.WARN: noted("The sender is asked to look twice."),
    Verdict.JUSTIFY: noted("The sender is asked for a reason."),
    Verdict.REDACT: noted("It is covered for everybody else."),
    Verdict.QUARANTINE: noted("It is kept back until an officer releases it."),
    Verdict.BLOCK: noted("It is blocked."),
}
_KINDS: Final[Mapping[str, str]] = {
    "direct": noted("direct messages"),
    "group": noted("groups"),
    "public": noted("public channels"),
    "private": noted("private channels"),
    "channels": noted("channels"),
}
_KEPT: Final[Mapping[str, str]] = {
    "direct": noted("Direct messages"),
    "group": noted("Groups"),
    "public": noted("Public channels"),
    "private": noted("Private channels"),
}
_NOTIFIES: Final[Mapping[NotificationText, str]] = {
    NotificationText.FULL: noted("Say who wrote, and what."),
    NotificationText.SENDER: noted("Say who wrote, and not what."),
    NotificationText.NONE: noted("Say that something came, and nothing else."),
}


def sections(bundle: Bundle) -> tuple[Section, ...]:
    """Return the sections of a bundle in the order of the document, in the language of the page."""
    return (
        Section(gettext("Segments"), tuple(_segments(bundle.segments)), gettext("Nobody is set apart.")),
        Section(
            gettext("Barriers"),
            tuple(map(_barrier, bundle.barriers)),
            gettext("Everybody may talk to everybody."),
        ),
        Section(
            gettext("Sharing"),
            tuple(map(_sharing, bundle.sharing)),
            gettext("Nothing special holds for people from outside."),
        ),
        Section(
            gettext("Content"), tuple(map(_content, bundle.dlp.rules)), gettext("No content is looked for.")
        ),
        Section(gettext("Files"), tuple(_files(bundle.files)), ""),
        Section(gettext("Use"), tuple(_usage(bundle.usage)), ""),
        Section(gettext("Retention"), tuple(_retention(bundle)), ""),
    )


def span(days: int) -> str:
    """Return a number of days as people say it: ``7 years``, ``90 days``."""
    if days >= 365 and days % 365 <= days // 1460 + 1:
        return ngettext("%(num)s year", "%(num)s years", days // 365)
    return ngettext("%(num)s day", "%(num)s days", days)


def _segments(segments: dict[str, Segment]) -> Iterator[Line]:
    for name, segment in segments.items():
        parts = [gettext("the group %(name)s", name=group) for group in segment.groups]
        parts += [f"{key} {any_of(values)}" for key, values in segment.attributes.items()]
        parts += list(segment.people)
        says = (
            gettext("Who belongs to it: %(parts)s.", parts=any_of(parts)) if parts else gettext("Nobody yet.")
        )
        yield Line(name, spoken(segment.title), says)


def _barrier(barrier: Barrier) -> Line:
    first, second = barrier.between
    where = every_of(gettext(_KINDS[place]) for place in barrier.applies_to)
    apart = (
        gettext(
            "“%(first)s” and “%(second)s” are kept apart in %(where)s.",
            first=first,
            second=second,
            where=where,
        )
        if barrier.direction is Direction.BOTH
        else gettext(
            "“%(first)s” may not write to “%(second)s” in %(where)s.", first=first, second=second, where=where
        )
    )
    seen = (
        gettext("They do not find each other.")
        if barrier.other_side is OtherSide.HIDDEN
        else gettext("They see each other, and why they cannot talk.")
    )
    says = [apart, seen]
    if number := len(barrier.crossings):
        says.append(
            ngettext("%(num)s crossing opens it for a time.", "%(num)s crossings open it for a time.", number)
        )
    return Line(barrier.id, spoken(barrier.title), " ".join(says))


def _sharing(rule: SharingRule) -> Line:
    looks = [*([gettext("links")] if rule.links else []), *map(_detector, rule.detectors)]
    says = [
        gettext("Finds %(what)s with people from outside.", what=any_of(looks))
        if looks
        else gettext("Holds for every text with people from outside."),
        *_where(rule.from_, (), rule.kinds),
        *_does(rule),
    ]
    return Line(rule.id, spoken(rule.title), " ".join(says))


def _content(rule: DlpRule) -> Line:
    looks = [_detector(name) for name in rule.detectors]
    if number := len(rule.lexicon):
        looks.append(ngettext("%(num)s phrase of its own", "any of %(num)s phrases", number))
    if rule.pattern:
        looks.append(gettext("a pattern of its own"))
    says = [gettext("Finds %(what)s.", what=any_of(looks))]
    if rule.min_count > 1:
        says.append(gettext("At least %(number)s times.", number=rule.min_count))
    if rule.near:
        says.append(gettext("Near %(what)s.", what=_detector(rule.near.detector)))
    if rule.scope.external_only:
        says.append(gettext("With people from outside."))
    says += _where(rule.scope.from_, rule.scope.to, rule.scope.kinds)
    return Line(rule.id, spoken(rule.title), " ".join([*says, *_does(rule)]))


def _where(from_: Iterable[str], to: Iterable[str], kinds: Iterable[str]) -> Iterator[str]:
    if who := any_of(from_):
        yield gettext("From: %(who)s.", who=who)
    if who := any_of(to):
        yield gettext("To: %(who)s.", who=who)
    if where := every_of(gettext(_KINDS[kind]) for kind in kinds):
        yield gettext("In: %(where)s.", where=where)


def _does(rule: SharingRule | DlpRule) -> Iterator[str]:
    yield gettext(_DOES[rule.verdict])
    if rule.silent:
        yield gettext("The sender is not told.")


def _detector(name: str) -> str:
    """Return what a detector finds, in words, as far as the catalogue knows it."""
    kind, _, rule = name.partition(":")
    if rule:
        return gettext("what rule %(rule)s looks for", rule=rule)
    return gettext(FINDS.get(kind, kind.replace("_", " ")))


def _files(files: Files) -> Iterator[Line]:
    size = gettext("Up to %(number)s MB each.", number=files.max_mb) if files.max_mb else ""
    kinds = [
        gettext("Only %(types)s.", types=any_of(files.types)) if files.types else "",
        gettext("Never %(types)s.", types=any_of(files.denied)) if files.denied else "",
    ]
    may = gettext("May be sent.") if files.max_mb else gettext("No file may be sent.")
    yield Line("files", gettext("Files"), " ".join(filter(None, [may, size, *kinds])))
    yield Line(
        "files.unreadable",
        gettext("What cannot be read"),
        gettext(_DOES[files.unreadable.verdict]),
    )
    yield Line(
        "files.cannot_cover",
        gettext("What cannot be covered inside a file"),
        gettext(_DOES[files.cannot_cover.verdict]),
    )
    yield Line(
        "files.strip_metadata",
        gettext("Where and when a picture was taken"),
        gettext("Is taken out.") if files.strip_metadata else gettext("Stays in, and is read."),
    )
    yield Line(
        "files.previews",
        gettext("Small pictures of files"),
        gettext("Are shown.") if files.previews else gettext("Are not made."),
    )


def _usage(usage: Usage) -> Iterator[Line]:
    yield Line("usage.edit_minutes", gettext("Changing one's messages"), _within(usage.edit_minutes))
    yield Line("usage.delete_minutes", gettext("Deleting one's messages"), _within(usage.delete_minutes))
    yield Line(
        "usage.edit_history",
        gettext("What a message said before it was changed"),
        gettext("Everybody in the conversation can see it.")
        if usage.edit_history is History.EVERYONE
        else gettext("Nobody sees it in the chat; the archive keeps it."),
    )
    yield Line(
        "usage.covered_text",
        gettext("What was covered"),
        gettext("Its sender can still see it.")
        if usage.covered_text is Covered.SENDER
        else gettext("Nobody sees it in the chat; the archive keeps it."),
    )
    yield Line(
        "usage.notification_text",
        gettext("Notifications on the screen"),
        gettext(_NOTIFIES[usage.notification_text]),
    )
    yield Line(
        "usage.previews",
        gettext("Previews of links"),
        gettext("The worker fetches the page that a link leads to.")
        if usage.previews
        else gettext("No page is fetched."),
    )


def _within(minutes: int | None) -> str:
    if minutes is None:
        return gettext("Allowed at any time.")
    if not minutes:
        return gettext("Not allowed.")
    return ngettext("Allowed for %(num)s minute.", "Allowed for %(num)s minutes.", minutes)


def _retention(bundle: Bundle) -> Iterator[Line]:
    for rule in bundle.retention.rules():
        says = gettext("Kept for %(span)s after the last message of their month.", span=span(rule.days))
        yield Line(rule.kind, gettext(_KEPT[rule.kind]), says)
