"""The working days that the demo's talk is laid over, and the hours of its offices."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from admin.demo.firm import Employee

OFFSETS: Mapping[str, int] = {"london": 0, "frankfurt": 1, "tokyo": 9}
"""Hours by which an office is ahead of UTC; the demo knows no summer time."""

WEEKEND = 5
HOLIDAYS = frozenset({(12, 24), (12, 25), (12, 26), (1, 1)})
"""Month and day on which no office talks."""

WAKING_HOURS = range(7, 20)
THURSDAY = 3


class Timeline:
    """From some months ago until ``end``, in working days."""

    def __init__(self, end: datetime, months: int) -> None:
        self.end = end.astimezone(UTC).replace(microsecond=0)
        self.start = _months_before(self.end, months)
        count = (self.end.date() - self.start.date()).days
        days = [self.start.date() + timedelta(days=n) for n in range(1, count)]
        self.days: Sequence[date] = [day for day in days if _is_working(day)]

    def begins(self, random: Random, room: Sequence[Employee], count: int, until: float) -> list[datetime]:
        """Return when ``count`` exchanges of a room begin, in order: in the hours of its people."""
        last = max(1, int(len(self.days) * until))
        found = []
        for _ in range(count):
            # A little more every month: the firm is getting used to its chat.
            day = self.days[min(last - 1, int(last * random.random() ** 0.85))]
            offset = OFFSETS[random.choice(room).office]
            minutes = min(max(random.gauss(12.6 * 60, 2.4 * 60), 7.4 * 60), 17.8 * 60)
            found.append(_at(day, minutes - offset * 60, random.randint(0, 59)))
        return sorted(found)

    def point(self, part: float) -> datetime:
        """Return a moment of a working day, ``part`` (0 to 1) of the way from start to end."""
        at = part * (len(self.days) - 1)
        return _at(self.days[int(at)], 9 * 60 + (at % 1) * 480)

    def announcement(self) -> date:
        """Return the Thursday on which the story's deal is announced, at least five weeks before the end."""
        day = self.end.date() - timedelta(days=35)
        return day - timedelta(days=(day.weekday() - THURSDAY) % 7)


def is_at_work(person: Employee, at: datetime) -> bool:
    """Tell whether somebody would answer at ``at``: by the day and the hours of their office."""
    there = at + timedelta(hours=OFFSETS[person.office])
    return _is_working(there.date()) and there.hour in WAKING_HOURS


def _is_working(day: date) -> bool:
    return day.weekday() < WEEKEND and (day.month, day.day) not in HOLIDAYS


def local(day: date, clock: str) -> datetime:
    """Return the instant of ``HH:MM`` in London on ``day``."""
    hour, _, minute = clock.partition(":")
    return _at(day, int(hour) * 60 + int(minute))


def _at(day: date, minutes: float, seconds: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        minutes=int(minutes), seconds=seconds
    )


def _months_before(end: datetime, months: int) -> datetime:
    whole = end.year * 12 + end.month - 1 - months
    return datetime(whole // 12, whole % 12 + 1, min(end.day, 28), tzinfo=UTC)
