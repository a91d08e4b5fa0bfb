"""What happens in the demo, as values: acts of people at times, and the signs in which talk is written.

A line of talk is ``a: text``, where ``a`` stands for a person. Other signs act on what was said:

    b> text     reply in a thread under the first message        a= text    edit one's own last message
    b+ alias    react to the last message                        a-         delete one's own last message
    a? reason   confirm one's own last message, which was        a!         withdraw one's own last message
                asked about, with a reason if there is one                  from the release queue

``[one|two]`` is one of several wordings, ``{slot}`` a value that stays the same within an exchange.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from admin.demo.firm import Room
from core.errors import InvalidInput

_LINE = re.compile(r"(?P<who>[a-z])(?P<sign>[:>+=?!-])\s*(?P<text>.*)")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SLOT = re.compile(r"\{(@?\w+)\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an exchange: who, which sign, what text."""

    who: str
    sign: str
    text: str


def parse_lines(text: str) -> tuple[Line, ...]:
    """Return the lines of an exchange.

    Raises:
        InvalidInput: ``bad_line``.
    """
    lines = []
    for written in text.splitlines():
        match = _LINE.fullmatch(written.strip())
        if match is None:
            raise InvalidInput(f"{written!r} is no line of talk.", code="bad_line")
        lines.append(Line(match["who"], match["sign"], match["text"].strip()))
    return tuple(lines)


def worded(text: str, random: Random, slot: Callable[[str], str]) -> str:
    """Return ``text`` with every choice made and every slot filled."""
    while (match := _CHOICE.search(text)) is not None:
        text = text[: match.start()] + random.choice(match[1].split("|")) + text[match.end() :]
    return _SLOT.sub(lambda match: slot(match[1]), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that one person does in one room at one time. Names are user names and room keys."""

    at: datetime
    who: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Act):
    """Send a message; ``key`` is how later acts name it, ``thread`` what it replies to."""

    key: str
    text: str
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Act):
    """Send again what was asked about; ``reason`` may be empty."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Act):
    """Replace a text."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Act):
    """Take a message back."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class React(Act):
    """Add a reaction."""

    key: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Act):
    """Take back what waits in the release queue."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Act):
    """Open a room."""

    opened: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter(Act):
    """Bring ``person`` into a room."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Act):
    """Leave a room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitle(Act):
    """Change the topic of a channel, or its name."""

    text: str
    rename: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Act):
    """Change the groups of a person, and so what barriers keep from them. No room is concerned."""

    groups: tuple[str, ...]


Sent = Say | Confirm
"""What becomes a message of its own, seen or stopped: a confirmation is a new attempt."""


class Stage:
    """Turns lines into acts: remembers who said what last."""

    def __init__(self, room: str, prefix: str) -> None:
        self._room = room
        self._prefix = prefix
        self._said: list[str] = []
        self._own: dict[str, list[str]] = {}

    def acts(self, line: Line, who: str, text: str, at: datetime) -> Iterator[Act]:
        """Yield the act that ``line`` means, if there is a message it can act on."""
        if line.sign in ":>":
            key = f"{self._prefix}/{len(self._said)}"
            thread = self._said[0] if line.sign == ">" and self._said else ""
            self._said.append(key)
            self._own.setdefault(who, []).append(key)
            yield Say(at=at, who=who, room=self._room, key=key, text=text, thread=thread)
            return
        own = self._own.get(who)
        if line.sign == "+" and self._said:
            yield React(at=at, who=who, room=self._room, key=self._said[-1], alias=text)
        elif own and line.sign == "=":
            yield Edit(at=at, who=who, room=self._room, key=own[-1], text=text)
        elif own and line.sign == "-":
            yield Delete(at=at, who=who, room=self._room, key=own.pop())
        elif own and line.sign == "?":
            yield Confirm(at=at, who=who, room=self._room, key=own[-1], reason=text)
        elif own and line.sign == "!":
            yield Withdraw(at=at, who=who, room=self._room, key=own.pop())
