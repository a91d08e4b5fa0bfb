"""Decides: facts, a text and a bundle become one Decision, in steps of at most 4 kB.

Pure: the same facts, text, bundle and fingerprints give the same decision, whenever and wherever it
is taken again. The order is barriers, sharing, content; the strictest finding decides. What cannot
be checked to its end is a finding like any other and never mild: a detector that raises, a text too
dense for its budget.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from core.types import (
    Confidence,
    Decision,
    DecisionId,
    Facts,
    Finding,
    Notice,
    RuleId,
    Surface,
    Verdict,
)
from policies.barriers import barrier_steps
from policies.check import FILE_SIZE, FILE_TYPE, TECHNICAL, UNREADABLE, UNSCANNABLE
from policies.compiled import CompiledBundle, TextMatch, TextScan
from policies.dlp.redact import redact
from policies.files import file_findings
from policies.findings import content_findings, link_steps, resolve, sharing_findings, wants_links
from policies.fingerprints import Fingerprints
from policies.model.rules import Barrier, DlpRule, OtherSide, SharingRule
from policies.notices import Cause, notice_for
from policies.pieces import Pieces, scan_pieces

T = TypeVar("T")

ENGINE_VERSION = 2
"""Rises with every change after which the same input may get another answer; replay asks for it."""

_SHORT = frozenset(
    {
        Surface.REACTION,
        Surface.CONVERSATION_NAME,
        Surface.TOPIC,
        Surface.MEMBERSHIP,
        Surface.PREVIEW,
    },
)
_OF_FILES = frozenset({Surface.FILE, Surface.FILE_NAME})
_NEEDS_MORE = frozenset({Verdict.WARN, Verdict.JUSTIFY, Verdict.REDACT, Verdict.QUARANTINE})
_CONFIRMABLE = frozenset({Verdict.WARN, Verdict.JUSTIFY})
_APPROVABLE = frozenset({Verdict.WARN, Verdict.JUSTIFY, Verdict.QUARANTINE})


_CAUSES: Mapping[str, Cause] = {
    UNSCANNABLE: Cause.UNSCANNABLE,
    UNREADABLE: Cause.UNREADABLE,
    FILE_TYPE: Cause.FILE_TYPE,
    FILE_SIZE: Cause.FILE_SIZE,
}


@dataclass(frozen=True, slots=True)
class _Judged:
    """A finding as it counts here, why, and under which key it is recognised again."""

    finding: Finding
    cause: Cause
    key: str
    passed: bool = False


def decide_steps(
    facts: Facts,
    text: str,
    compiled: CompiledBundle,
    *,
    new_id: Callable[[], str],
    fingerprints: Fingerprints,
) -> Generator[None, None, Decision]:
    """Return the decision; yield between steps so that other work can go on.

    Obligations of a decision with findings: ``text_hash``, ``finding_keys`` (in the order of the
    findings), ``passed`` (keys that a confirmation or a release made mild), ``silent`` (rules of which
    the sender is not told) and, where the text has to wait, ``expires_hours``.
    """
    people = yield from barrier_steps(facts, compiled.bundle, compiled.segments)
    matches, unscanned = yield from _scan_steps(facts, text, compiled)
    links = (yield from link_steps(text)) if wants_links(facts, compiled) else []
    found = resolve(
        [
            *people,
            *unscanned,
            *file_findings(facts, compiled.bundle.files),
            *sharing_findings(facts, text, compiled, matches, links),
            *content_findings(facts, text, compiled, matches),
        ]
    )
    yield
    judged = yield from _judge_steps(facts, text, found, compiled, fingerprints)
    verdict = _strictest(judged)
    return Decision(
        id=DecisionId(new_id()),
        verdict=verdict,
        bundle=compiled.hash,
        findings=tuple(each.finding for each in judged),
        notice=_notice(facts, judged, verdict, compiled),
        redacted=_covered(text, judged, compiled) if verdict is Verdict.REDACT else None,
        obligations=_obligations(text, judged, verdict, compiled, fingerprints),
        complete=not unscanned,
    )


def decide(
    facts: Facts,
    text: str,
    compiled: CompiledBundle,
    *,
    new_id: Callable[[], str],
    fingerprints: Fingerprints,
) -> Decision:
    """Return the decision in one go, for tests, replay and jobs."""
    return run(decide_steps(facts, text, compiled, new_id=new_id, fingerprints=fingerprints))


def run(steps: Generator[None, None, T], breathe: Callable[[], None] = lambda: None) -> T:
    """Drive ``steps`` to their end, calling ``breathe`` between them."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        breathe()


def _scan_steps(
    facts: Facts, text: str, compiled: CompiledBundle
) -> Generator[None, None, tuple[list[TextMatch], list[Finding]]]:
    """Return the matches, and the finding that says the scan did not reach the end."""
    if compiled.scanner is None or not text:
        return [], []
    window = timedelta(minutes=compiled.bundle.dlp.preceding_minutes)
    preceding = [each.text for each in facts.preceding if facts.at - each.at <= window]
    verdict = compiled.bundle.dlp.unscannable.verdict
    try:
        if facts.file is not None:
            scan = yield from scan_pieces(compiled.scanner, text)
        else:
            scan = yield from compiled.scanner.scan_steps(text, preceding)
            if facts.beside:
                scan = _together(scan, (yield from compiled.scanner.scan_steps(text, facts.beside)))
    except Exception:
        # What a detector says about a text it failed on is unknown, so it is not let through.
        return [], [Finding(RuleId(UNSCANNABLE), TECHNICAL, verdict)]
    if scan.complete:
        return list(scan.matches), []
    return list(scan.matches), [Finding(RuleId(UNSCANNABLE), "", verdict, 0, 0, Confidence.HIGH)]


