"""What a sender is answered: one form for what went out and one for what was stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.messaging.model import ItemState
from core.types import Decision, Notice, UsageRules, Verdict, rfc3339

TOLD = "told"
"""The part of an answer, and of an item as its sender is shown it, that nobody else gets."""

STOPPED_STATE = {
    Verdict.WARN: ItemState.NEEDS_CONFIRMATION,
    Verdict.JUSTIFY: ItemState.NEEDS_REASON,
    Verdict.QUARANTINE: ItemState.QUARANTINED,
    Verdict.BLOCK: ItemState.BLOCKED,
}


def sent(item: str, state: ItemState, cseq: int, at: datetime, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer for what others see now; ``said`` is what its sender alone is told."""
    return {"ok": True, "id": item, "state": state, "cseq": cseq, "at": rfc3339(at), **said}


def stopped(
    item: str, state: ItemState, at: datetime, decision: Decision, expires: datetime | None = None
) -> dict[str, Any]:
    """Return the answer for what nobody else has seen."""
    return {
        "ok": False,
        "code": state,
        "retryable": False,
        "id": item,
        "state": state,
        "at": rfc3339(at),
        "decision": decision.id,
        "notice": notice_of(decision),
        "findings": findings_of(decision),
        "expires_at": rfc3339(expires) if expires else None,
    }


def notice_of(decision: Decision) -> dict[str, Any]:
    """Return the words for the sender."""
    return words_of(decision.notice or Notice("Stopped by your firm's policy."))


def words_of(notice: Notice) -> dict[str, Any]:
    """Return a notice as it goes to a page, which shows it in its own language."""
    words: dict[str, Any] = {"title": notice.title, "why": notice.why, "actions": list(notice.actions)}
    if notice.translations:
        words["translations"] = {each: words_of(told) for each, told in notice.translations.items()}
    return words


def told(decision: Decision | None, text: str, rules: UsageRules) -> dict[str, Any]:
    """Return what the sender alone is told of a message that others see; nothing where there is no notice.

    Where something was covered, and policy lets its sender see it, ``text`` is in it as it was written.
    """
    if decision is None or decision.notice is None:
        return {}
    excerpts = [each["excerpt"] for each in findings_of(decision) if each["excerpt"]]
    said = {"notice": notice_of(decision), "decision": decision.id, "excerpts": list(dict.fromkeys(excerpts))}
    if decision.verdict is Verdict.REDACT and rules.covered_shown_to_sender:
        said["written"] = text
    return {TOLD: said}


def findings_of(decision: Decision) -> list[dict[str, Any]]:
    """Return what was found, masked, with places in the sender's own text; nothing of silent rules."""
    silent = decision.obligations.get("silent", ())
    return [
        {
            "rule": finding.rule,
            "detector": finding.detector,
            "start": finding.start,
            "end": finding.end,
            "excerpt": finding.excerpt,
            "preceding": finding.preceding,
        }
        for finding in decision.findings
        if finding.verdict is not Verdict.ALLOW and finding.rule not in silent
    ]
