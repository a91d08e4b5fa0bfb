"""A policy bundle in sentences, section by section, for people who do not read YAML."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.types import Verdict
from policies.bundle import Barrier, Bundle, Direction, DlpRule, OtherSide, Segment, SharingRule
from policies.dlp.catalogue import all_detectors


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


_DOES = {
    Verdict.ALLOW: "lets it pass",
    Verdict.FLAG: "lets it pass, flagged",
    Verdict.WARN: "asks the sender to look twice",
    Verdict.JUSTIFY: "asks the sender for a reason",
    Verdict.REDACT: "covers it for everybody else",
    Verdict.QUARANTINE: "keeps it back until an officer releases it",
    Verdict.BLOCK: "blocks it",
}
_KINDS = {
    "direct": "direct messages",
    "group": "groups",
    "public": "public channels",
    "private": "private channels",
    "channels": "channels",
}
_IDENTITY = "identity"
# Numbers of countries go by their full names, which begin with the country; the others by what a cover says.
_FINDS = {str(one.id): one.title if one.category == _IDENTITY else one.label for one in all_detectors()}


def sections(bundle: Bundle) -> tuple[Section, ...]:
    """Return the sections of a bundle in the order of the document."""
    return (
        Section("Segments", tuple(_segments(bundle.segments)), "Nobody is set apart."),
        Section("Barriers", tuple(map(_barrier, bundle.barriers)), "Everybody may talk to everybody."),
        Section("Sharing", tuple(map(_sharing, bundle.sharing)), "Nothing special holds for people outside."),
        Section("Content", tuple(map(_content, bundle.dlp.rules)), "No content is looked for."),
        Section("Retention", tuple(_retention(bundle)), ""),
    )


def span(days: int) -> str:
    """Return a number of days as people say it: ``7 years``, ``90 days``."""
    if days >= 365 and days % 365 <= days // 1460 + 1:
        return _count(days // 365, "year")
    return _count(days, "day")


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Return ``a, b and c``."""
    parts = list(words)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {joint} {parts[-1]}" if parts else ""


def _segments(segments: dict[str, Segment]) -> Iterator[Line]:
    for name, segment in segments.items():
        parts = [f"group {group}" for group in segment.groups]
        parts += [f"{key} {listed(values, 'or')}" for key, values in segment.attributes.items()]
        parts += [f"{person} by name" for person in segment.people]
        yield Line(name, segment.title, f"Who is in {listed(parts, 'or')}." if parts else "Nobody yet.")


def _barrier(barrier: Barrier) -> Line:
    first, second = barrier.between
    both = barrier.direction is Direction.BOTH
    apart = f"“{first}” and “{second}” are kept apart" if both else f"“{first}” may not write to “{second}”"
    where = listed(_KINDS[place] for place in barrier.applies_to)
    seen = (
        "they do not find each other"
        if barrier.other_side is OtherSide.HIDDEN
        else "they see each other, and why they cannot talk"
    )
    crossings = (
        f" {_count(len(barrier.crossings), 'crossing')} open it for a time." if barrier.crossings else ""
    )
    return Line(barrier.id, barrier.title, f"{apart} in {where}; {seen}.{crossings}")


def _sharing(rule: SharingRule) -> Line:
    looks = [*(["links"] if rule.links else []), *map(_detector, rule.detectors)]
    what = f"finds {listed(looks, 'or')}" if looks else "sees any text"
    who = f" from {listed(rule.from_, 'or')}" if rule.from_ else ""
    where = f" in {listed(_KINDS[kind] for kind in rule.kinds)}" if rule.kinds else ""
    says = f"With people from outside{where}, it {what}{who} and {_DOES[rule.verdict]}."
    return Line(rule.id, rule.title, says)


def _content(rule: DlpRule) -> Line:
    looks = [_detector(name) for name in rule.detectors]
    looks += [f"any of {_count(len(rule.lexicon), 'phrase')}"] * bool(rule.lexicon)
    looks += ["an own pattern"] * bool(rule.pattern)
    least = f", at least {rule.min_count} times" if rule.min_count > 1 else ""
    near = f", near {_detector(rule.near.detector)}" if rule.near else ""
    return Line(
        rule.id,
        rule.title,
        f"Finds {listed(looks, 'or')}{least}{near}{_scope(rule)} and {_DOES[rule.verdict]}.",
    )


def _scope(rule: DlpRule) -> str:
    scope = rule.scope
    parts = [" in messages"] * bool(scope.from_ or scope.to)
    parts += [f" from {listed(scope.from_, 'or')}"] * bool(scope.from_)
    parts += [f" to {listed(scope.to, 'or')}"] * bool(scope.to)
    parts += [" with people from outside"] * scope.external_only
    parts += [f" in {listed(_KINDS[kind] for kind in scope.kinds)}"] * bool(scope.kinds)
    return "".join(parts)


def _detector(name: str) -> str:
    """Return what a detector finds, in words, as far as the catalogue knows it."""
    return _FINDS.get(name, name.replace("_", " "))


def _retention(bundle: Bundle) -> Iterator[Line]:
    for rule in bundle.retention.rules():
        name = _KINDS[rule.kind].capitalize()
        yield Line(rule.kind, name, f"Kept for {span(rule.days)} after the last message of their month.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
