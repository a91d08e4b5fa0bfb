"""What is due is destroyed everywhere, what is held is not, and dying in between changes neither."""

import sqlite3
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.archive.search_service import Purpose
from audit.retention.dispose import DispositionState
from audit.retention.legal_holds import HoldScope
from core.access import Database
from core.errors import Conflict, Denied, InvalidInput, Unavailable
from core.schema import archive, chat, keystore
from core.trail import Tag
from core.types import ItemId
from tests.audit.archive.test_reconcile import reconcile
from tests.factories.archive import Killed
from tests.factories.chat import ANA, BEN, CLEO, DAN
from tests.factories.retention import PURPOSE, Firm, make_firm

DAY = 86_400
STEPS = [
    "dispose.after_condemned",
    "dispose.after_keys",
    "dispose.after_job",
    "dispose.deleting_rows",
    "expire.after_items",
    "expire.after_period",
    "expire.dropping_records",
    "expire.after_records",
    "expire.after_index",
    "expire.after_partition",
]


def test_a_partition_is_destroyed_when_its_last_item_is_due(firm: Firm) -> None:
    room = firm.evidence.chat.direct()
    item = firm.evidence.chat.send(room, "to be forgotten")["id"]
    firm.evidence.clock.advance(20 * DAY)
    last = firm.evidence.chat.send(room, "the last of March")["id"]
    firm.evidence.clock.advance(29 * DAY)
    firm.destroy_what_is_due()
    assert firm.is_readable(item), "the last item is not due yet"
    firm.evidence.clock.advance(2 * DAY)
    firm.destroy_what_is_due()
    assert firm.states() == {"2026-03-direct": DispositionState.DESTROYED}
    assert not firm.is_readable(item)
    assert not firm.is_readable(last)
    assert firm.evidence.partition_keys.generations("2026-03-direct") == ()
    assert not firm.evidence.chat.keys.period_exists("2026-03", "direct")
    assert {row.state for row in firm.evidence.rows(Database.CHAT, chat.items)} == {"expired"}
    assert {row.body for row in firm.evidence.rows(Database.CHAT, chat.versions)} == {None}
    assert firm.evidence.index.count("2026-03-direct") == 0
    kept = {row.partition_id for row in firm.evidence.rows(Database.ARCHIVE, archive.records)}
    assert kept <= {"2026-03-trail", "2026-04-trail", "2026-05-trail"}
    assert {r.partition_id for r in firm.evidence.rows(Database.KEYSTORE, keystore.data_keys)} == kept


def test_the_account_stays_when_the_text_is_gone(firm: Firm) -> None:
    room = firm.evidence.chat.direct()
    firm.evidence.chat.send(room, "one")
    firm.evidence.chat.send(room, "[block] two")
    forget(firm)
    assert reconcile(firm.evidence, firm.worker) == []
    coverage = firm.desk.search.coverage()
    assert (coverage.in_scope, coverage.destroyed) == (3, 3)


def test_a_destroyed_partition_is_never_offered_again(firm: Firm) -> None:
    firm.evidence.chat.send(firm.evidence.chat.direct(), "one")
    forget(firm)
    firm.evidence.offers.offer_months(actor="init", history_from="2026-01")
    firm.restart()
    firm.worker.partitions.accept_offers()
    assert not firm.worker.partitions.knows("2026-03-direct")
    assert not firm.evidence.partition_keys.exists("2026-03-direct", 1)


@pytest.mark.parametrize("scope", [HoldScope(person=BEN), HoldScope(person=ANA), None])
def test_a_hold_keeps_a_partition_until_it_is_released(firm: Firm, scope: HoldScope | None) -> None:
    room = firm.evidence.chat.direct()
    item = firm.evidence.chat.send(room, "evidence")["id"]
    firm.archive()
    hold = firm.holds.add(PURPOSE, scope or HoldScope(conversation=room))
    forget(firm)
    assert firm.is_readable(item)
    assert firm.disposal().pinned() == {"2026-03-direct": [1]}
    firm.holds.release(hold.id, PURPOSE)
    assert firm.is_readable(item), "releasing deletes nothing"
    firm.evidence.clock.advance(2 * DAY)
    firm.destroy_what_is_due()
    assert not firm.is_readable(item)


def test_a_hold_pins_only_its_scope(firm: Firm) -> None:
    room = firm.evidence.chat.direct(ANA, BEN)
    item = firm.evidence.chat.send(room, "theirs")["id"]
    firm.archive()
    firm.holds.add(PURPOSE, HoldScope(person=CLEO))
    later = firm.evidence.clock.now() + timedelta(days=1)
    firm.holds.add(PURPOSE, HoldScope(person=ANA, since=later))
    firm.holds.add(PURPOSE, HoldScope(person=ANA, conversation="another"))
    forget(firm)
    assert not firm.is_readable(item)


