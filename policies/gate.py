"""The gate of one process: holds the live bundle, decides with it, and fails closed.

A bundle becomes live when its signature covers its hash, number and predecessor, its bytes have that
hash, and no newer one was ever seen on this machine. It stays live while its source confirms it; two
seconds without a confirmation and every decision is refused with a retryable ``policy_unavailable``.
Decisions and swaps may run in different threads: what is live is one immutable value.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from core.errors import ChanceryError, IntegrityError, Unavailable
from core.types import (
    BundleHash,
    Clock,
    ConversationId,
    ConversationKind,
    Decision,
    Facts,
    Notice,
    PersonFacts,
    RetentionRule,
    Surface,
    UsageRules,
    new_id,
)
from policies.barriers import Sight, barrier_steps, sight
from policies.bundle import from_canonical, hash_of
from policies.compiled import CompiledBundle, Compiler
from policies.engine import ENGINE_VERSION, decide_steps, run
from policies.fingerprints import KeyedFingerprints
from policies.highest import HighestBundle
from policies.lifecycle import approval_payload
from policies.model.rules import OtherSide
from policies.model.texts import Text
from policies.model.usage import Files
from policies.notices import sight_notice

FRESH_FOR = 2.0
"""Seconds for which a confirmation of the live bundle holds."""

ENGINE = "engine"
"""The obligation that names the version of the engine; it binds nobody but a replay."""

Verify = Callable[[bytes, bytes], None]
"""Checks a signature: ``(payload, signature)``; raises ``IntegrityError`` if it is not good."""

ConversationHash = Callable[[ConversationId, bytes], str]
"""A keyed hash under a key of the conversation. It must outlive the wait in the release queue."""


@dataclass(frozen=True, slots=True)
class EnforcedBundle:
    """A bundle as the store says it is in force, with the epoch that its messages are compared with."""

    number: int
    hash: BundleHash
    canonical: bytes
    predecessor: BundleHash
    signature: bytes
    epoch: int


class BundleSource(Protocol):
    """Where a process learns which bundle is in force."""

    def current(self) -> EnforcedBundle:
        """Return the bundle in force now. Raises when the store cannot be read."""
        ...


def check_approved(enforced: EnforcedBundle, verify: Verify, highest: HighestBundle) -> None:
    """Refuse a bundle that the desk did not sign as it is stored, or that is older than one seen here.

    Raises:
        IntegrityError: ``policy_signature``, ``policy_number``, or what ``verify`` raises.
    """
    verify(approval_payload(enforced.hash, enforced.number, enforced.predecessor), enforced.signature)
    if hash_of(enforced.canonical) != enforced.hash:
        raise IntegrityError("The stored policy is not the one approved.", code="policy_signature")
    highest.check(enforced.number, enforced.hash)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What a bundle settles outside decisions."""

    preceding: timedelta
    quarantine: timedelta
    retention: tuple[RetentionRule, ...]
    files: Files
    usage: UsageRules


@dataclass(frozen=True, slots=True)
class _Live:
    """What is in force here, and until when (``Clock.monotonic``) that is certain."""

    enforced: EnforcedBundle
    compiled: CompiledBundle
    until: float


