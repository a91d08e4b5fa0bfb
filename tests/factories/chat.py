"""A messaging core on a real store and real keys, with people, a gate and a delivery to look at."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from core.access import Database
from core.blocking import ThreadBlocking
from core.crypto.chat_keys import ChatKeys
from core.crypto.key_rows import StoredKeyRows
from core.crypto.owner_keys import OwnerKeys
from core.crypto.rings import ProcessRole, RingName, create_ring
from core.errors import Denied
from core.messaging.build import build_messaging
from core.messaging.scheduled_sender import ScheduledSender
from core.messaging.service import Messaging
from core.schema import chat
from core.settings import Settings
from core.store import Statement, Store, Tx
from core.types import ConversationId, ConversationKind, PersonId, UsageRules
from tests.factories.stores import empty_store
from tests.fakes.clock import DrivenClock
from tests.fakes.delivery import RecordingDelivery
from tests.fakes.gate import WordGate
from tests.fakes.roster import NamedRoster

ANA, BEN, CLEO, DAN = (PersonId(name) for name in ("ana", "ben", "cleo", "dan"))


@dataclass
class Chat:
    """One messaging core and everything around it."""

    messaging: Messaging
    store: Store
    gate: WordGate
    delivery: RecordingDelivery
    clock: DrivenClock
    keys: ChatKeys
    roster: NamedRoster
    not_sent: list[tuple[str, str, str]] = field(default_factory=list)
    usage: list[UsageRules] = field(default_factory=lambda: [UsageRules()])
    ids: Callable[[], str] = field(default_factory=lambda: _ids())  # noqa: PLW0108 - defined below
    names: Callable[[], str] = field(default_factory=lambda: _names())  # noqa: PLW0108 - defined below

    def direct(self, one: PersonId = ANA, other: PersonId = BEN) -> ConversationId:
        return ConversationId(
            self.messaging.open(one, self.ids(), ConversationKind.DIRECT, [other])["conversation"]
        )

    def group(self, *people: PersonId) -> ConversationId:
        first, *others = people or (ANA, BEN, CLEO)
        return ConversationId(
            self.messaging.open(first, self.ids(), ConversationKind.GROUP, others)["conversation"]
        )

    def channel(
        self, *people: PersonId, name: str = "", kind: ConversationKind = ConversationKind.PUBLIC
    ) -> ConversationId:
        first, *others = people or (ANA, BEN)
        name = name or self.names()
        return ConversationId(self.messaging.open(first, self.ids(), kind, others, name)["conversation"])

    def send(
        self, conversation: ConversationId, text: str, sender: PersonId = ANA, **more: Any
    ) -> dict[str, Any]:
        return self.messaging.send(sender, self.ids(), conversation, text, **more)

    def sender(
        self, *, gone: tuple[PersonId, ...] = (), reach: Callable[[str], None] = lambda _: None
    ) -> ScheduledSender:
        """Return what sends messages at their time; ``gone`` have left."""

        def check(_tx: Tx, person: PersonId) -> None:
            if person in gone:
                raise Denied("Whoever wrote this has left.", code="sender_left")

        return ScheduledSender(
            store=self.store,
            scheduled=self.messaging.scheduled,
            messaging=self.messaging,
            clock=self.clock,
            check_sender=check,
            record_not_sent=lambda _tx, person, room, code: self.not_sent.append((person, room, code)),
            reach=reach,
        )

    def rows(self, table: Any) -> list[Any]:
        return self.store.read(lambda tx: tx.rows(Statement(select(table))))


def make_chat(folder: Path, *, blocking: Any = None, delivery: Any = None, **settings: Any) -> Chat:
    """Return a fresh messaging core with Ana, Ben, Cleo and Dan."""
    store = empty_store(folder, Database.CHAT)
    people = Statement(insert(chat.people))
    store.write(
        lambda tx: tx.run_many(
            people,
            [
                {
                    "id": name, "stable_tag": name, "login_tag": name, "profile": b"", "state": "active",
                    "revision": 1, "created_ms": 0, "changed_ms": 0,
                }
                for name in (ANA, BEN, CLEO, DAN)
            ],
        )
    )  # fmt: skip
    ring = create_ring(RingName.CHAT, folder / "keys", ProcessRole.PAGES)
    keys = ChatKeys(ring, StoredKeyRows(store))
    clock = DrivenClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    usage = [UsageRules()]
    gate, roster = WordGate(), NamedRoster(ANA, BEN, CLEO, DAN)
    delivery = delivery or RecordingDelivery()
    messaging = build_messaging(
        settings=Settings(**settings),
        store=store,
        keys=keys,
        owners=OwnerKeys(ring, StoredKeyRows(store)),
        roster=roster,
        gate=gate,
        delivery=delivery,
        blocking=blocking or ThreadBlocking(),
        clock=clock,
        preceding=lambda: timedelta(minutes=10),
        usage=lambda: usage[-1],
    )
    return Chat(messaging, store, gate, delivery, clock, keys, roster, usage=usage)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all of ``works`` at the same moment, each in a thread; return results and errors."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[index] = work()
        except Exception as error:
            results[index] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(i, w)) for i, w in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"client-{next(numbers)}"


def _names() -> Callable[[], str]:
    numbers = count(1)
    return lambda: "deals" if (number := next(numbers)) == 1 else f"deals {number}"