def test_a_hold_reaches_whom_a_stopped_message_was_meant_for(firm: Firm) -> None:
    room = firm.evidence.chat.group(ANA, BEN, CLEO)
    item = firm.evidence.chat.send(room, "[block] for Cleo's eyes")["id"]
    firm.archive()
    firm.holds.add(PURPOSE, HoldScope(person=CLEO))
    forget(firm)
    assert firm.is_readable(item)


def test_a_hold_after_condemnation_is_told_so_and_can_take_what_is_left(firm: Firm) -> None:
    room = firm.evidence.chat.direct()
    firm.evidence.chat.send(room, "too late")
    firm.archive()
    firm.evidence.clock.advance(62 * DAY)
    kept = firm.evidence.chat.send(room, "in time")["id"]
    firm.archive()
    firm.expiry().post_due()
    firm.disposal().run()
    with pytest.raises(Conflict) as caught:
        firm.holds.add(PURPOSE, HoldScope(person=ANA))
    assert caught.value.code == "already_condemned"
    assert caught.value.params["partitions"] == ["2026-03-direct"]
    assert firm.holds.all() == []
    firm.holds.add(PURPOSE, HoldScope(person=ANA), accept_lost=True)
    firm.run_jobs()
    firm.evidence.clock.advance(62 * DAY)
    firm.destroy_what_is_due()
    assert firm.is_readable(kept)


def test_holds_are_made_in_a_matter_with_a_reason_and_are_on_record(firm: Firm) -> None:
    firm.desk.barred.add("officer-2")
    with pytest.raises(Denied):
        firm.holds.add(Purpose("officer-2", "matter-1", "why not"), HoldScope(person=ANA))
    with pytest.raises(InvalidInput, match="Say why"):
        firm.holds.add(Purpose("officer-1", "matter-1", ""), HoldScope(person=ANA))
    with pytest.raises(InvalidInput, match="names a person"):
        HoldScope()
    hold = firm.holds.add(PURPOSE, HoldScope(person=ANA))
    firm.holds.release(hold.id, PURPOSE)
    with pytest.raises(Conflict, match="already"):
        firm.holds.release(hold.id, PURPOSE)
    (listed,) = firm.holds.all()
    assert (listed.number, listed.reason, listed.active) == (1, "the regulator asked", False)
    firm.archive()
    kinds = [row.kind for row in firm.evidence.rows(Database.ARCHIVE, archive.records)]
    assert [kind for kind in kinds if kind.startswith("hold:")] == [Tag.HOLD_ADDED, Tag.HOLD_RELEASED]
    for table in keystore.metadata.sorted_tables:
        assert "regulator" not in repr(firm.evidence.rows(Database.KEYSTORE, table))


def test_nothing_is_destroyed_while_something_of_the_month_is_on_its_way(firm: Firm) -> None:
    chat_ = firm.evidence.chat
    room = chat_.direct()
    item = ItemId(chat_.send(room, "in March")["id"])
    firm.archive()
    firm.evidence.clock.advance(62 * DAY)
    firm.expiry().post_due()
    firm.disposal().run()
    chat_.messaging.edit(ANA, "late", room, item, "edited much later")
    with pytest.raises(Unavailable, match="on its way"):
        firm.run_jobs()
    firm.archive()
    firm.run_jobs()
    firm.disposal().run()
    assert not firm.is_readable(item)
    (edited,) = [r for r in firm.desk.reader.versions_of(item) if r.fields is not None]
    assert edited.fields is not None
    assert edited.fields["body"] == "edited much later"


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_destruction_is_finished_by_the_next_process(firm: Firm, step: str) -> None:
    item = firm.evidence.chat.send(firm.evidence.chat.direct(), "to be forgotten")["id"]
    firm.archive()
    firm.evidence.clock.advance(62 * DAY)
    firm.evidence.fail_at.add(step)
    with pytest.raises(Killed):
        firm.destroy_what_is_due()
    firm.restart()
    firm.destroy_what_is_due()
    firm.destroy_what_is_due()
    assert firm.states() == {"2026-03-direct": DispositionState.DESTROYED}
    assert not firm.is_readable(item)
    assert reconcile(firm.evidence, firm.worker) == []


