"""From matches to findings: which rules hold for these facts, and what each of them found.

A rule fires when enough sufficiently sure matches stand in its scope, near the evidence it asks for.
Of two findings one of which covers the other, the longer and then the surer one is kept, unless the
smaller one is the stricter: no rule can hide what another rule would stop.
"""

import re
from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import accumulate, groupby

from core.types import Confidence, Facts, Finding, RuleId, Surface, Verdict
from policies.compiled import CompiledBundle, TextMatch
from policies.model.rules import DlpRule, SharingRule

STEP = 4_096
"""The most characters between two steps: at most 4 kB where text is what people write."""

LINK = "link"
"""The detector of a finding that is a link."""

MAX_FINDINGS = 1_000

_LINK_START = re.compile(r"(?:https?://|www\.)", re.IGNORECASE)
_LINK_END = re.compile(r"[\s<>\"]")
_LONGEST_LINK = 2_048
_LONGEST_START = 8


def link_steps(text: str) -> Generator[None, None, list[tuple[int, int]]]:
    """Return where links stand in ``text``; yield after each step."""
    found: list[tuple[int, int]] = []
    free = 0
    for step in range(0, len(text), STEP):
        for start in _LINK_START.finditer(text, step, min(step + STEP + _LONGEST_START, len(text))):
            if start.start() >= free:
                stop = _LINK_END.search(text, start.end(), start.end() + _LONGEST_LINK)
                free = stop.start() if stop else min(start.end() + _LONGEST_LINK, len(text))
                found.append((start.start(), free))
        yield
    return found[:MAX_FINDINGS]


def _host(link: str) -> str:
    """Return the masked form of a link: its host, without credentials, path or query."""
    authority = re.split(r"[/?#]", link.split("://", 1)[-1], maxsplit=1)[0]
    return authority.rsplit("@", 1)[-1][:80]


def sharing_findings(
    facts: Facts,
    text: str,
    compiled: CompiledBundle,
    matches: Sequence[TextMatch],
    links: Sequence[tuple[int, int]],
) -> Iterator[Finding]:
    """Yield what the rules on external people found."""
    if not external(facts):
        return
    for rule in compiled.bundle.sharing:
        if not _holds_between(rule, facts, compiled):
            continue
        name = RuleId(rule.id)
        if not rule.links and not rule.detectors:
            yield Finding(name, "", rule.verdict)
        if rule.links:
            for start, end in links:
                excerpt = _host(text[start:end])
                yield Finding(name, LINK, rule.verdict, start, end, Confidence.HIGH, excerpt)
        sure = [each for each in matches if each.detector in rule.detectors]
        yield from _as_findings(rule, [each for each in sure if each.confidence >= _floor(rule)])


def wants_links(facts: Facts, compiled: CompiledBundle) -> bool:
    """Tell whether any rule in force asks where links stand."""
    return external(facts) and any(rule.links for rule in compiled.bundle.sharing)


def external(facts: Facts) -> bool:
    """Tell whether anybody from outside the firm takes part."""
    return facts.sender.external or any(person.external for person in facts.audience)


def _holds_between(rule: SharingRule, facts: Facts, compiled: CompiledBundle) -> bool:
    if rule.kinds and facts.kind not in rule.kinds:
        return False
    if rule.from_ and compiled.segments.of(facts.sender).isdisjoint(rule.from_):
        return False
    # Joining says nothing yet: a rule on what is said is asked again at each text.
    return facts.surface is not Surface.MEMBERSHIP or rule.verdict is Verdict.BLOCK


def content_findings(
    facts: Facts, text: str, compiled: CompiledBundle, matches: Sequence[TextMatch]
) -> Iterator[Finding]:
    """Yield what the rules on content found."""
    by_detector: dict[str, list[TextMatch]] = {}
    for match in matches:
        by_detector.setdefault(match.detector, []).append(match)
    fired: dict[str, DlpRule] = {}
    for detector in by_detector:
        fired.update((rule.id, rule) for rule in compiled.rules.get(detector, ()))
    for rule in compiled.bundle.dlp.rules:
        if rule.id in fired and _in_scope(rule, facts, compiled):
            found = [match for source in dict.fromkeys(rule.sources) for match in by_detector.get(source, ())]
            yield from _rule_findings(rule, text, found, by_detector)


