"""Replay: takes a decision again from its sealed record, and says whether the answer is the same.

The record, the bundle and the engine must still exist; where one is gone the answer names it and
claims nothing. The conversation's key is not needed: fingerprints are read from the record, for the
findings that stand in it and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from core.errors import ChanceryError
from core.types import Decision
from policies.bundle import from_canonical, hash_of
from policies.compiled import Compiler
from policies.engine import ENGINE_VERSION, decide
from policies.records import decision_from_record, facts_from_json


class Outcome(StrEnum):
    """What a replay can say."""

    SAME = "same"
    DIFFERENT = "different"
    RECORD_GONE = "record_gone"
    ENGINE_GONE = "engine_gone"
    BUNDLE_GONE = "bundle_gone"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The outcome, both answers where there are two, and which parts of them differ."""

    outcome: Outcome
    recorded: Decision | None = None
    replayed: Decision | None = None
    differs: tuple[str, ...] = ()


class _RecordedFingerprints:
    """Gives texts and findings the fingerprints they had, and nothing to anything else."""

    def __init__(self, recorded: Decision, text: str) -> None:
        self._text = text
        self._text_hash = str(recorded.obligations.get("text_hash", ""))
        keys = recorded.obligations.get("finding_keys", ())
        self._keys: dict[tuple[str, str, str], str] = {
            (found.rule, found.detector, text[found.start : found.end] if found.end else text): str(key)
            for found, key in zip(recorded.findings, keys, strict=True)
        }

    def of_text(self, text: str) -> str:
        """Return the recorded fingerprint of the recorded text."""
        return self._text_hash if text == self._text else "unrecorded"

    def of_finding(self, rule: str, detector: str, value: str) -> str:
        """Return the recorded key of a recorded finding."""
        return self._keys.get((rule, detector, value), "unrecorded")


_COMPARED = ("verdict", "findings", "redacted", "notice", "obligations", "complete", "bundle")


def replay(
    facts: Mapping[str, Any] | None,
    text: str | None,
    canonical: bytes | None,
    recorded: Mapping[str, Any] | None,
    compiler: Compiler,
) -> ReplayResult:
    """Return whether deciding again gives the recorded answer.

    ``facts`` and ``recorded`` are what :mod:`policies.records` wrote, ``canonical`` the stored form of
    the bundle; each may be gone.
    """
    if facts is None or text is None or recorded is None:
        return ReplayResult(Outcome.RECORD_GONE)
    try:
        before = decision_from_record(recorded)
        given = facts_from_json(facts)
        fingerprints = _RecordedFingerprints(before, text)
    except (ChanceryError, ValueError):
        return ReplayResult(Outcome.RECORD_GONE)
    if recorded.get("engine") != ENGINE_VERSION:
        return ReplayResult(Outcome.ENGINE_GONE, before)
    if canonical is None or hash_of(canonical) != before.bundle:
        return ReplayResult(Outcome.BUNDLE_GONE, before)
    try:
        compiled = compiler.compile(from_canonical(canonical), before.bundle)
    except ChanceryError:
        # The bundle is whole, but this release no longer reads its form or knows its detectors.
        return ReplayResult(Outcome.ENGINE_GONE, before)
    again = decide(given, text, compiled, new_id=lambda: before.id, fingerprints=fingerprints)
    again = replace(again, policy_epoch=before.policy_epoch)
    differs = tuple(name for name in _COMPARED if getattr(before, name) != getattr(again, name))
    return ReplayResult(Outcome.DIFFERENT if differs else Outcome.SAME, before, again, differs)
