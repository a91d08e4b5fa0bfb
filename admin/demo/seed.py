"""Sends the script through the real pipeline, in process, with a driven clock; a step of role ``pages``.

Nothing is written past the messaging core: every act is checked, decided and committed as it would
be for somebody at a browser, one after the other, so that each sees what came before. Messages carry
``source=seeded`` into the archive. What the acts are answered is counted and returned.
"""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import singledispatchmethod
from pathlib import Path
from typing import Any, Final

from admin.demo.firm import load_firm
from admin.demo.ground import BuildingGround, progress
from admin.demo.people import Staff
from admin.demo.script import (
    Act,
    Confirm,
    Delete,
    Edit,
    Enter,
    Entitle,
    Leave,
    Move,
    Open,
    React,
    Say,
    Sent,
    Withdraw,
)
from admin.demo.story import whole_script
from admin.wiring.chat import ChatServices, chat_services
from core.blocking import InlineBlocking
from core.crypto.rings import ProcessRole
from core.errors import Unavailable
from core.messaging.attempt import Confirmation
from core.messaging.marks import do_mark
from core.messaging.model import ItemState, Person, VersionKind
from core.settings import Settings
from core.store import Tx
from core.types import ConversationId, ItemId, PersonFacts, PersonId, parse_rfc3339, to_ms

SOURCE: Final = "seeded"
CONFIRM_EVERY: Final = 0.5
"""Seconds between two confirmations of the policy in force, as in a process that serves."""
TRIES: Final = 20
NEVER: Final = 10**9
"""The archive is filled after seeding; its lag does not slow the past."""

_CLOCK_FACE = Person(PersonId("time"), "time", "The clock", "", PersonFacts(PersonId("time")))
_ASKED = frozenset({ItemState.NEEDS_CONFIRMATION, ItemState.NEEDS_REASON})


class DrivenClock:
    """The time of day as the script has it; ``monotonic`` is the machine's, for freshness and leases."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def set(self, now: datetime) -> None:
        """Move the time of day on; it never goes back."""
        self._now = max(self._now, now)

    def now(self) -> datetime:
        """Return the time of day in the script."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds since an arbitrary point."""
        return time.monotonic()


def seed(settings: Settings, argument: dict[str, Any]) -> dict[str, int]:
    """Add the firm's people and send everything that they say; return how often each answer was given.

    ``argument``: ``end`` (RFC 3339), ``months``, ``messages``, ``seed``, ``password`` of everybody.
    """
    firm, end = load_firm(), parse_rfc3339(argument["end"])
    script = whole_script(
        firm, end=end, months=argument["months"], messages=argument["messages"], seed=argument["seed"]
    )
    clock = DrivenClock(script[0].at - timedelta(hours=1))
    # Nobody listens yet: the bus would be told five thousand times where to look.
    patient = replace(settings, archive_slow_seconds=NEVER, archive_stop_seconds=NEVER, bus_url="")
    services = chat_services(BuildingGround(patient, ProcessRole.PAGES, clock), blocking=InlineBlocking())
    try:
        with progress() as bars:
            shown = bars.add_task("People", total=len(firm.people))
            staff = Staff(services.store, services.people, services.directory)
            people = staff.add(firm, argument["password"], lambda: bars.advance(shown))
            seeder = Seeder(services, clock, staff, people)
            shown = bars.add_task("Messages", total=argument["messages"])
            for act in script:
                seeder.carry(act)
                if isinstance(act, Sent):
                    bars.advance(shown)
            seeder.finish(end)
    finally:
        services.store.close()
    seeded_mark(settings).touch()
    return dict(seeder.answers)


def seeded_mark(settings: Settings) -> Path:
    """Return the file that tells the archiving step beside this one that nothing more will come."""
    return settings.home / "seeded"


