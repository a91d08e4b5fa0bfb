"""The gate holds what is approved, confirms it every second, and otherwise lets nothing pass."""

import contextlib
import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import IntegrityError, Unavailable
from core.types import BundleHash, ConversationId, Verdict
from policies.barriers import Sight
from policies.bundle import Bundle, bundle_hash, canonical
from policies.compiled import Compiler
from policies.gate import EnforcedBundle, LiveGate
from policies.highest import HighestBundle
from policies.lifecycle import NO_PREDECESSOR, approval_payload
from tests.factories.policies import make_bundle, make_facts, make_person
from tests.fakes.clock import DrivenClock
from tests.fakes.scanner import WordScanner

CARD = "4111 1111 1111 1111"
MILD = "dlp: {rules: [{id: CARD, title: card, verdict: flag, detectors: [payment_card]}]}"
STRICT = "dlp: {rules: [{id: CARD, title: card, verdict: block, detectors: [payment_card]}]}"


def test_a_gate_that_never_saw_a_bundle_lets_nothing_pass(house: "House") -> None:
    gate = house.gate()
    for ask in _every_question(gate):
        with pytest.raises(Unavailable) as refused:
            ask()
        assert refused.value.code == "policy_unavailable"
        assert refused.value.retryable


def test_an_approved_bundle_decides(house: "House") -> None:
    house.enforce(make_bundle(STRICT))
    gate = house.live_gate()
    decision = gate.decide(make_facts(), CARD, _breathe)
    assert (decision.verdict, decision.policy_epoch) == (Verdict.BLOCK, house.source.enforced.epoch)
    assert decision.bundle == house.source.enforced.hash


def test_two_seconds_without_a_confirmation_stop_everything(house: "House") -> None:
    gate = house.live_gate()
    house.clock.advance(2.0)
    gate.decide(make_facts(), "hello", _breathe)
    house.clock.advance(0.01)
    for ask in _every_question(gate):
        with pytest.raises(Unavailable, match="cannot be confirmed"):
            ask()
    gate.refresh()
    assert gate.decide(make_facts(), "hello", _breathe).verdict is Verdict.ALLOW


def test_a_store_that_cannot_be_read_confirms_nothing(house: "House") -> None:
    gate = house.live_gate()
    house.source.failure = OSError("disk")
    for _ in range(3):
        house.clock.advance(1)
        with pytest.raises(OSError, match="disk"):
            gate.refresh()
    with pytest.raises(Unavailable):
        gate.decide(make_facts(), "hello", _breathe)


def test_a_slow_answer_counts_from_when_it_was_asked_for(house: "House") -> None:
    gate = house.live_gate()
    house.source.before = lambda: house.clock.advance(2.5)
    gate.refresh()
    with pytest.raises(Unavailable):
        gate.decide(make_facts(), "hello", _breathe)


