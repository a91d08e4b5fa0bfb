"""Bundles and facts that are valid by default; tests say only what they are about."""

import hashlib
import textwrap
from datetime import UTC, datetime, timedelta

from core.types import (
    ConversationId,
    ConversationKind,
    Decision,
    Facts,
    ItemId,
    PersonFacts,
    PersonId,
    Preceding,
    RuleId,
    Surface,
)
from policies.bundle import Bundle
from policies.check import Vocabulary
from policies.compiled import CompiledBundle, Compiler
from policies.engine import decide
from policies.fingerprints import KeyedFingerprints
from policies.model.usage import Retention
from policies.people import labels
from policies.source import parse
from tests.fakes.scanner import DETECTORS, WordScanner, refuses

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
VOCABULARY = Vocabulary(DETECTORS, refuses)
FINGERPRINTS = KeyedFingerprints(lambda data: hashlib.blake2b(data, key=b"test", digest_size=16).hexdigest())
SEVEN_YEARS = Retention(direct=2557, group=2557, public=2557, private=2557)

_HEAD = "name: Test\nretention: {direct: 2557, group: 2557, public: 2557, private: 2557}\n"


def source(body: str = "") -> str:
    """Return a whole bundle in YAML around ``body``."""
    return _HEAD + textwrap.dedent(body).strip("\n") + "\n"


def make_bundle(body: str = "") -> Bundle:
    return parse([("policy.yaml", source(body))], VOCABULARY)


def make_compiled(body: str = "") -> CompiledBundle:
    return make_compiler().compile(make_bundle(body))


def make_compiler() -> Compiler:
    return Compiler(WordScanner.build, {"payment_card": "payment card"})


def make_person(
    name: str, *segments: str, groups: tuple[str, ...] = (), external: bool = False
) -> PersonFacts:
    return PersonFacts(PersonId(name), frozenset(segments) | labels(name), frozenset(groups), external)


def make_facts(
    sender: PersonFacts | None = None,
    audience: tuple[PersonFacts, ...] | None = None,
    *,
    surface: Surface = Surface.MESSAGE,
    kind: ConversationKind = ConversationKind.DIRECT,
    at: datetime = MONDAY,
    preceding: tuple[str, ...] = (),
    minutes_ago: float = 1,
    confirmed: tuple[str, ...] = (),
    confirmed_text: str = "",
    approved: frozenset[str] = frozenset(),
    origin: PersonFacts | None = None,
    beside: tuple[str, ...] = (),
) -> Facts:
    return Facts(
        surface=surface,
        sender=sender or make_person("ada"),
        conversation=ConversationId("conversation"),
        kind=kind,
        audience=(make_person("ben"),) if audience is None else audience,
        at=at,
        preceding=tuple(
            Preceding(ItemId(str(number)), text, at - timedelta(minutes=minutes_ago))
            for number, text in enumerate(preceding)
        ),
        confirmed=frozenset(map(RuleId, confirmed)),
        confirmed_text=confirmed_text,
        approved=approved,
        origin=origin,
        beside=beside,
    )


def decided(compiled: CompiledBundle, text: str, facts: Facts | None = None) -> Decision:
    return decide(facts or make_facts(), text, compiled, new_id=lambda: "decision", fingerprints=FINGERPRINTS)
