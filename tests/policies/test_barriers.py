"""Barriers: who may not tell whom, where, until when, and who may see whom."""

from datetime import UTC, datetime

import pytest

from core.types import ConversationKind, PersonFacts, PersonId, Surface, Verdict
from policies.barriers import Sight, sight
from policies.compiled import CompiledBundle
from policies.people import labels
from tests.factories.policies import MONDAY, decided, make_compiled, make_facts, make_person

WALL = """
segments:
  research: {title: Research, groups: [RESEARCH], attributes: {department: [Equity Research]}, people: [Rita]}
  trading: {title: Trading, groups: [trading]}
barriers:
  - id: RT-1
    title: Research and Trading are separated
    between: [research, trading]
"""

RESEARCHER = make_person("rita", "research")
TRADER = make_person("tom", "trading")
LAWYER = make_person("lea")


def test_people_on_opposite_sides_cannot_write_to_each_other() -> None:
    compiled = make_compiled(WALL)
    for sender, other in ((RESEARCHER, TRADER), (TRADER, RESEARCHER)):
        decision = decided(compiled, "hello", make_facts(sender, (other,)))
        assert decision.verdict is Verdict.BLOCK
        assert [finding.rule for finding in decision.findings] == ["RT-1"]


def test_everybody_else_can() -> None:
    compiled = make_compiled(WALL)
    for sender, other in ((RESEARCHER, LAWYER), (LAWYER, TRADER), (TRADER, make_person("tia", "trading"))):
        assert decided(compiled, "hello", make_facts(sender, (other,))).verdict is Verdict.ALLOW


@pytest.mark.parametrize(("origin", "verdict"), [(RESEARCHER, Verdict.BLOCK), (LAWYER, Verdict.ALLOW)])
def test_nobody_passes_on_across_a_barrier_what_its_author_could_not_say(
    origin: PersonFacts, verdict: Verdict
) -> None:
    facts = make_facts(LAWYER, (TRADER,), origin=origin)
    assert decided(make_compiled(WALL), "as Rita says", facts).verdict is verdict


def test_one_person_of_the_other_side_in_the_room_is_enough() -> None:
    facts = make_facts(RESEARCHER, (LAWYER, TRADER), kind=ConversationKind.GROUP)
    assert decided(make_compiled(WALL), "hello", facts).verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    "person",
    [
        make_person("x", groups=("Research",)),
        PersonFacts(PersonId("x"), labels("x", {"Department": ["equity research"]})),
        PersonFacts(PersonId("x"), labels("RITA")),
        PersonFacts(PersonId("Rita")),
        make_person("x", "research"),
    ],
)
def test_a_segment_takes_people_by_group_attribute_name_id_or_as_mapped(person: PersonFacts) -> None:
    assert decided(make_compiled(WALL), "hello", make_facts(person, (TRADER,))).verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    ("reach", "stopped"),
    [
        ("direct", {ConversationKind.DIRECT}),
        ("group", {ConversationKind.GROUP}),
        ("channels", {ConversationKind.PUBLIC, ConversationKind.PRIVATE}),
    ],
)
def test_a_barrier_stands_where_it_applies(reach: str, stopped: set[ConversationKind]) -> None:
    compiled = make_compiled(WALL + f"    applies_to: [{reach}]")
    found = {
        kind
        for kind in ConversationKind
        if decided(compiled, "x", make_facts(RESEARCHER, (TRADER,), kind=kind)).verdict is Verdict.BLOCK
    }
    assert found == stopped


def test_a_one_way_barrier_stops_only_the_first_side() -> None:
    compiled = make_compiled(WALL + "    direction: one-way")
    assert decided(compiled, "x", make_facts(RESEARCHER, (TRADER,))).verdict is Verdict.BLOCK
    assert decided(compiled, "x", make_facts(TRADER, (RESEARCHER,))).verdict is Verdict.ALLOW


def test_a_one_way_barrier_lets_both_sides_into_one_room() -> None:
    compiled = make_compiled(WALL + "    direction: one-way")
    facts = make_facts(RESEARCHER, (TRADER,), surface=Surface.MEMBERSHIP)
    assert decided(compiled, "", facts).verdict is Verdict.ALLOW