class LiveGate:
    """Implements ``core.ports.PolicyGate`` with the bundle in force."""

    def __init__(
        self,
        *,
        source: BundleSource,
        verify: Verify,
        highest: HighestBundle,
        compiler: Compiler,
        clock: Clock,
        conversation_hash: ConversationHash,
        new_id: Callable[[], str] = new_id,
    ) -> None:
        self._source = source
        self._verify = verify
        self._highest = highest
        self._compiler = compiler
        self._clock = clock
        self._hash = conversation_hash
        self._new_id = new_id
        self._live: _Live | None = None

    def refresh(self) -> None:
        """Ask the source which bundle is in force and take it; to be called every second.

        Raises:
            IntegrityError: as :meth:`accept`. Whatever is raised here, nothing is confirmed.
        """
        asked_at = self._clock.monotonic()
        self.accept(self._source.current(), asked_at)

    def accept(self, enforced: EnforcedBundle, asked_at: float) -> None:
        """Make ``enforced`` live, or confirm it; ``asked_at`` is when the store was asked.

        Compiling may take seconds: a process with a loop calls this in a thread.

        Raises:
            IntegrityError: ``policy_signature`` (not approved), ``policy_number`` (older than one seen
                here), ``policy_order`` (not the successor of the live one), ``bad_bundle``.
        """
        live = self._live
        if live is None or replace(live.enforced, epoch=enforced.epoch) != enforced:
            compiled = self._checked(enforced, live)
        else:
            compiled = live.compiled
        self._live = _Live(enforced, compiled, asked_at + FRESH_FOR)

    def _checked(self, enforced: EnforcedBundle, live: _Live | None) -> CompiledBundle:
        check_approved(enforced, self._verify, self._highest)
        follows = live is not None and enforced.number == live.enforced.number + 1
        if live is not None and follows and enforced.predecessor != live.enforced.hash:
            raise IntegrityError("The stored policy does not follow the one in force.", code="policy_order")
        compiled = self._compiler.compile(from_canonical(enforced.canonical), enforced.hash)
        self._highest.raise_to(enforced.number, enforced.hash)
        return compiled

    def _confirmed(self) -> _Live:
        live = self._live
        if live is None or self._clock.monotonic() > live.until:
            raise Unavailable(
                "The policy in force cannot be confirmed right now, so nothing is sent. Try again shortly.",
                code="policy_unavailable",
            )
        return live

    def number_or_none(self) -> int | None:
        """Return the number of the bundle in force; None while it is not confirmed."""
        try:
            return self._confirmed().enforced.number
        except Unavailable:
            return None

    def confirmed_ago(self) -> float | None:
        """Return for how many seconds the live bundle has not been confirmed; None before the first time."""
        live = self._live
        return None if live is None else max(0.0, self._clock.monotonic() - (live.until - FRESH_FOR))

    def enforced(self) -> EnforcedBundle:
        """Return the bundle in force as it is stored.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        return self._confirmed().enforced

    def epoch(self) -> int:
        """Return the policy epoch under which :meth:`decide` answers now.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        return self._confirmed().enforced.epoch

    def decide(self, facts: Facts, text: str, breathe: Callable[[], None]) -> Decision:
        """Return the decision for ``text``; call ``breathe`` between steps of at most 4 kB.

        Raises:
            Unavailable: ``policy_unavailable`` when the bundle is not confirmed or deciding failed.
        """
        live = self._confirmed()
        steps = decide_steps(
            facts,
            text,
            live.compiled,
            new_id=self._new_id,
            fingerprints=self.fingerprints(facts.conversation),
        )
        try:
            decision = run(steps, breathe)
        except ChanceryError:
            raise
        except Exception as error:
            raise Unavailable(
                "The policy check failed, so nothing was sent. Try again; if it stays, tell IT.",
                code="policy_unavailable",
            ) from error
        # The record of a decision says which engine took it, so that a replay knows.
        obligations = {**decision.obligations, ENGINE: ENGINE_VERSION}
        return replace(decision, policy_epoch=live.enforced.epoch, obligations=obligations)

    def sight(self, viewer: PersonFacts, other: PersonFacts) -> tuple[Sight, Notice | None]:
        """Return how ``other`` appears to ``viewer`` in search, presence and mentions, and why.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        compiled = self._confirmed().compiled
        seen, barrier = sight(viewer, other, self._clock.now(), compiled.bundle, compiled.segments)
        return seen, sight_notice(barrier) if barrier is not None and seen is Sight.EXPLAINED else None

    def segment_titles(self, person: PersonFacts) -> tuple[Text, ...]:
        """Return on which sides of walls somebody stands, as everybody may know: titles in their order.

        Only segments at which an explained barrier stands: others, such as the people on a deal, and
        those that are hidden are nobody's business.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        compiled = self._confirmed().compiled
        explained = [each for each in compiled.bundle.barriers if each.other_side is OtherSide.EXPLAINED]
        told = {side for each in explained for side in each.between}
        names = compiled.segments.of(person) & told
        return tuple(each.title for name, each in compiled.bundle.segments.items() if name in names)

    def may_see(self, viewer: PersonFacts, other: PersonFacts) -> bool:
        """Tell whether ``viewer`` may learn that ``other`` exists.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        return self.sight(viewer, other)[0] is not Sight.HIDDEN

    def fingerprints(self, conversation: ConversationId) -> KeyedFingerprints:
        """Return how texts and findings of one conversation are named, for receipts."""
        return KeyedFingerprints(lambda data: self._hash(conversation, data))

    def may_tell(self, teller: PersonFacts, listener: PersonFacts, kind: ConversationKind) -> bool:
        """Tell whether no barrier keeps what ``teller`` writes in such a conversation from ``listener``.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        compiled = self._confirmed().compiled
        nowhere, now = ConversationId(""), self._clock.now()
        facts = Facts(Surface.TOPIC, teller, nowhere, kind, (listener,), now)
        return not run(barrier_steps(facts, compiled.bundle, compiled.segments))

    def settings(self) -> PolicySettings:
        """Return what the bundle in force settles outside decisions.

        Raises:
            Unavailable: ``policy_unavailable``.
        """
        bundle = self._confirmed().compiled.bundle
        return PolicySettings(
            preceding=timedelta(minutes=bundle.dlp.preceding_minutes),
            quarantine=timedelta(hours=bundle.quarantine.expires_hours),
            retention=bundle.retention.rules(),
            files=bundle.files,
            usage=bundle.usage.rules(),
        )
