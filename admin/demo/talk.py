"""Makes believable office chat: the same for the same seed, whatever the date it is laid over.

Exchanges of a few lines are written down by topic (``talk_*.yaml``, ``stops.yaml``). Each room gets
its part, in a shuffled order in which nothing comes again before everything came once, with people,
wordings and values chosen anew each time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from admin.demo.firm import Employee, Firm, Room, read_data
from admin.demo.script import Act, Line, Sent, Stage, parse_lines, worded
from admin.demo.slots import Slots
from admin.demo.timeline import Timeline, is_at_work
from core.types import ConversationKind

FULL = 5_000
"""The number of messages that the shares of ``stops.yaml`` are meant for."""

LONGEST_WAIT = timedelta(days=5)

BETWEEN = timedelta(minutes=4)
"""What lies at least between two exchanges of a room."""

_FILES = ("talk_markets", "talk_advice", "talk_house")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A few lines on one topic. ``who`` names the department that a letter has to be from."""

    tags: frozenset[str]
    lines: tuple[Line, ...]
    who: Mapping[str, str] = field(default_factory=dict)
    share: float = 0.0

    @property
    def cast(self) -> tuple[str, ...]:
        """The letters of its people, in order of appearance."""
        return tuple(dict.fromkeys(line.who for line in self.lines))

    @property
    def says(self) -> int:
        """How many messages it takes."""
        return sum(line.sign in ":>?" for line in self.lines)


def load_exchanges(*names: str) -> list[Exchange]:
    """Return the exchanges of data files."""
    return [_exchange(given) for name in names for given in read_data(name)]


def _exchange(given: Mapping[str, Any]) -> Exchange:
    return Exchange(
        frozenset(given["tags"]),
        parse_lines(given["lines"]),
        given.get("who", {}),
        float(given.get("share", 0)),
    )