def test_a_new_bundle_is_live_at_the_next_refresh(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    gate = house.live_gate()
    assert gate.decide(make_facts(), CARD, _breathe).verdict is Verdict.FLAG
    house.enforce(make_bundle(STRICT))
    gate.refresh()
    assert gate.decide(make_facts(), CARD, _breathe).verdict is Verdict.BLOCK


def test_a_decision_under_way_ends_with_the_bundle_it_began_with(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    gate = house.live_gate()
    began = house.source.enforced

    def swap() -> None:
        if house.source.enforced is began:
            house.enforce(make_bundle(STRICT))
            gate.refresh()

    decision = gate.decide(make_facts(), CARD, swap)
    assert (decision.bundle, decision.policy_epoch) == (began.hash, began.epoch)
    assert gate.epoch() == began.epoch + 1


def test_a_new_epoch_of_the_same_bundle_needs_no_compiling(house: "House") -> None:
    gate = house.live_gate()
    compiled = house.compiled
    house.source.enforced = replace(house.source.enforced, epoch=99)
    gate.refresh()
    assert (gate.epoch(), house.compiled) == (99, compiled)


def test_detectors_that_did_not_change_are_not_compiled_again(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    gate = house.live_gate()
    compiled = house.compiled
    house.enforce(make_bundle(STRICT))
    gate.refresh()
    assert house.compiled == compiled


@pytest.mark.parametrize("part", ["hash", "number", "predecessor", "signature", "canonical"])
def test_whoever_writes_to_the_store_changes_no_policy(house: "House", part: str) -> None:
    house.enforce(make_bundle(STRICT))
    gate = house.live_gate()
    mild = make_bundle(MILD)
    forged: dict[str, Any] = {
        "hash": bundle_hash(mild),
        "number": 3,
        "predecessor": bundle_hash(mild),
        "signature": b"forged",
        "canonical": canonical(mild),
    }
    house.source.enforced = replace(house.source.enforced, **{part: forged[part]})
    with pytest.raises(IntegrityError) as refused:
        gate.refresh()
    assert refused.value.code == "policy_signature"
    assert gate.decide(make_facts(), CARD, _breathe).verdict is Verdict.BLOCK
    house.clock.advance(2.1)
    with pytest.raises(Unavailable):
        gate.decide(make_facts(), CARD, _breathe)


def test_an_older_bundle_is_refused_although_its_signature_is_good(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    older = house.source.enforced
    house.enforce(make_bundle(STRICT))
    gate = house.live_gate()
    house.source.enforced = older
    with pytest.raises(IntegrityError) as refused:
        gate.refresh()
    assert refused.value.code == "policy_number"


def test_an_older_bundle_is_refused_after_a_restart_too(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    older = house.source.enforced
    house.enforce(make_bundle(STRICT))
    house.live_gate()
    house.source.enforced = older
    with pytest.raises(IntegrityError, match="older policy is never enforced again"):
        house.gate().refresh()


def test_two_bundles_of_one_number_are_refused(house: "House") -> None:
    house.live_gate()
    house.source.enforced = house.signed(make_bundle(STRICT), 1, NO_PREDECESSOR)
    with pytest.raises(IntegrityError, match="Two different policies have number 1"):
        house.gate().refresh()


def test_a_bundle_that_does_not_follow_the_live_one_is_refused(house: "House") -> None:
    gate = house.live_gate()
    house.source.enforced = house.signed(make_bundle(STRICT), 2, BundleHash("0" * 64))
    with pytest.raises(IntegrityError) as refused:
        gate.refresh()
    assert refused.value.code == "policy_order"


def test_a_damaged_memory_of_the_highest_bundle_is_no_reason_to_trust(house: "House") -> None:
    house.live_gate()
    house.path.write_text("{")
    with pytest.raises(IntegrityError, match="damaged"):
        house.gate().refresh()


def test_a_bundle_refused_for_its_detectors_leaves_the_highest_as_it_was(house: "House") -> None:
    gate = house.live_gate()
    before = house.path.read_text()
    bad = make_bundle(STRICT)
    house.broken = True
    house.enforce(bad)
    with pytest.raises(RuntimeError):
        gate.refresh()
    assert house.path.read_text() == before


def test_processes_that_share_the_file_only_ever_raise_it(tmp_path: Path) -> None:
    path = tmp_path / "highest-bundle"

    def accept(number: int) -> None:
        with contextlib.suppress(IntegrityError):
            HighestBundle(path).raise_to(number, BundleHash(f"hash-{number}"))

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(1, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    HighestBundle(path).check(19, BundleHash("hash-19"))
    with pytest.raises(IntegrityError):
        HighestBundle(path).check(18, BundleHash("hash-18"))


def test_a_detector_that_raises_is_no_pass(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    decision = house.live_gate().decide(make_facts(), "[broken]", _breathe)
    assert (decision.verdict, decision.complete) == (Verdict.QUARANTINE, False)


def test_a_fingerprint_that_cannot_be_made_is_no_pass(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    house.key = None
    with pytest.raises(Unavailable, match="policy check failed"):
        house.live_gate().decide(make_facts(), CARD, _breathe)


def test_breath_is_taken_between_steps(house: "House") -> None:
    house.enforce(make_bundle(MILD))
    breaths: list[int] = []
    house.live_gate().decide(make_facts(), "x" * 20_000, lambda: breaths.append(1))
    assert len(breaths) >= 20_000 // 4_096


def test_a_value_has_another_fingerprint_in_another_conversation(house: "House") -> None:
    gate = house.gate()
    one, other = (gate.fingerprints(ConversationId(name)).of_text("same") for name in ("a", "b"))
    assert one != other


def test_the_gate_knows_who_may_see_whom_and_what_else_the_bundle_settles(house: "House") -> None:
    house.enforce(
        make_bundle(
            """
            segments: {a: {title: A}, b: {title: B}, c: {title: C}}
            barriers:
              - {id: X, title: apart, between: [a, b], other_side: hidden}
              - {id: Y, title: apart too, between: [a, c]}
            quarantine: {expires_hours: 3}
            dlp: {preceding_minutes: 4}
            """
        )
    )
    gate = house.live_gate()
    a, b, c = (make_person(name, name) for name in "abc")
    assert not gate.may_see(a, b)
    assert gate.may_see(b, c)
    seen, notice = gate.sight(a, c)
    assert seen is Sight.EXPLAINED
    assert notice is not None
    assert "apart too" in notice.title
    settled = gate.settings()
    assert (settled.quarantine.total_seconds(), settled.preceding.total_seconds()) == (3 * 3600, 240)
    assert {rule.days for rule in settled.retention} == {2557}


def _every_question(gate: LiveGate) -> list[Callable[[], object]]:
    ada, ben = make_person("ada"), make_person("ben")
    return [
        lambda: gate.decide(make_facts(), "hello", _breathe),
        gate.epoch,
        gate.settings,
        lambda: gate.may_see(ada, ben),
    ]


def _breathe() -> None:
    return None


@dataclass
class StoredBundle:
    """A source that answers what a test put there."""

    enforced: EnforcedBundle
    failure: Exception | None = None
    before: Callable[[], None] = _breathe

    def current(self) -> EnforcedBundle:
        self.before()
        if self.failure is not None:
            raise self.failure
        return self.enforced


class House:
    """One machine: a store, a signing key, a clock, a file outside the store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = DrivenClock()
        self.compiled = 0
        self.broken = False
        self.key: bytes | None = b"key"
        self.source = StoredBundle(self.signed(make_bundle(), 1, NO_PREDECESSOR))

    def signed(self, bundle: Bundle, number: int, predecessor: BundleHash) -> EnforcedBundle:
        hashed = bundle_hash(bundle)
        signature = _sign(approval_payload(hashed, number, predecessor))
        return EnforcedBundle(number, hashed, canonical(bundle), predecessor, signature, epoch=number)

    def enforce(self, bundle: Bundle) -> None:
        """Put a successor of the bundle in force into the store."""
        now = self.source.enforced
        self.source.enforced = self.signed(bundle, now.number + 1, now.hash)

    def gate(self) -> LiveGate:
        return LiveGate(
            source=self.source,
            verify=_verify,
            highest=HighestBundle(self.path),
            compiler=Compiler(self._build),
            clock=self.clock,
            conversation_hash=self._hash,
        )

    def live_gate(self) -> LiveGate:
        gate = self.gate()
        gate.refresh()
        return gate

    def _hash(self, conversation: ConversationId, data: bytes) -> str:
        if self.key is None:
            raise RuntimeError("no key")
        return hmac.new(self.key, conversation.encode() + b"\0" + data, hashlib.sha256).hexdigest()

    def _build(self, *content: object) -> WordScanner:
        if self.broken:
            raise RuntimeError("cannot compile")
        self.compiled += 1
        return WordScanner.build(*content)  # type: ignore[arg-type]


def _sign(payload: bytes) -> bytes:
    return hmac.new(b"approver", payload, hashlib.sha256).digest()


def _verify(payload: bytes, signature: bytes) -> None:
    if not hmac.compare_digest(_sign(payload), signature):
        raise IntegrityError("This policy was not approved.", code="policy_signature")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "highest-bundle")