def _in_scope(rule: DlpRule, facts: Facts, compiled: CompiledBundle) -> bool:
    scope = rule.scope
    if (scope.surfaces and facts.surface not in scope.surfaces) or (
        scope.kinds and facts.kind not in scope.kinds
    ):
        return False
    if scope.external_only and not external(facts):
        return False
    of = compiled.segments.of
    if scope.from_ and of(facts.sender).isdisjoint(scope.from_):
        return False
    return not scope.to or any(not of(person).isdisjoint(scope.to) for person in facts.audience)


def _rule_findings(
    rule: DlpRule, text: str, found: Sequence[TextMatch], by_detector: dict[str, list[TextMatch]]
) -> Iterable[Finding]:
    sure = [match for match in found if match.confidence >= _floor(rule)]
    if rule.near is not None:
        evidence = by_detector.get(rule.near.detector, [])
        sure = _near(sure, evidence, rule.near.distance)
    separate = _separate(sure)
    count = len({_value(text, match) for match in separate}) if rule.unique else len(separate)
    return _as_findings(rule, separate) if count >= rule.min_count else ()


def _floor(rule: DlpRule | SharingRule) -> int:
    return int(rule.min_confidence.confidence)


def _value(text: str, match: TextMatch) -> str:
    """Return what makes two values the same: letters and digits, in one case."""
    written = match.excerpt if match.preceding else text[match.start : match.end]
    return "".join(character for character in written.casefold() if character.isalnum())


def _near(matches: Sequence[TextMatch], evidence: Sequence[TextMatch], distance: int) -> list[TextMatch]:
    """Return the matches that have evidence within ``distance`` characters on either side."""
    ordered = sorted(evidence, key=lambda each: each.start)
    starts = [each.start for each in ordered]
    reach = list(accumulate((each.end for each in ordered), max))
    kept = []
    for match in matches:
        before = bisect_right(starts, match.end + distance)
        if before and reach[before - 1] >= match.start - distance:
            kept.append(match)
    return kept


def _separate(matches: Iterable[TextMatch]) -> list[TextMatch]:
    """Return matches that don't overlap: the longest first, then the surest; in order of the text."""
    kept: list[TextMatch] = []
    taken: list[tuple[int, int]] = []
    longest_first = sorted(
        matches, key=lambda each: (each.start - each.end, -each.confidence, each.start, each.detector)
    )
    for match in longest_first:
        place = bisect_right(taken, (match.start, match.end))
        free_before = place == 0 or taken[place - 1][1] <= match.start
        free_after = place == len(taken) or taken[place][0] >= match.end
        if free_before and free_after:
            taken.insert(place, (match.start, match.end))
            kept.append(match)
    return sorted(kept, key=lambda each: (each.start, each.end))


def _as_findings(rule: DlpRule | SharingRule, matches: Iterable[TextMatch]) -> Iterator[Finding]:
    for match in matches:
        yield Finding(
            RuleId(rule.id),
            match.detector,
            rule.verdict,
            match.start,
            match.end,
            match.confidence,
            match.excerpt,
            match.preceding,
        )


def resolve(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Set aside each finding that a longer or surer one of at least its strictness covers.

    Findings without a place are about people and are always kept. The order is that of the text.
    """
    everything = list(findings)
    kept = [each for each in everything if each.end == 0]
    placed = sorted((each for each in everything if each.end > 0), key=lambda each: (each.start, -each.end))
    reach = dict.fromkeys(Verdict, 0)
    for (_, end), group in groupby(placed, key=lambda each: (each.start, each.end)):
        same = list(group)
        for finding in same:
            stricter = [verdict for verdict in Verdict if verdict.rank >= finding.verdict.rank]
            covered = any(reach[verdict] >= end for verdict in stricter)
            surer = any(
                other.confidence > finding.confidence and other.verdict.rank >= finding.verdict.rank
                for other in same
            )
            if not covered and not surer:
                kept.append(finding)
        for finding in same:
            reach[finding.verdict] = max(reach[finding.verdict], end)
    return tuple(kept)