class Talk:
    """The ordinary life of the firm; whom ``absent`` names for a room is silent there.

    ``stops`` are the exchanges that policy stops or marks; those of the demo if not given.
    """

    def __init__(
        self,
        firm: Firm,
        timeline: Timeline,
        seed: str,
        absent: Mapping[str, frozenset[str]],
        stops: Sequence[Exchange] | None = None,
    ) -> None:
        self._firm = firm
        self._timeline = timeline
        self._seed = seed
        self._absent = absent
        self._ordinary = load_exchanges(*_FILES)
        self._stops = load_exchanges("stops") if stops is None else stops

    def acts(self, messages: int) -> list[Act]:
        """Return acts with exactly ``messages`` messages in them."""
        rooms = list(self._firm.rooms.values())
        planned = self._planned(rooms, messages)
        whole = sum(room.share for room in rooms)
        acts: list[Act] = []
        left = messages
        for number, room in enumerate(rooms):
            wanted = left if number == len(rooms) - 1 else min(left, round(messages * room.share / whole))
            found = self._room(room, wanted, planned.get(room.key, []))
            acts += found
            left -= sum(isinstance(act, Sent) for act in found)
        return acts

    def _planned(self, rooms: Sequence[Room], messages: int) -> dict[str, list[Exchange]]:
        """Return which exchanges that policy stops come up in which rooms."""
        random = Random(f"{self._seed}/stops")
        planned: dict[str, list[Exchange]] = {}
        for stop in self._stops:
            fitting = [
                room for room in rooms if stop.tags & set(room.tags) and self._cast(random, room, stop)
            ]
            weights = [room.share for room in fitting]
            for _ in range(max(1, round(stop.share * messages / FULL))):
                planned.setdefault(random.choices(fitting, weights)[0].key, []).append(stop)
        return planned

    def _room(self, room: Room, messages: int, planned: Sequence[Exchange]) -> list[Act]:
        """Return the acts of one room, cut off after ``messages`` messages."""
        random, times = Random(f"{self._seed}/{room.key}"), Random(f"{self._seed}/{room.key}/times")
        chosen = self._chosen(random, room, messages, planned)
        people = [self._firm.people[name] for name in self._speakers(room)]
        begins = self._timeline.begins(times, people, len(chosen), room.until)
        acts: list[Act] = []
        said, free = 0, self._timeline.start
        for number, (exchange, begin) in enumerate(zip(chosen, begins, strict=True)):
            for act in self._play(random, times, room, exchange, f"{room.key}#{number}", max(begin, free)):
                if isinstance(act, Sent):
                    said += 1
                    if said > messages:
                        return acts
                acts.append(act)
                free = act.at + BETWEEN
        return acts

    def _chosen(
        self, random: Random, room: Room, messages: int, planned: Sequence[Exchange]
    ) -> list[Exchange]:
        ordinary = [e for e in self._ordinary if e.tags & set(room.tags) and self._cast(random, room, e)]
        chosen: list[Exchange] = []
        pending = list(planned)
        said = sum(exchange.says for exchange in pending)
        while said < messages:
            random.shuffle(ordinary)
            for exchange in ordinary:
                chosen.append(exchange)
                said += exchange.says
                if said >= messages:
                    break
        for exchange in pending:
            # Never last: the last exchange may be cut off.
            chosen.insert(random.randint(0, max(0, len(chosen) - 1)), exchange)
        return chosen

    def _speakers(self, room: Room) -> list[str]:
        return [name for name in room.members if name not in self._absent.get(room.key, frozenset())]

    def _cast(
        self, random: Random, room: Room, exchange: Exchange, at: datetime | None = None
    ) -> dict[str, Employee] | None:
        """Return who speaks, some more often than others; None if too few are there (``at`` work)."""
        free = [n for n in self._speakers(room) if at is None or is_at_work(self._firm.people[n], at)]
        cast: dict[str, Employee] = {}
        for letter in sorted(exchange.cast, key=lambda letter: letter not in exchange.who):
            department = exchange.who.get(letter)
            fitting = [n for n in free if department in {None, self._firm.people[n].department}]
            if not fitting:
                return None
            weights = [1 / (1 + 0.35 * room.members.index(name)) for name in fitting]
            name = random.choices(fitting, weights)[0]
            free.remove(name)
            cast[letter] = self._firm.people[name]
        return cast

    def _play(
        self, random: Random, times: Random, room: Room, exchange: Exchange, prefix: str, begin: datetime
    ) -> Iterator[Act]:
        begin, cast = self._meeting(random, room, exchange, begin)
        channel = room.kind is not ConversationKind.DIRECT
        called = {
            f"@{letter}": f"@{person.username}" if channel else f"{person.first_name},"
            for letter, person in cast.items()
        }
        slot = Slots(random, called, german="german" in room.tags)
        stage = Stage(room.key, prefix)
        at, last = begin, ""
        for line in exchange.lines:
            at += pause(times, line, same=line.who == last)
            last = line.who
            yield from stage.acts(line, cast[line.who].username, worded(line.text, random, slot), at)

    def _meeting(
        self, random: Random, room: Room, exchange: Exchange, begin: datetime
    ) -> tuple[datetime, dict[str, Employee]]:
        """Return when, from ``begin`` on, people of an exchange are at work together, and who they are."""
        at = begin
        while at < min(begin + LONGEST_WAIT, self._timeline.end - timedelta(days=1)):
            if cast := self._cast(random, room, exchange, at):
                return at, cast
            at += timedelta(minutes=47)
        cast = self._cast(random, room, exchange)
        assert cast is not None
        return begin, cast


def pause(random: Random, line: Line, *, same: bool) -> timedelta:
    """Return how long it takes until ``line`` follows the one before: seconds, minutes at times."""
    if same or line.sign in "?!":
        return timedelta(seconds=random.randint(6, 55))
    return timedelta(seconds=min(1500.0, max(7.0, random.lognormvariate(4.0, 0.9))))
