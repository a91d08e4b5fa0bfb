"""What is not left to chance: the story that an officer can find, and what happens to rooms and people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from admin.demo.firm import Firm, Room, read_data
from admin.demo.script import Act, Enter, Entitle, Leave, Move, Open, Say, Sent, Stage, parse_lines, worded
from admin.demo.slots import Slots
from admin.demo.talk import Talk, pause
from admin.demo.timeline import Timeline, local
from core.errors import InvalidInput
from core.types import ConversationKind

SHORTEST = 3
"""Months that the story takes."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Where an officer could begin to look: queries for the desk, and what to look at."""

    queries: tuple[str, ...]
    say: str


def hints() -> list[Hint]:
    """Return the hints that the demo gives."""
    return [Hint(tuple(one["queries"]), one["say"]) for one in read_data("story")["hints"]]


def whole_script(firm: Firm, *, end: datetime, months: int, messages: int, seed: str) -> list[Act]:
    """Return everything that happens until ``end``, in order, with exactly ``messages`` messages in it.

    What is said depends on ``seed`` and ``messages`` only; ``end`` and ``months`` say when.

    Raises:
        InvalidInput: ``too_short`` for the story, in months or in messages.
    """
    timeline = Timeline(end, months)
    opened = [
        Open(at=timeline.start + timedelta(minutes=7 * n), who=room.opener, room=room.key, opened=room)
        for n, room in enumerate(firm.rooms.values())
    ]
    given = read_data("events")
    fixed = [*story_acts(timeline, seed), *event_acts(timeline, given, seed)]
    ordinary = messages - sum(isinstance(act, Sent) for act in fixed)
    if months < SHORTEST or ordinary < len(firm.rooms):
        raise InvalidInput(
            f"The story takes {SHORTEST} months and some {messages - ordinary + 100} messages.",
            code="too_short",
        )
    talk = Talk(firm, timeline, seed, _absent(given)).acts(ordinary)
    latest = timeline.end - timedelta(minutes=5)
    topics = [
        Entitle(at=act.at + timedelta(minutes=2), who=act.who, room=act.room, text=act.opened.topic)
        for act in opened
        if act.opened.topic
    ]
    return sorted(
        (act for act in (*opened, *topics, *fixed, *talk) if act.at < latest), key=lambda act: act.at
    )


def story_acts(timeline: Timeline, seed: str) -> list[Act]:
    """Return the story."""
    given = read_data("story")
    announced = timeline.announcement()
    acts: list[Act] = []
    for number, scene in enumerate(given["scenes"]):
        at = local(announced + timedelta(days=scene["day"]), scene["at"])
        if "crossing" in scene:
            who, person = scene["crossing"]
            acts.append(_crossing(who, person, at))
            continue
        random = Random(f"{seed}/story/{number}")
        slot = Slots(random, {})
        stage = Stage(scene["room"], f"story#{number}")
        last = ""
        for line in parse_lines(scene["lines"]):
            at += pause(random, line, same=line.who == last)
            last = line.who
            acts += stage.acts(line, given["people"][line.who], worded(line.text, random, slot), at)
    return acts


def event_acts(timeline: Timeline, given: Iterable[Mapping[str, Any]], seed: str) -> list[Act]:
    """Return what happens to rooms and people, and what has just been said when the demo opens."""
    acts: list[Act] = []
    for number, event in enumerate(given):
        back = event.get("hours")
        at = timeline.end - timedelta(hours=back) if back is not None else timeline.point(event["when"])
        acts.append(_event(event, at, f"event#{number}", Random(f"{seed}/event/{number}")))
    return acts


def _event(event: Mapping[str, Any], at: datetime, key: str, random: Random) -> Act:
    who, room = event["who"], event.get("room", "")
    match event["do"]:
        case "say":
            text = worded(event["text"], random, Slots(random, {}))
            return Say(at=at, who=who, room=room, key=key, text=text)
        case "topic" | "rename":
            return Entitle(at=at, who=who, room=room, text=event["text"], rename=event["do"] == "rename")
        case "enter":
            return Enter(at=at, who=who, room=room, person=event["person"])
        case "leave":
            return Leave(at=at, who=who, room=room)
        case "move":
            return Move(at=at, who=who, room="", groups=tuple(event["groups"]))
        case "cross":
            return _crossing(who, event["person"], at)
    raise InvalidInput(f"{event['do']!r} is nothing that happens.", code="bad_line")


def _crossing(who: str, person: str, at: datetime) -> Open:
    """Return the attempt to open a direct conversation across a barrier."""
    room = Room(f"{who}+{person}", ConversationKind.DIRECT, who, (who, person), (), 0.0)
    return Open(at=at, who=who, room=room.key, opened=room)


def _absent(events: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Return, for each room, who leaves it at some time: ordinary talk there does not count on them."""
    absent: dict[str, set[str]] = {}
    for event in events:
        if event["do"] == "leave":
            absent.setdefault(event["room"], set()).add(event["who"])
    return {room: frozenset(people) for room, people in absent.items()}