def _together(alone: TextScan, read: TextScan) -> TextScan:
    """Return what stands in a text, and what only comes of reading it after what stands beside it."""
    split = [match for match in read.matches if match.preceding and match not in alone.matches]
    return Pieces([*alone.matches, *split], alone.complete and read.complete)


def _judge_steps(
    facts: Facts,
    text: str,
    findings: tuple[Finding, ...],
    compiled: CompiledBundle,
    fingerprints: Fingerprints,
) -> Generator[None, None, list[_Judged]]:
    """Return how each finding counts on this surface, for this sender, after what was confirmed."""
    confirmed = facts.confirmed if findings and _is_confirmed(facts, text, fingerprints) else frozenset()
    judged = []
    for count, finding in enumerate(findings):
        if count % 100 == 99:
            yield
        value = text[finding.start : finding.end] if finding.end else text
        key = fingerprints.of_finding(finding.rule, finding.detector, value)
        verdict, cause = _adapted(facts, finding, compiled)
        passed = (verdict in _CONFIRMABLE and finding.rule in confirmed) or (
            verdict in _APPROVABLE and key in facts.approved
        )
        counted = replace(finding, verdict=Verdict.FLAG if passed else verdict)
        judged.append(_Judged(counted, cause, key, passed))
    return judged


def _is_confirmed(facts: Facts, text: str, fingerprints: Fingerprints) -> bool:
    return bool(facts.confirmed) and facts.confirmed_text == fingerprints.of_text(text)


def _adapted(facts: Facts, finding: Finding, compiled: CompiledBundle) -> tuple[Verdict, Cause]:
    """Return the verdict that can be carried out here, and why it differs from the rule's."""
    verdict = finding.verdict
    if facts.surface in _SHORT and verdict in _NEEDS_MORE:
        return Verdict.BLOCK, Cause.SHORT
    if facts.surface is Surface.EDIT and verdict in {Verdict.REDACT, Verdict.QUARANTINE, Verdict.BLOCK}:
        return Verdict.BLOCK, Cause.EDIT
    if facts.surface in _OF_FILES and verdict is Verdict.REDACT:
        return compiled.bundle.files.cannot_cover.verdict, Cause.FILE
    if verdict is Verdict.REDACT and finding.preceding:
        return Verdict.BLOCK, Cause.BESIDE if facts.beside else Cause.PRECEDING
    return verdict, _CAUSES.get(finding.rule, Cause.RULE)


def _strictest(judged: list[_Judged]) -> Verdict:
    """Return the verdict of all findings together.

    A redacted text is delivered. Where a confirmation is asked for as well it comes first, or a
    card number thrown in would buy the way past it.
    """
    verdicts = {each.finding.verdict for each in judged}
    worst = max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.ALLOW)
    if worst is Verdict.REDACT:
        return max(verdicts & _CONFIRMABLE, key=lambda verdict: verdict.rank, default=worst)
    return worst


def _notice(facts: Facts, judged: list[_Judged], verdict: Verdict, compiled: CompiledBundle) -> Notice | None:
    """Return what the sender is told; nothing of what they were asked about, and of silent flags."""
    deciding = [each for each in judged if each.finding.verdict is verdict]
    if verdict is Verdict.FLAG:
        deciding = [each for each in deciding if not (each.passed or _is_silent(compiled, each.finding.rule))]
    if not deciding:
        return None
    first = max(deciding, key=lambda each: (_priority(compiled, each.finding.rule), each.finding.confidence))
    rule = compiled.named.get(first.finding.rule)
    cause = first.cause
    if isinstance(rule, Barrier):
        cause = Cause.MEMBERSHIP if facts.surface is Surface.MEMBERSHIP else Cause.BARRIER
        if rule.other_side is OtherSide.HIDDEN:
            cause = Cause.HIDDEN_BARRIER
    return notice_for(
        first.finding,
        cause,
        title=compiled.title_of(first.finding.rule),
        own=rule.notice if rule is not None else None,
        surface=facts.surface,
        hours=compiled.bundle.quarantine.expires_hours,
    )


def _priority(compiled: CompiledBundle, rule: str) -> int:
    known = compiled.named.get(rule)
    return known.priority if isinstance(known, SharingRule | DlpRule) else 0


def _is_silent(compiled: CompiledBundle, rule: str) -> bool:
    known = compiled.named.get(rule)
    return isinstance(known, SharingRule | DlpRule) and known.silent


def _covered(text: str, judged: list[_Judged], compiled: CompiledBundle) -> str:
    """Return the text as recipients may see it."""
    spans = [each.finding for each in judged if each.finding.verdict is Verdict.REDACT]
    return redact(
        text,
        [(finding.start, finding.end) for finding in spans],
        [compiled.label_of(finding.detector, finding.rule) for finding in spans],
    )


def _obligations(
    text: str,
    judged: list[_Judged],
    verdict: Verdict,
    compiled: CompiledBundle,
    fingerprints: Fingerprints,
) -> Mapping[str, Any]:
    if not judged:
        return {}
    obligations: dict[str, Any] = {
        "text_hash": fingerprints.of_text(text),
        "finding_keys": [each.key for each in judged],
        "passed": sorted({each.key for each in judged if each.passed}),
    }
    if silent := sorted({each.finding.rule for each in judged if _is_silent(compiled, each.finding.rule)}):
        obligations["silent"] = silent
    if verdict is Verdict.QUARANTINE:
        obligations["expires_hours"] = compiled.bundle.quarantine.expires_hours
    return obligations
