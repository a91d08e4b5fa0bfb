"""A gate that decides by words: real decisions, recorded, without a bundle."""

import hashlib
from collections.abc import Callable

from core.types import BundleHash, Decision, DecisionId, Facts, Finding, Notice, RuleId, Verdict, new_id

WORDS = {
    "[flag]": Verdict.FLAG,
    "[warn]": Verdict.WARN,
    "[justify]": Verdict.JUSTIFY,
    "[redact]": Verdict.REDACT,
    "[quarantine]": Verdict.QUARANTINE,
    "[block]": Verdict.BLOCK,
    "forbidden": Verdict.BLOCK,
}


class WordGate:
    """Finds the words above; remembers every question in ``asked``."""

    def __init__(self, epoch: Callable[[], int] = lambda: 0) -> None:
        self.asked: list[tuple[Facts, str]] = []
        self.on_ask: Callable[[Facts, str], None] = lambda _facts, _text: None
        self.barred: set[frozenset[str]] = set()
        self.covers: Callable[[str], str | None] = lambda _text: None
        self._epoch = epoch

    def epoch(self) -> int:
        return self._epoch()

    def decide(self, facts: Facts, text: str, breathe: Callable[[], None]) -> Decision:
        self.asked.append((facts, text))
        self.on_ask(facts, text)
        breathe()
        findings = [
            Finding(RuleId(word), "word", verdict, text.index(word), text.index(word) + len(word))
            for word, verdict in WORDS.items()
            if word in text
        ]
        findings = [
            f
            for f in findings
            if not (f.rule in facts.confirmed and facts.confirmed_text == _hash(text))
            and f.rule not in facts.approved
        ]
        for other in facts.audience:
            speakers = {facts.sender.id} | ({facts.origin.id} if facts.origin else set())
            if any(frozenset({other.id, speaker}) in self.barred for speaker in speakers):
                findings.append(Finding(RuleId("barrier"), "", Verdict.BLOCK))
        if any("4111" in p.text for p in facts.preceding) and "1111 1111" in text:
            findings.append(Finding(RuleId("split"), "card", Verdict.BLOCK, preceding=True))
        covered = self.covers(text)
        if covered is not None:
            findings.append(Finding(RuleId("covered"), "", Verdict.REDACT))
        verdict = max((f.verdict for f in findings), key=lambda v: v.rank, default=Verdict.ALLOW)
        return Decision(
            id=DecisionId(new_id()),
            verdict=verdict,
            bundle=BundleHash("words"),
            findings=tuple(findings),
            notice=Notice(f"Found {verdict}.", "Because.") if findings else None,
            redacted=covered or text.replace("[redact]", "▮▮▮") if verdict is Verdict.REDACT else None,
            obligations={"text_hash": _hash(text), "finding_keys": [f.rule for f in findings]},
            policy_epoch=self._epoch(),
        )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
