"""The demo firm as data: its people, and the rooms in which they talk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from core.types import ConversationKind


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of the firm. The first group is the department."""

    username: str
    name: str
    office: str
    groups: tuple[str, ...]

    @property
    def department(self) -> str:
        """The department, which is also the segment that barriers know."""
        return self.groups[0]

    @property
    def first_name(self) -> str:
        """How colleagues write it."""
        return self.name.split()[0]


@dataclass(frozen=True, slots=True)
class Room:
    """One conversation. ``share`` is its part of all messages; ``until`` how far into the time it lives."""

    key: str
    kind: ConversationKind
    opener: str
    members: tuple[str, ...]
    tags: tuple[str, ...]
    share: float
    topic: str = ""
    until: float = 1.0

    @property
    def name(self) -> str:
        """What a channel is called; others have no name."""
        return self.key if self.kind in {ConversationKind.PUBLIC, ConversationKind.PRIVATE} else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose sign-in stands for a role; ``desk`` tells that it is one at the compliance desk."""

    role: str
    username: str
    desk: bool


@dataclass(frozen=True, slots=True)
class Firm:
    """All of it."""

    name: str
    domain: str
    roles: Mapping[str, tuple[str, ...]]
    officers: Mapping[str, tuple[str, ...]]
    shown: tuple[Shown, ...]
    people: Mapping[str, Employee]
    rooms: Mapping[str, Room]

    def department(self, name: str) -> list[str]:
        """Return the user names of a department."""
        return [person.username for person in self.people.values() if person.department == name]


def read_data(name: str) -> Any:
    """Return one of the data files beside this module."""
    return yaml.load(files("admin.demo").joinpath(f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)


def load_firm() -> Firm:
    """Return the demo firm.

    Raises:
        KeyError: a room names somebody who is not there.
    """
    given = read_data("firm")
    people = {
        username: Employee(username, name, office, tuple(groups))
        for username, (name, office, groups) in given["people"].items()
    }
    rooms = [_channel(name, of, people) for name, of in given["channels"].items()]
    rooms += [_small(ConversationKind.GROUP, of, people) for of in given["groups"]]
    rooms += [_small(ConversationKind.DIRECT, of, people) for of in given["directs"]]
    roles = {role: tuple(groups) for role, groups in given["roles"].items()}
    officers = {people[name].username: tuple(of) for name, of in given["officers"].items()}
    shown = tuple(
        Shown(one["role"], people[one["person"]].username, one["at"] == "desk") for one in given["shown"]
    )
    return Firm(
        given["firm"], given["domain"], roles, officers, shown, people, {room.key: room for room in rooms}
    )


def _channel(name: str, of: Mapping[str, Any], people: Mapping[str, Employee]) -> Room:
    return Room(
        key=name,
        kind=ConversationKind(of["kind"]),
        opener=of["opener"],
        members=_members([of["opener"], *of["members"]], people),
        tags=tuple(of["tags"]),
        share=float(of["share"]),
        topic=of["topic"],
    )


def _small(kind: ConversationKind, of: Mapping[str, Any], people: Mapping[str, Employee]) -> Room:
    members = _members(of["members"], people)
    return Room(
        key="+".join(members),
        kind=kind,
        opener=members[0],
        members=members,
        tags=tuple(of["tags"]),
        share=float(of["share"]),
        until=float(of.get("until", 1.0)),
    )


def _members(named: Iterable[str], people: Mapping[str, Employee]) -> tuple[str, ...]:
    """Return user names, where a department stands for everybody in it."""
    departments = {person.department for person in people.values()}
    found: dict[str, None] = {}
    for name in named:
        inside = (
            [p for p in people if people[p].department == name]
            if name in departments
            else [people[name].username]
        )
        found |= dict.fromkeys(inside)
    return tuple(found)
