"""What a sender is answered: one form for what went out and one for what was stopped."""

from datetime import datetime
from typing import Any

from core.messaging.model import ItemState
from core.types import Decision, Verdict, rfc3339

STOPPED_STATE = {
    Verdict.WARN: ItemState.NEEDS_CONFIRMATION,
    Verdict.JUSTIFY: ItemState.NEEDS_REASON,
    Verdict.QUARANTINE: ItemState.QUARANTINED,
    Verdict.BLOCK: ItemState.BLOCKED,
}


def sent(item: str, state: ItemState, cseq: int, at: datetime, decision: Decision | None) -> dict[str, Any]:
    """Return the answer for what others see now."""
    answer: dict[str, Any] = {"ok": True, "id": item, "state": state, "cseq": cseq, "at": rfc3339(at)}
    if decision is not None and decision.notice is not None:
        answer |= {"notice": notice_of(decision), "decision": decision.id}
    return answer


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
    if decision.notice is None:
        return {"title": "Stopped by your firm's policy.", "why": "", "actions": []}
    return {
        "title": decision.notice.title,
        "why": decision.notice.why,
        "actions": list(decision.notice.actions),
    }


def findings_of(decision: Decision) -> list[dict[str, Any]]:
    """Return what was found, masked, with places in the sender's own text."""
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
        if finding.verdict is not Verdict.ALLOW
    ]
