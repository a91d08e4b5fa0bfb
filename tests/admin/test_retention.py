"""What the policy's time has come for is destroyed by worker and desk as they are wired, unless it is held."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.archive.reader import RecordState
from audit.archive.search_service import Purpose, ResultPage
from audit.retention.dispose import DispositionState
from audit.retention.legal_holds import HoldScope
from core.identity.permissions import Role
from core.schema import archive
from core.store import Statement
from core.types import ConversationId, OfficerId
from tests.factories.desk import House, make_house
from tests.fakes.clock import DrivenClock

DAY = 86_400
SEVEN_YEARS = 2557
PARTITION = "2026-03-group"
STEPS = [
    "dispose.after_condemned",
    "dispose.after_keys",
    "dispose.after_job",
    "expire.after_items",
    "expire.after_period",
    "expire.dropping_records",
    "expire.after_records",
    "expire.after_index",
    "expire.after_partition",
    "dispose.deleting_rows",
]


class Killed(BaseException):
    """A process died here."""


@dataclass
class Firm:
    """A house, one message of March 2026 in a group, an officer and her matter. It can be killed anywhere."""

    template: Path
    home: Path
    clock: DrivenClock = field(default_factory=DrivenClock)
    dies_at: str = ""
    house: House = field(init=False)
    room: ConversationId = field(init=False)
    item: str = field(init=False)
    officer: OfficerId = field(init=False)
    purpose: Purpose = field(init=False)

    def __post_init__(self) -> None:
        self.clock.advance(60 * DAY)  # from January into March
        self.house = self.opened()
        for name in ("ana", "ben", "cleo"):
            self.house.add(name)
        self.room = self.house.group("ana", "ben", "cleo")
        self.item = self.house.send(self.room, "ana", "the heron plan of March")["id"]
        self.officer = self.house.officer("olga", Role.COMPLIANCE_OFFICER)
        matter = self.house.services.matters.open(self.officer, "the plan")
        self.purpose = Purpose(self.officer, matter.id, "asked by the regulator")
        self.house.work()

    def opened(self) -> House:
        return make_house(self.template, self.home, clock=self.clock, on_point=self.reach)

    def reach(self, point: str) -> None:
        if point == self.dies_at:
            self.dies_at = ""
            raise Killed(point)

    def restart(self) -> None:
        """Begin again with processes that remember nothing, once the dead ones' leases are over."""
        people = self.house.people
        self.house.close()
        self.clock.advance(61)
        self.house = self.opened()
        self.house.people = people

    def go_on(self) -> None:
        """Let time's work be done: propose, condemn, expire, finish."""
        for _ in range(3):
            self.house.work_at_desk()
            self.house.work()
            self.house.worker.expiry.post_due()
            self.clock.advance(600)

    def search(self) -> ResultPage:
        return self.house.services.search.search(self.purpose, "heron")

    def is_destroyed(self) -> bool:
        return self.house.services.disposal.states() == {PARTITION: DispositionState.DESTROYED}

    def shown(self) -> dict[str, object]:
        """Return what the chat answers about the message."""
        history = self.house.chat.messaging.history(self.house.people["ben"], self.room, None)
        return next(item for item in history["items"] if item["id"] == self.item)


def test_what_is_due_by_the_policy_loses_its_keys_and_the_chat_says_expired(firm: Firm) -> None:
    firm.go_on()
    assert firm.search().total == 1, "nothing is due yet"
    firm.clock.advance(SEVEN_YEARS * DAY)
    firm.go_on()
    assert firm.is_destroyed()
    assert firm.house.services.partition_keys.generations(PARTITION) == ()
    shown = firm.shown()
    assert shown["state"] == "expired"
    assert "heron" not in str(shown)
    page = firm.search()
    assert page.total == 0
    assert page.coverage.destroyed >= 1, "the search says what it can no longer reach"


@pytest.mark.parametrize("by", ["person", "conversation"])
def test_a_hold_prevents_all_of_it_and_its_release_lets_it_go_on(firm: Firm, by: str) -> None:
    scope = (
        HoldScope(person=firm.house.people["ben"]) if by == "person" else HoldScope(conversation=firm.room)
    )
    hold = firm.house.services.holds.add(firm.purpose, scope)
    firm.clock.advance(SEVEN_YEARS * DAY)
    firm.go_on()
    assert firm.house.services.disposal.states() == {}
    assert firm.house.services.disposal.pinned() == {PARTITION: [hold.number]}
    assert firm.search().total == 1
    assert firm.shown()["state"] == "sent"
    firm.house.services.holds.release(hold.id, firm.purpose)
    assert firm.search().total == 1, "releasing deletes nothing"
    firm.clock.advance(3_600)
    firm.go_on()
    assert firm.is_destroyed()


def test_killed_at_every_step_in_turn_the_next_processes_finish(firm: Firm) -> None:
    firm.clock.advance(SEVEN_YEARS * DAY)
    for step in STEPS:
        firm.dies_at = step
        with suppress(Killed):
            firm.go_on()
        assert not firm.dies_at, f"{step} was reached"
        firm.restart()
    firm.go_on()
    assert firm.is_destroyed()
    assert firm.shown()["state"] == "expired"
    record = firm.house.services.reader.versions_of(firm.item)
    assert all(one.state is RecordState.DESTROYED for one in record)


def test_holds_and_destruction_reach_the_ledger(firm: Firm) -> None:
    hold = firm.house.services.holds.add(firm.purpose, HoldScope(conversation=firm.room))
    firm.go_on()
    rows = firm.house.services.archive.read(
        lambda tx: tx.rows(Statement(select(archive.ledger_entries.c.entry)))
    )
    assert any(b"hold:added" in bytes(row.entry) and hold.id.encode() in bytes(row.entry) for row in rows)


@pytest.fixture
def firm(template: Path, tmp_path: Path) -> Iterator[Firm]:
    made = Firm(template, tmp_path / "home")
    yield made
    made.house.close()
