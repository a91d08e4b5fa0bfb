"""The demo's script, before it is sent: who speaks, where, when, and what the policy would say to it."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from admin.demo.firm import Firm, load_firm
from admin.demo.script import Act, Delete, Edit, Open, React, Say, Sent, parse_lines
from admin.demo.story import story_acts, whole_script
from admin.demo.talk import Talk
from admin.demo.timeline import Timeline, is_at_work
from core.errors import InvalidInput
from core.types import ConversationKind, Decision, Verdict
from policies.compiled import CompiledBundle
from policies.standard import load_pack, standard_compiler
from tests.factories.policies import decided, make_facts, make_person

EMOJI = Path(__file__).parents[3] / "web/static/vendor/emoji.json"
END = datetime(2026, 3, 13, 14, 20, tzinfo=UTC)


def test_a_script_has_exactly_as_many_messages_as_were_asked_for(script: Sequence[Act]) -> None:
    for messages in (600, 1234):
        assert _sent(_script(messages, months=4)) == messages
    assert _sent(script) == 5_000


def test_the_same_seed_says_the_same_whenever_it_is_laid_over(firm: Firm) -> None:
    def said(end: datetime) -> Counter[str]:
        acts = whole_script(firm, end=end, months=4, messages=600, seed="x")
        return Counter(act.text for act in acts if isinstance(act, Say))

    assert said(END) == said(END + timedelta(days=200))


def test_a_time_too_short_for_the_story_is_refused() -> None:
    for messages, months in ((100, 4), (600, 2)):
        with pytest.raises(InvalidInput) as refused:
            _script(messages, months=months)
        assert refused.value.code == "too_short"


def test_a_line_that_nobody_can_say_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_lines("nobody in particular said this")
    assert refused.value.code == "bad_line"


def test_every_slot_and_every_choice_is_filled(script: Sequence[Act]) -> None:
    unfilled = [
        act.text for act in script if isinstance(act, Say | Edit) and re.search(r"[{}\[\]|]", act.text)
    ]
    assert unfilled == []


def test_every_reaction_has_a_sign_in_the_chat(script: Sequence[Act]) -> None:
    signs = {row[1] for row in json.loads(EMOJI.read_text())}
    given = {act.alias for act in script if isinstance(act, React)}
    assert len(given) > 10
    assert given - signs == set()


def test_everything_happens_in_order_and_before_the_end(script: Sequence[Act]) -> None:
    times = [act.at for act in script]
    assert times == sorted(times)
    assert times[-1] < END
    assert (times[-1] - times[0]).days > 530


def test_people_talk_in_the_hours_of_their_office_and_only_the_story_talks_at_night(
    firm: Firm, script: Sequence[Act]
) -> None:
    at_night = {act.key.partition("#")[0] for act in script if isinstance(act, Say) and _at_night(firm, act)}
    assert at_night == {"story"}


def test_nobody_speaks_across_a_barrier_in_any_room_that_is_opened(firm: Firm) -> None:
    for room in firm.rooms.values():
        departments = {firm.people[name].department for name in room.members}
        assert not {"research", "trading"} <= departments, room.key
        if room.kind in {ConversationKind.DIRECT, ConversationKind.GROUP}:
            assert not {"advisory", "trading"} <= departments, room.key


def test_only_members_speak_in_a_room(firm: Firm, script: Sequence[Act]) -> None:
    talk = Talk(firm, Timeline(END, 18), "x", {}).acts(2_000)
    for act in talk:
        assert act.who in firm.rooms[act.room].members, act


def test_some_try_to_reach_across_a_barrier(firm: Firm, script: Sequence[Act]) -> None:
    attempts = [act for act in script if isinstance(act, Open) and act.room not in firm.rooms]
    assert len(attempts) >= 4
    assert ("tobias.wendt", "tobias.wendt+julian.aske") in {(act.who, act.room) for act in attempts}


def test_the_story_changes_and_deletes_what_it_said(firm: Firm) -> None:
    acts = story_acts(Timeline(END, 18), "x")
    assert sum(isinstance(act, Edit) for act in acts) >= 3
    assert sum(isinstance(act, Delete) for act in acts) >= 5
    assert {act.at.weekday() for act in acts if isinstance(act, Say) and "Norwind bids" in act.text} == {3}


def test_ordinary_talk_gives_the_policy_nothing_to_find(firm: Firm, bundle: CompiledBundle) -> None:
    ordinary = Talk(firm, Timeline(END, 18), "x", {}, stops=())
    for act in ordinary.acts(1_500):
        if isinstance(act, Say | Edit):
            decision = _decided(firm, act, bundle)
            assert decision.verdict is Verdict.ALLOW, (act.text, decision.findings)


def test_stops_come_as_often_as_planned_and_not_more(firm: Firm, bundle: CompiledBundle) -> None:
    found: Counter[str] = Counter()
    for act in _script(1_500, months=18):
        if isinstance(act, Say):
            found.update({str(finding.rule) for finding in _decided(firm, act, bundle).findings})
    assert found.total() < 75
    assert {
        "CARD-1",
        "CODE-1",
        "GUAR-1",
        "CLIENT-1",
        "SECRET-1",
        "SECRET-2",
        "ID-1",
        "BULK-1",
    } <= found.keys()


@pytest.fixture(scope="module")
def firm() -> Firm:
    return load_firm()


@pytest.fixture(scope="module")
def script() -> Sequence[Act]:
    return _script(5_000, months=18)


@pytest.fixture(scope="module")
def bundle() -> CompiledBundle:
    return standard_compiler().compile(load_pack("demo"))


def _script(messages: int, *, months: int) -> Sequence[Act]:
    return whole_script(load_firm(), end=END, months=months, messages=messages, seed="ostermoor")


def _decided(firm: Firm, act: Say | Edit, bundle: CompiledBundle) -> Decision:
    """Return what the policy says to a text, told only who is in the room."""
    room = firm.rooms[act.room]
    audience = [
        make_person(name, groups=firm.people[name].groups) for name in room.members if name != act.who
    ]
    sender = make_person(act.who, groups=firm.people[act.who].groups)
    return decided(bundle, act.text, make_facts(sender, tuple(audience), kind=room.kind))


def _sent(acts: Sequence[Act]) -> int:
    return sum(isinstance(act, Sent) for act in acts)


def _at_night(firm: Firm, act: Act) -> bool:
    return not is_at_work(firm.people[act.who], act.at)