class Seeder:
    """Carries acts, in their order, and remembers what came of them."""

    def __init__(
        self, services: ChatServices, clock: DrivenClock, staff: Staff, people: dict[str, PersonId]
    ) -> None:
        self._services = services
        self._staff = staff
        self._messaging = services.messaging
        self._clock = clock
        self._people = people
        self._rooms: dict[str, ConversationId] = {}
        self._said: dict[str, tuple[Say, dict[str, Any]]] = {}
        self._waiting: list[tuple[datetime, str]] = []
        self._number = 0
        self._confirmed_at = -CONFIRM_EVERY
        self.answers: Counter[str] = Counter()

    def carry(self, act: Act) -> None:
        """Do one act at its time; what waits in the release queue lapses on the way."""
        self._lapse(act.at)
        self._clock.set(act.at)
        self._patiently(lambda: self._do(act))

    def finish(self, end: datetime) -> None:
        """Let lapse what is over by ``end``, and mark as read all but the last few of each room."""
        self._lapse(end)
        self._clock.set(end)
        heads = {name: self._messaging.overview(person) for name, person in self._people.items()}

        def write(tx: Tx) -> None:
            for name, rooms in heads.items():
                for room in rooms:
                    unread = len(name) % 4
                    do_mark(tx, room["id"], self._people[name], max(0, room["cseq"] - unread), to_ms(end))

        self._services.store.write(write)

    def _patiently(self, work: Callable[[], None]) -> None:
        """Do ``work``; where the machine was too busy to confirm the policy in time, try again."""
        self._confirm_policy()
        for _ in range(TRIES):
            try:
                return work()
            except Unavailable:
                self._confirm_policy(at_once=True)
        return work()

    def _confirm_policy(self, *, at_once: bool = False) -> None:
        """Confirm the policy in force unless that was a moment ago; the first time takes seconds."""
        while at_once or time.monotonic() - self._confirmed_at >= CONFIRM_EVERY:
            self._confirmed_at = time.monotonic()
            self._services.gate.refresh()
            at_once = False

    def _lapse(self, until: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= until:
            expires, key = heapq.heappop(self._waiting)
            said, answer = self._said[key]
            if answer["state"] != ItemState.QUARANTINED:
                continue
            self._clock.set(expires)
            item = ItemId(answer["id"])
            ended = self._messaging.end_quarantine(VersionKind.LAPSE, *self._where(said), item, _CLOCK_FACE)
            self._answered(key, said, ended)

    # -- acts -------------------------------------------------------------------------------------

    @singledispatchmethod
    def _do(self, act: Act) -> None:
        raise TypeError(act)

    @_do.register
    def _open(self, act: Open) -> None:
        room = act.opened
        others = [self._people[name] for name in room.members if name != act.who]
        answer = self._messaging.open(self._people[act.who], self._client_id(), room.kind, others, room.name)
        self._count(answer)
        if answer["ok"]:
            self._rooms[act.room] = answer["conversation"]

    @_do.register
    def _say(self, act: Say) -> None:
        thread = self._delivered(act.thread) if act.thread else None
        answer = self._messaging.send(*self._where(act), act.text, thread_root=thread, source=SOURCE)
        self._answered(act.key, act, answer)

    @_do.register
    def _confirm(self, act: Confirm) -> None:
        said, answer = self._said[act.key]
        if answer["state"] not in _ASKED:
            return
        confirmation = Confirmation(answer["decision"], act.reason)
        again = self._messaging.send(*self._where(act), said.text, confirms=confirmation, source=SOURCE)
        self._answered(act.key, said, again)

    @_do.register
    def _edit(self, act: Edit) -> None:
        if item := self._delivered(act.key):
            self._count(self._messaging.edit(*self._where(act), item, act.text))

    @_do.register
    def _delete(self, act: Delete) -> None:
        if item := self._delivered(act.key):
            self._answered(act.key, self._said[act.key][0], self._messaging.delete(*self._where(act), item))

    @_do.register
    def _react(self, act: React) -> None:
        if item := self._delivered(act.key):
            self._count(self._messaging.react(*self._where(act), item, act.alias, add=True))

    @_do.register
    def _withdraw(self, act: Withdraw) -> None:
        said, answer = self._said[act.key]
        if answer["state"] == ItemState.QUARANTINED:
            self._answered(act.key, said, self._messaging.withdraw(*self._where(act), ItemId(answer["id"])))

    @_do.register
    def _enter(self, act: Enter) -> None:
        self._count(self._messaging.invite(*self._where(act), self._people[act.person]))

    @_do.register
    def _leave(self, act: Leave) -> None:
        self._count(self._messaging.leave(*self._where(act)))

    @_do.register
    def _entitle(self, act: Entitle) -> None:
        do = self._messaging.rename if act.rename else self._messaging.set_topic
        self._count(do(*self._where(act), act.text))

    @_do.register
    def _move(self, act: Move) -> None:
        self._staff.move(self._people[act.who], act.groups)
        self._confirm_policy(at_once=True)

    # -- inside -----------------------------------------------------------------------------------

    def _where(self, act: Act) -> tuple[PersonId, str, ConversationId]:
        """Return what every call begins with: who, a new request id, and in which conversation."""
        return self._people[act.who], self._client_id(), self._rooms[act.room]

    def _client_id(self) -> str:
        self._number += 1
        return f"demo-{self._number}"

    def _delivered(self, key: str) -> ItemId | None:
        """Return the message if others see it; acts on one that was stopped do not happen."""
        _, answer = self._said[key]
        seen = ItemState(answer["state"])
        return ItemId(answer["id"]) if seen.visible and seen is not ItemState.DELETED else None

    def _answered(self, key: str, said: Say, answer: dict[str, Any]) -> None:
        self._said[key] = said, answer
        if answer.get("expires_at"):
            heapq.heappush(self._waiting, (parse_rfc3339(answer["expires_at"]), key))
        self._count(answer)

    def _count(self, answer: dict[str, Any]) -> None:
        self.answers[str(answer.get("state", "done"))] += 1


__all__: Sequence[str] = ("SOURCE", "DrivenClock", "Seeder", "seed", "seeded_mark")
