"""Facts and decisions as they are sealed with a record: plain JSON values, and back without loss."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.errors import IntegrityError
from core.types import (
    BundleHash,
    ConversationId,
    ConversationKind,
    Decision,
    DecisionId,
    Facts,
    FileFacts,
    Finding,
    ItemId,
    Notice,
    PersonFacts,
    PersonId,
    Preceding,
    RuleId,
    Surface,
    Verdict,
)
from policies.engine import ENGINE_VERSION

Json = dict[str, Any]


def facts_to_json(facts: Facts) -> Json:
    """Return facts as JSON values; sets become sorted lists, so that equal facts look equal."""
    return {
        "surface": facts.surface.value,
        "sender": _person(facts.sender),
        "conversation": facts.conversation,
        "kind": facts.kind.value,
        "audience": [_person(person) for person in facts.audience],
        "at": _instant(facts.at),
        "preceding": [
            {"item": each.item, "text": each.text, "at": _instant(each.at)} for each in facts.preceding
        ],
        "confirmed": sorted(facts.confirmed),
        "confirmed_text": facts.confirmed_text,
        "approved": sorted(facts.approved),
        "file": _file(facts.file),
        "origin": _person(facts.origin) if facts.origin is not None else None,
    }


def facts_from_json(value: Mapping[str, Any]) -> Facts:
    """Return the facts that :func:`facts_to_json` wrote.

    Raises:
        IntegrityError: ``bad_record``; this was not written by it.
    """
    try:
        return Facts(
            surface=Surface(value["surface"]),
            sender=_person_from(value["sender"]),
            conversation=ConversationId(value["conversation"]),
            kind=ConversationKind(value["kind"]),
            audience=tuple(_person_from(person) for person in value["audience"]),
            at=datetime.fromisoformat(value["at"]),
            preceding=tuple(
                Preceding(ItemId(each["item"]), each["text"], datetime.fromisoformat(each["at"]))
                for each in value["preceding"]
            ),
            confirmed=frozenset(RuleId(rule) for rule in value["confirmed"]),
            confirmed_text=value["confirmed_text"],
            approved=frozenset(value["approved"]),
            # Records that were sealed before files could be sent say nothing of one.
            file=_file_from(value.get("file")),
            # Records of 0.1 know of nothing that is passed on.
            origin=_person_from(origin) if (origin := value.get("origin")) is not None else None,
            beside=tuple(value.get("beside", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error


def decision_record(decision: Decision) -> Json:
    """Return a decision as JSON values, with the version of the engine that took it."""
    notice = decision.notice
    return {
        "engine": ENGINE_VERSION,
        "id": decision.id,
        "verdict": decision.verdict.value,
        "bundle": decision.bundle,
        "findings": [_finding(finding) for finding in decision.findings],
        "notice": notice and _notice(notice),
        "redacted": decision.redacted,
        "obligations": dict(decision.obligations),
        "policy_epoch": decision.policy_epoch,
        "complete": decision.complete,
    }


def decision_from_record(value: Mapping[str, Any]) -> Decision:
    """Return the decision that :func:`decision_record` wrote.

    Raises:
        IntegrityError: ``bad_record``; this was not written by it.
    """
    try:
        notice = value["notice"]
        return Decision(
            id=DecisionId(value["id"]),
            verdict=Verdict(value["verdict"]),
            bundle=BundleHash(value["bundle"]),
            findings=tuple(_finding_from(each) for each in value["findings"]),
            notice=notice and _notice_from(notice),
            redacted=value["redacted"],
            obligations=dict(value["obligations"]),
            policy_epoch=int(value["policy_epoch"]),
            complete=bool(value["complete"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error


def _instant(at: datetime) -> str:
    # Microseconds are kept: a crossing may end between two milliseconds.
    return at.astimezone(UTC).isoformat()


def _person(person: PersonFacts) -> Json:
    return {
        "id": person.id,
        "segments": sorted(person.segments),
        "groups": sorted(person.groups),
        "external": person.external,
    }


def _person_from(value: Mapping[str, Any]) -> PersonFacts:
    return PersonFacts(
        PersonId(value["id"]),
        frozenset(value["segments"]),
        frozenset(value["groups"]),
        bool(value["external"]),
    )


def _notice(notice: Notice) -> Json:
    return {
        "title": notice.title,
        "why": notice.why,
        "actions": list(notice.actions),
        "translations": {each: _notice(told) for each, told in notice.translations.items()},
    }


def _notice_from(value: Mapping[str, Any]) -> Notice:
    # Records of 0.1 know of one language only.
    others = value.get("translations", {})
    return Notice(
        value["title"],
        value["why"],
        tuple(value["actions"]),
        {each: _notice_from(told) for each, told in others.items()},
    )


def _file(file: FileFacts | None) -> Json | None:
    if file is None:
        return None
    return {"type": file.type, "size": file.size, "problem": file.problem}


def _file_from(value: Mapping[str, Any] | None) -> FileFacts | None:
    return None if value is None else FileFacts(value["type"], int(value["size"]), value["problem"])


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "detector": finding.detector,
        "verdict": finding.verdict.value,
        "start": finding.start,
        "end": finding.end,
        "confidence": int(finding.confidence),
        "excerpt": finding.excerpt,
        "preceding": finding.preceding,
    }


def _finding_from(value: Mapping[str, Any]) -> Finding:
    return Finding(
        RuleId(value["rule"]),
        value["detector"],
        Verdict(value["verdict"]),
        int(value["start"]),
        int(value["end"]),
        int(value["confidence"]),
        value["excerpt"],
        bool(value["preceding"]),
    )


def _unreadable() -> IntegrityError:
    return IntegrityError("This record of a decision cannot be read.", code="bad_record")