def test_nobody_may_bring_both_sides_into_one_room() -> None:
    facts = make_facts(LAWYER, (RESEARCHER, TRADER), kind=ConversationKind.GROUP, surface=Surface.MEMBERSHIP)
    decision = decided(make_compiled(WALL), "", facts)
    assert decision.verdict is Verdict.BLOCK
    assert decision.notice is not None
    assert decision.notice.title.startswith("These people can't be in one conversation")


def test_a_room_with_one_side_only_may_be_joined() -> None:
    facts = make_facts(LAWYER, (RESEARCHER,), kind=ConversationKind.PUBLIC, surface=Surface.MEMBERSHIP)
    assert decided(make_compiled(WALL), "", facts).verdict is Verdict.ALLOW


CROSSING = (
    WALL
    + """
    crossings:
      - people: [rita, tom]
        since: 2026-01-05T08:00:00Z
        until: 2026-01-05T18:00:00Z
        approver: lea
"""
)


def at(hour: int) -> datetime:
    return datetime(2026, 1, 5, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "verdict"), [(7, Verdict.BLOCK), (8, Verdict.ALLOW), (17, Verdict.ALLOW), (18, Verdict.BLOCK)]
)
def test_a_crossing_holds_from_its_beginning_to_before_its_end(hour: int, verdict: Verdict) -> None:
    facts = make_facts(RESEARCHER, (TRADER,), at=at(hour))
    assert decided(make_compiled(CROSSING), "hello", facts).verdict is verdict


def test_a_crossing_is_for_the_named_people_only() -> None:
    others = (TRADER, make_person("tia", "trading"))
    facts = make_facts(RESEARCHER, others, kind=ConversationKind.GROUP, at=at(9))
    assert decided(make_compiled(CROSSING), "hello", facts).verdict is Verdict.BLOCK


def test_a_chaperoned_crossing_holds_only_while_the_chaperone_is_there() -> None:
    compiled = make_compiled(CROSSING.rstrip() + "\n        chaperone: lea\n")
    alone = make_facts(RESEARCHER, (TRADER,), at=at(9))
    together = make_facts(RESEARCHER, (TRADER, LAWYER), kind=ConversationKind.GROUP, at=at(9))
    assert decided(compiled, "hello", alone).verdict is Verdict.BLOCK
    assert decided(compiled, "hello", together).verdict is Verdict.ALLOW


def test_an_explained_barrier_names_its_rule_and_the_way_out() -> None:
    notice = decided(make_compiled(WALL), "hello", make_facts(RESEARCHER, (TRADER,))).notice
    assert notice is not None
    assert notice.title == "You can't write this here: Research and Trading are separated (rule RT-1)."
    assert notice.actions == ("If you need a crossing, ask Control Room.",)


def test_a_hidden_barrier_tells_nothing_of_the_other_side() -> None:
    compiled = make_compiled(WALL + "    other_side: hidden")
    notice = decided(compiled, "hello", make_facts(RESEARCHER, (TRADER,))).notice
    assert notice is not None
    assert "Trading" not in f"{notice.title}{notice.why}{notice.actions}"


@pytest.mark.parametrize(
    ("extra", "viewer", "other", "expected"),
    [
        ("", RESEARCHER, TRADER, Sight.EXPLAINED),
        ("    other_side: hidden", RESEARCHER, TRADER, Sight.HIDDEN),
        ("    other_side: hidden", TRADER, RESEARCHER, Sight.HIDDEN),
        ("    other_side: hidden", RESEARCHER, LAWYER, Sight.VISIBLE),
        ("    other_side: hidden", RESEARCHER, RESEARCHER, Sight.VISIBLE),
        ("    direction: one-way", TRADER, RESEARCHER, Sight.VISIBLE),
    ],
)
def test_people_see_whom_no_barrier_hides(
    extra: str, viewer: PersonFacts, other: PersonFacts, expected: Sight
) -> None:
    assert _sight(make_compiled(WALL + extra), viewer, other, MONDAY) is expected


def test_a_crossing_makes_people_visible_while_it_lasts() -> None:
    compiled = make_compiled(CROSSING.replace("crossings:", "other_side: hidden\n    crossings:"))
    assert _sight(compiled, RESEARCHER, TRADER, at(9)) is Sight.VISIBLE
    assert _sight(compiled, RESEARCHER, TRADER, at(19)) is Sight.HIDDEN


def _sight(compiled: CompiledBundle, viewer: PersonFacts, other: PersonFacts, when: datetime) -> Sight:
    return sight(viewer, other, when, compiled.bundle, compiled.segments)[0]