@pytest.mark.embedded
def test_erased_keys_are_in_no_file_of_the_keystore(firm: Firm) -> None:
    firm.evidence.chat.send(firm.evidence.chat.direct(), "to be forgotten")
    firm.archive()
    wrapped = [
        bytes(row.wrapped)
        for row in firm.evidence.rows(Database.KEYSTORE, keystore.data_keys)
        if row.partition_id == "2026-03-direct"
    ]
    (secret,) = (firm.evidence.folder / "keys" / "discovery" / "partitions").glob("2026-03-direct.1.key")
    kept = secret.read_bytes()
    forget(firm)
    firm.evidence.close()
    connection = sqlite3.connect(firm.evidence.folder / "keystore.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    files = [path for path in firm.evidence.folder.rglob("*") if path.is_file()]
    assert not any(kept in path.read_bytes() for path in files)
    assert not secret.exists()
    of_the_keystore = [path.read_bytes() for path in files if path.name.startswith("keystore.db")]
    assert wrapped
    assert of_the_keystore
    assert not any(key in content for key in wrapped for content in of_the_keystore)


ACTIONS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 2)),
    st.tuples(st.just("pass"), st.sampled_from([3, 20, 40])),
    st.tuples(st.just("hold"), st.integers(0, 3)),
    st.tuples(st.just("release"), st.integers(0, 3)),
    st.tuples(st.just("destroy"), st.sampled_from([*STEPS, ""])),
)


@pytest.mark.timeout(600)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions=st.lists(ACTIONS, min_size=4, max_size=12))
def test_nothing_held_is_ever_lost_and_nothing_destroyed_is_ever_read(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int | str]]
) -> None:
    live_through(tmp_path_factory, actions)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions=st.lists(ACTIONS, min_size=8, max_size=30))
def test_nothing_held_is_ever_lost_in_long_histories_either(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int | str]]
) -> None:
    live_through(tmp_path_factory, actions)


def live_through(folders: pytest.TempPathFactory, actions: list[tuple[str, int | str]]) -> None:
    world = World(make_firm(folders.mktemp("retention")))
    for action, choice in [("send", 0), ("hold", 0), *actions]:
        getattr(world, f"do_{action}")(choice)
        world.check()
    world.do_end()
    world.firm.evidence.close()


class World:
    """A model beside the firm: what was said to whom, and what must be kept."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        chat_ = firm.evidence.chat
        self.rooms = [chat_.direct(ANA, BEN), chat_.direct(CLEO, DAN), chat_.group(ANA, BEN, CLEO)]
        self.people = [{ANA, BEN}, {CLEO, DAN}, {ANA, BEN, CLEO}]
        self.scopes = [
            (HoldScope(person=ANA), {0, 2}),
            (HoldScope(person=DAN), {1}),
            (HoldScope(conversation=self.rooms[2]), {2}),
            (HoldScope(person=CLEO, conversation=self.rooms[1]), {1}),
        ]
        self.said: list[tuple[str, int]] = []
        self.held: dict[int, tuple[str, set[str]]] = {}

    def do_send(self, room: int | str) -> None:
        sender = sorted(self.people[int(room)])[0]
        answer = self.firm.evidence.chat.send(self.rooms[int(room)], f"line {len(self.said)}", sender)
        self.said.append((answer["id"], int(room)))
        self.firm.archive()
        for index, (_, items) in self.held.items():
            if int(room) in self.scopes[index][1]:
                items.add(answer["id"])

    def do_pass(self, days: int | str) -> None:
        self.firm.evidence.clock.advance(int(days) * DAY)
        self.firm.archive()

    def do_hold(self, index: int | str) -> None:
        scope, rooms = self.scopes[int(index)]
        if int(index) in self.held:
            return
        with suppress(Conflict):
            hold = self.firm.holds.add(PURPOSE, scope)
            readable = {i for i, room in self.said if room in rooms and self.firm.is_readable(i)}
            self.held[int(index)] = (hold.id, readable)

    def do_release(self, index: int | str) -> None:
        if int(index) in self.held:
            self.firm.holds.release(self.held.pop(int(index))[0], PURPOSE)

    def do_destroy(self, step: int | str) -> None:
        self.firm.evidence.fail_at = {str(step)}
        try:
            self.firm.destroy_what_is_due()
        except Killed:
            self.firm.restart()
        self.firm.evidence.fail_at = set()

    def check(self) -> None:
        for _, items in self.held.values():
            for item in items:
                assert self.firm.is_readable(item), "a held record was lost"
        states = self.firm.states()
        for row in self.firm.evidence.rows(Database.ARCHIVE, archive.records):
            if row.partition_id in states and states[row.partition_id] is not DispositionState.CONDEMNED:
                assert not self.firm.is_readable(row.item_id), "a destroyed record was read"

    def do_end(self) -> None:
        for index in list(self.held):
            self.do_release(index)
        self.firm.evidence.clock.advance(62 * DAY)
        for _ in range(3):
            self.firm.restart()
            self.firm.destroy_what_is_due()
        assert set(self.firm.states().values()) == {DispositionState.DESTROYED}
        assert not any(self.firm.is_readable(item) for item, _ in self.said)
        assert reconcile(self.firm.evidence, self.firm.worker) == []


def forget(firm: Firm) -> None:
    """Let two months pass and destroy what is due."""
    firm.archive()
    firm.evidence.clock.advance(62 * DAY)
    firm.destroy_what_is_due()
