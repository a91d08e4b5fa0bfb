"""What a bundle may not say although each of its values is well formed; and what it should not say.

:func:`check` finds what would make a rule silently hold for nobody (an unknown segment, an unknown
detector) and is refused. :func:`lint` finds what is allowed but hardly meant; it warns.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from core.types import Verdict
from policies.bundle import Bundle
from policies.complaints import Complaint, complain
from policies.model.rules import Barrier, Direction, DlpRule, Rule, SharingRule
from policies.model.texts import ENGLISH, Text, languages_of
from policies.model.usage import History

UNSCANNABLE = "unscannable"
"""The rule of a finding that says a text could not be scanned to its end."""

UNREADABLE = "unreadable"
"""The rule of a finding that says that the text of a file could not be read to its end."""

FILE_TYPE = "file-type"
"""The rule of a finding that says that files of this type may not be sent."""

FILE_SIZE = "file-size"
"""The rule of a finding that says that a file is larger than may be sent."""

RESERVED = frozenset({UNSCANNABLE, UNREADABLE, FILE_TYPE, FILE_SIZE})
"""Rules of the engine itself; no bundle may name one of its own like them."""

TECHNICAL = "detector-failed"
"""The detector of such a finding when a detector raised; empty when the budget ran out."""

LONG_CROSSING = timedelta(days=366)

Said = tuple[str, Complaint]
"""A path in the bundle, and what is said about it."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a bundle may name: the catalogue's detectors, and patterns that the engine accepts.

    ``refuses`` returns why a pattern cannot be used, or nothing.
    """

    detectors: frozenset[str]
    refuses: Callable[[str], Complaint | None]


def check(bundle: Bundle, vocabulary: Vocabulary) -> Iterator[Said]:
    """Yield a path and a complaint for each thing that keeps the bundle from being used."""
    yield from _unique_ids(bundle)
    yield from _check_texts(bundle)
    for number, barrier in enumerate(bundle.barriers):
        yield from _check_barrier(bundle, barrier, f"barriers[{number}]")
    for number, sharing in enumerate(bundle.sharing):
        yield from _check_sharing(bundle, sharing, vocabulary, f"sharing[{number}]")
    for number, rule in enumerate(bundle.dlp.rules):
        yield from _check_rule(bundle, rule, vocabulary, f"dlp.rules[{number}]")
    yield from _check_tests(bundle)


def _rules(bundle: Bundle) -> Iterator[tuple[str, Rule]]:
    """Yield everything that a finding can name, with its path."""
    sections: dict[str, Sequence[Rule]] = {
        "barriers": bundle.barriers,
        "sharing": bundle.sharing,
        "dlp.rules": bundle.dlp.rules,
    }
    for section, rules in sections.items():
        for number, rule in enumerate(rules):
            yield f"{section}[{number}]", rule


def _unique_ids(bundle: Bundle) -> Iterator[Said]:
    seen: dict[str, str] = {}
    for path, rule in _rules(bundle):
        if rule.id in RESERVED:
            yield f"{path}.id", complain("id_of_engine", name=rule.id)
        elif rule.id in seen:
            yield f"{path}.id", complain("id_taken", name=rule.id, path=seen[rule.id])
        seen.setdefault(rule.id, path)


def _check_texts(bundle: Bundle) -> Iterator[Said]:
    """Find texts without English, and notices that do not say all in each of their languages."""
    for name, segment in bundle.segments.items():
        yield from _check_text(segment.title, f"segments.{name}.title")
    for path, rule in _rules(bundle):
        yield from _check_text(rule.title, f"{path}.title")
        if rule.notice is not None:
            for part, text in rule.notice.texts.items():
                yield from _check_text(text, f"{path}.notice.{part}", rule.notice.languages)


def _check_text(text: Text, path: str, wanted: frozenset[str] = frozenset()) -> Iterator[Said]:
    held = languages_of(text)
    if held and ENGLISH not in held:
        yield path, complain("english_missing")
    elif missing := sorted(wanted - held - {ENGLISH}):
        yield path, complain("language_missing", languages=missing)


def _segments(bundle: Bundle, names: Iterable[str], path: str) -> Iterator[Said]:
    for number, name in enumerate(names):
        if name not in bundle.segments:
            known = sorted(bundle.segments)
            said = (
                complain("no_segment", name=name, known=known)
                if known
                else complain("no_segments", name=name)
            )
            yield f"{path}[{number}]", said


def _detectors(vocabulary: Vocabulary, names: Iterable[str], path: str) -> Iterator[Said]:
    for number, name in enumerate(names):
        if name not in vocabulary.detectors:
            yield f"{path}[{number}]", complain("no_detector", name=name)


def _check_barrier(bundle: Bundle, barrier: Barrier, path: str) -> Iterator[Said]:
    yield from _segments(bundle, barrier.between, f"{path}.between")
    if len(set(barrier.between)) == 1:
        yield f"{path}.between", complain("one_segment")
    for number, crossing in enumerate(barrier.crossings):
        place = f"{path}.crossings[{number}]"
        if crossing.approver in crossing.people:
            yield f"{place}.approver", complain("own_crossing")
        if crossing.chaperone in crossing.people:
            yield f"{place}.chaperone", complain("own_chaperone")
        if crossing.since is not None and crossing.since >= crossing.until:
            yield f"{place}.until", complain("crossing_ends_first")


def _check_sharing(bundle: Bundle, rule: SharingRule, vocabulary: Vocabulary, path: str) -> Iterator[Said]:
    yield from _segments(bundle, rule.from_, f"{path}.from")
    yield from _detectors(vocabulary, rule.detectors, f"{path}.detectors")
    if rule.verdict is Verdict.ALLOW:
        yield f"{path}.verdict", complain("allows")
    yield from _check_silence(rule, path)
    if rule.verdict is Verdict.REDACT and not (rule.links or rule.detectors):
        yield f"{path}.verdict", complain("nothing_to_redact")


def _check_silence(rule: SharingRule | DlpRule, path: str) -> Iterator[Said]:
    if rule.silent and rule.verdict is not Verdict.FLAG:
        yield f"{path}.silent", complain("silent_stop")
    if rule.silent and rule.notice is not None:
        yield f"{path}.notice", complain("silent_notice")


def _check_rule(bundle: Bundle, rule: DlpRule, vocabulary: Vocabulary, path: str) -> Iterator[Said]:
    yield from _detectors(vocabulary, rule.detectors, f"{path}.detectors")
    yield from _segments(bundle, rule.scope.from_, f"{path}.scope.from")
    yield from _segments(bundle, rule.scope.to, f"{path}.scope.to")
    if rule.verdict is Verdict.ALLOW:
        yield f"{path}.verdict", complain("allows")
    yield from _check_silence(rule, path)
    if not rule.sources:
        yield path, complain("nothing_to_find")
    for number, words in enumerate(rule.lexicon):
        if not any(character.isalnum() for character in words):
            yield f"{path}.lexicon[{number}]", complain("bad_word")
    if rule.pattern:
        refused = vocabulary.refuses(rule.pattern)
        if refused:
            yield f"{path}.pattern", refused
    if rule.near is not None:
        if rule.near.detector in rule.sources:
            yield f"{path}.near.detector", complain("own_evidence")
        own = {name for each in bundle.dlp.rules for name in each.own_sources}
        if rule.near.detector not in vocabulary.detectors | own:
            yield f"{path}.near.detector", complain("no_detector", name=rule.near.detector)


def _check_tests(bundle: Bundle) -> Iterator[Said]:
    ids = {rule.id for rule in bundle.rules} | RESERVED
    names: set[str] = set()
    for number, test in enumerate(bundle.tests):
        path = f"tests[{number}]"
        if test.name in names:
            yield f"{path}.name", complain("test_name_taken")
        names.add(test.name)
        yield from _segments(bundle, test.given.from_.segments, f"{path}.given.from.segments")
        for other, who in enumerate(test.given.to):
            yield from _segments(bundle, who.segments, f"{path}.given.to[{other}].segments")
        for place, name in enumerate(test.expect.rules or ()):
            if name not in ids:
                yield f"{path}.expect.rules[{place}]", complain("no_rule", name=name)


def lint(bundle: Bundle, now: datetime) -> Iterator[Said]:
    """Yield a path and a complaint for each thing that is allowed but contradicts itself or does nothing."""
    for name, segment in bundle.segments.items():
        if not (segment.groups or segment.attributes or segment.people):
            yield f"segments.{name}", complain("empty_segment")
    named = {name for barrier in bundle.barriers for name in barrier.between}
    named |= {name for sharing in bundle.sharing for name in sharing.from_}
    named |= {name for rule in bundle.dlp.rules for name in (*rule.scope.from_, *rule.scope.to)}
    for name in sorted(bundle.segments.keys() - named):
        yield f"segments.{name}", complain("idle_segment")
    for number, barrier in enumerate(bundle.barriers):
        yield from _lint_crossings(barrier, f"barriers[{number}]", now)
    yield from _lint_pairs(bundle)
    for number, name in enumerate(bundle.files.denied):
        if name in bundle.files.types:
            yield f"files.denied[{number}]", complain("allowed_and_denied", name=name)
    usage = bundle.usage
    if usage.edit_minutes == 0 and usage.edit_history is History.EVERYONE:
        yield "usage.edit_history", complain("no_edits_to_see")
    tested = {rule for test in bundle.tests for rule in test.expect.rules or ()}
    for number, rule in enumerate(bundle.dlp.rules):
        if rule.id not in tested:
            yield f"dlp.rules[{number}]", complain("untested", name=rule.id)


def _lint_crossings(barrier: Barrier, path: str, now: datetime) -> Iterator[Said]:
    for number, crossing in enumerate(barrier.crossings):
        place = f"{path}.crossings[{number}]"
        if crossing.until <= now:
            yield place, complain("crossing_over")
        elif crossing.until - max(now, crossing.since or now) > LONG_CROSSING:
            yield place, complain("long_crossing", people=crossing.people, barrier=barrier.id)


def _lint_pairs(bundle: Bundle) -> Iterator[Said]:
    """Find barriers over the same pair that disagree, so that a crossing or a silence is undone."""
    for (_, first), (number, second) in combinations(enumerate(bundle.barriers), 2):
        if set(first.between) != set(second.between):
            continue
        path = f"barriers[{number}]"
        if not set(first.applies_to) & set(second.applies_to):
            continue
        if first.other_side != second.other_side:
            yield f"{path}.other_side", complain("sides_differ", first=first.id, second=second.id)
        if first.crossings != second.crossings:
            yield f"{path}.crossings", complain("crossings_differ", first=first.id, second=second.id)
        same_way = first.between == second.between or Direction.BOTH in {first.direction, second.direction}
        if same_way:
            yield path, complain("apart_already", first=first.id)
