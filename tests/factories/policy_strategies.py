"""Hypothesis strategies: whole bundles that the source grammar accepts, and facts about people in them."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import yaml
from hypothesis import strategies as st

from core.types import ConversationKind, Facts, PersonFacts, Surface, Verdict
from policies.bundle import Bundle
from policies.model.parts import Level, Unscannable
from policies.model.promises import BundleTest, Expect, Given, Who
from policies.model.rules import (
    Barrier,
    Crossing,
    Direction,
    Dlp,
    DlpRule,
    Near,
    OtherSide,
    Reach,
    Scope,
    Segment,
    SharingRule,
)
from policies.model.texts import NoticeText
from policies.model.usage import Quarantine, Retention
from tests.factories.policies import make_facts, make_person

SEGMENTS = ("red", "blue", "green")
PEOPLE = ("ada", "ben", "cem", "dan")
WORDS = (
    "alpha",
    "beta",
    "gamma",
    "4111 1111 1111 1111",
    "GB82WEST12345698765432",
    "https://a.example/b",
    "[dense]",
)

# Words that YAML would read as something else, signs that have a meaning in it, scripts, odd blanks.
titles = st.sampled_from(
    (
        *(
            "a",
            "no",
            "null",
            "~",
            "1",
            "0x1",
            "1:30",
            "2026-01-01",
            "a: b",
            "- a",
            "#",
            "'",
            '"',
            "{",
            "&a",
            "*a",
        ),
        *(
            "!a",
            "%",
            "{what}",
            "日本",
            "é",
            "e\u0301",
            "\U0001f600",
            "a\u2028b",
            "a\u00a0b",
            " a ",
            "a\nb",
            "a\tb",
        ),
        "a" * 200,
    )
)
stopping = st.sampled_from([verdict for verdict in Verdict if verdict is not Verdict.ALLOW])
times = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
days = st.integers(1, 36_525)
some_segments = st.lists(st.sampled_from(SEGMENTS), max_size=2, unique=True).map(tuple)
by_language = st.fixed_dictionaries({"en": titles, "de": titles})
texts_of_authors = titles | by_language | st.fixed_dictionaries({"en": titles})
notices = (
    st.none()
    | st.builds(
        NoticeText,
        title=titles,
        why=st.text("ab ", max_size=5),
        actions=st.lists(titles, max_size=2).map(tuple),
    )
    | st.builds(
        NoticeText,
        title=by_language,
        why=st.just("") | by_language,
        actions=st.lists(by_language, max_size=2).map(tuple),
    )
)


def a_tuple(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


crossings = st.builds(
    Crossing,
    people=st.just(("ada", "ben")),
    until=times.map(lambda at: at.replace(year=2028)),
    approver=st.just("zoe"),
    since=st.none() | times,
    chaperone=st.sampled_from(["", "cem"]),
)


def barriers(name: str) -> st.SearchStrategy[Barrier]:
    return st.builds(
        Barrier,
        id=st.just(name),
        title=texts_of_authors,
        between=st.permutations(SEGMENTS).map(lambda order: tuple(order[:2])),
        direction=st.sampled_from(Direction),
        applies_to=st.lists(st.sampled_from(Reach), min_size=1, unique=True).map(tuple),
        other_side=st.sampled_from(OtherSide),
        notice=notices,
        crossings=a_tuple(crossings, 1),
    )


def sharing(name: str) -> st.SearchStrategy[SharingRule]:
    return st.builds(
        SharingRule,
        id=st.just(name),
        title=texts_of_authors,
        verdict=stopping,
        kinds=a_tuple(st.sampled_from(ConversationKind), 2),
        from_=some_segments,
        links=st.just(True),
        detectors=a_tuple(st.sampled_from(["payment_card", "iban"]), 1),
        notice=notices,
        priority=st.integers(-5, 5),
    )


def dlp_rules(name: str) -> st.SearchStrategy[DlpRule]:
    return st.builds(
        DlpRule,
        id=st.just(name),
        title=texts_of_authors,
        verdict=stopping,
        detectors=st.just(("payment_card",)),
        lexicon=a_tuple(st.sampled_from(["alpha", "beta"]), 2),
        pattern=st.sampled_from(["", "gam+a"]),
        min_confidence=st.sampled_from(Level),
        min_count=st.integers(1, 2),
        unique=st.booleans(),
        near=st.none() | st.builds(Near, detector=st.just("iban"), distance=st.integers(1, 50)),
        scope=st.builds(
            Scope,
            from_=some_segments,
            to=some_segments,
            external_only=st.booleans(),
            surfaces=a_tuple(st.sampled_from(Surface), 2),
        ),
        notice=notices,
    )


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    """Return a bundle that passes every check of the source."""

    def some(make: Any, prefix: str) -> tuple[Any, ...]:
        return tuple(draw(make(f"{prefix}-{number}")) for number in range(draw(st.integers(0, 2))))

    return Bundle(
        name=draw(titles),
        retention=Retention(direct=draw(days), group=draw(days), public=draw(days), private=draw(days)),
        segments={
            name: Segment(
                title=draw(texts_of_authors),
                groups=draw(a_tuple(titles, 2)),
                attributes=draw(st.dictionaries(titles, a_tuple(titles, 2), max_size=2)),
                people=draw(a_tuple(st.sampled_from(PEOPLE), 2)),
            )
            for name in SEGMENTS
        },
        barriers=some(barriers, "B"),
        sharing=some(sharing, "S"),
        dlp=Dlp(
            rules=some(dlp_rules, "D"),
            preceding_minutes=draw(st.integers(0, 60)),
            unscannable=draw(st.sampled_from(Unscannable)),
        ),
        quarantine=Quarantine(expires_hours=draw(st.integers(1, 720))),
        tests=tuple(
            BundleTest(
                name=f"test {number}",
                given=Given(
                    text=draw(titles),
                    from_=Who(person="ada", segments=draw(some_segments)),
                    kind=draw(st.sampled_from(ConversationKind)),
                    at=draw(st.none() | times),
                ),
                expect=Expect(verdict=draw(st.sampled_from(Verdict))),
            )
            for number in range(draw(st.integers(0, 2)))
        ),
    )


def to_yaml(bundle: Bundle) -> str:
    """Return YAML that says the same as ``bundle``."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(msgspec.to_builtins(bundle), Dumper=dumper, allow_unicode=True, sort_keys=False))


people = st.builds(
    lambda name, segments, external: make_person(name, *segments, external=external),
    st.sampled_from(PEOPLE),
    some_segments,
    st.booleans(),
)

texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Return facts about people of these segments."""
    audience: list[PersonFacts] = draw(st.lists(people, max_size=4, unique_by=lambda person: person.id))
    return make_facts(
        draw(people),
        tuple(audience),
        surface=draw(st.sampled_from(Surface)),
        kind=draw(st.sampled_from(ConversationKind)),
        at=draw(times),
        preceding=tuple(draw(st.lists(texts, max_size=2))),
        origin=draw(st.none() | people),
    )
