"""Month keys, period keys and owner keys of the chat world."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.crypto.cache import KeyCache
from core.crypto.chat_keys import ChatKeyRow, ChatKeys, month_of
from core.crypto.envelope import Key, associated, open_sealed, seal
from core.crypto.owner_keys import OwnerKeys, OwnerTitles, RingOwnerKeys
from core.crypto.rings import ProcessRole, Ring, RingName, create_ring, open_ring
from core.errors import Conflict, IntegrityError, InvalidInput
from tests.fakes.key_rows import MemoryKeyRows

MONTH = "2026-11"


def test_a_conversation_has_one_key_a_month(keys: ChatKeys) -> None:
    for conversation, month in (("a", MONTH), ("b", MONTH), ("a", "2026-12")):
        keys.ensure(conversation, month, "direct")
    assert len({keys.key("a", MONTH), keys.key("b", MONTH), keys.key("a", "2026-12")}) == 3
    assert keys.key("a", MONTH) == keys.key("a", MONTH)


def test_another_process_finds_the_same_key(keys: ChatKeys, rows: MemoryKeyRows, keys_dir: Path) -> None:
    keys.ensure("a", MONTH, "direct")
    other = ChatKeys(open_ring(RingName.CHAT, keys_dir, ProcessRole.PAGES), rows)
    other.ensure("a", MONTH, "direct")
    assert other.key("a", MONTH) == keys.key("a", MONTH)
    assert other.owners.open("a", keys.owners.seal("a", b"x", b""), b"") == b"x"


def test_keys_of_many_owners_are_read_at_once(keys: ChatKeys, rows: MemoryKeyRows, ring: Ring) -> None:
    sealed = {}
    for owner in ("a", "b", "c"):
        keys.owners.ensure(owner)
        sealed[owner] = keys.owners.seal(owner, owner.encode(), b"")

    class AtOnce(MemoryKeyRows):
        """Gives keys of many together, and none alone."""

        def load_owner_key(self, owner_id: str) -> bytes | None:
            raise AssertionError(f"{owner_id} was read alone")

    at_once = AtOnce()
    at_once.owners = rows.owners
    other = OwnerKeys(ring, at_once)
    other.foresee(["a", "b", "nobody"])
    assert other.open("a", sealed["a"], b"") == b"a"
    other.foresee(["b", "c"])
    assert other.open("c", sealed["c"], b"") == b"c"


def test_two_processes_that_make_a_key_at_once_agree(ring: Ring) -> None:
    class Slow(MemoryKeyRows):
        """Both look before either writes."""

        def __init__(self) -> None:
            super().__init__()
            self.both = threading.Barrier(2)
            self.looked = threading.local()

        def load_chat_key(self, conversation_id: str, month: str) -> ChatKeyRow | None:
            found = super().load_chat_key(conversation_id, month)
            if not hasattr(self.looked, "once"):
                self.looked.once = True
                self.both.wait(10)
            return found

    shared = Slow()
    made: list[Key] = []

    def ensure() -> None:
        mine = ChatKeys(ring, shared)
        mine.ensure("a", MONTH, "direct")
        made.append(mine.key("a", MONTH))

    threads = [threading.Thread(target=ensure) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert made[0] == made[1]


def test_reading_never_makes_a_key(keys: ChatKeys, rows: MemoryKeyRows) -> None:
    with pytest.raises(IntegrityError):
        keys.key("a", MONTH)
    with pytest.raises(IntegrityError):
        keys.owners.seal("nobody", b"x", b"")
    assert not rows.chat
    assert not rows.owners


def test_destroying_a_period_closes_its_bodies_in_every_process(
    keys: ChatKeys, rows: MemoryKeyRows, keys_dir: Path
) -> None:
    other = ChatKeys(open_ring(RingName.CHAT, keys_dir, ProcessRole.REALTIME), rows)
    for conversation, month, kind in (
        ("a", MONTH, "direct"),
        ("a", "2026-12", "direct"),
        ("p", MONTH, "public"),
    ):
        keys.ensure(conversation, month, kind)
        other.ensure(conversation, month, kind)
    keys.destroy_period(MONTH, "direct")
    keys.destroy_period(MONTH, "direct")
    for process in (keys, other):
        with pytest.raises(IntegrityError):
            process.key("a", MONTH)
        with pytest.raises(IntegrityError):
            process.text_hash("a", MONTH, "text")
        process.key("a", "2026-12")
        process.key("p", MONTH)
    assert not keys.period_exists(MONTH, "direct")
    assert keys.period_exists(MONTH, "public")


def test_a_destroyed_month_cannot_be_written_again(keys: ChatKeys) -> None:
    keys.ensure("a", MONTH, "direct")
    keys.destroy_period(MONTH, "direct")
    for conversation in ("a", "b"):
        with pytest.raises(Conflict) as raised:
            keys.ensure(conversation, MONTH, "direct")
        assert raised.value.code == "key_destroyed"
    assert not keys.period_exists(MONTH, "direct")


def test_a_names_key_outlives_the_months_of_its_conversation(keys: ChatKeys) -> None:
    keys.ensure("a", MONTH, "direct")
    titles = OwnerTitles(keys.owners)
    sealed = titles.seal_title("a", "name", "Deal café")
    keys.destroy_period(MONTH, "direct")
    assert titles.open_title("a", "name", sealed) == "Deal café"
    with pytest.raises(IntegrityError):
        titles.open_title("a", "topic", sealed)
    keys.owners.ensure("b")
    with pytest.raises(IntegrityError):
        titles.open_title("b", "name", sealed)


@pytest.mark.parametrize(
    "moved",
    [
        ChatKeyRow("b", MONTH, "direct", b""),
        ChatKeyRow("a", "2026-12", "direct", b""),
        ChatKeyRow("a", MONTH, "public", b""),
    ],
)
def test_a_wrapped_key_that_was_moved_does_not_open(
    ring: Ring, rows: MemoryKeyRows, moved: ChatKeyRow
) -> None:
    keys = ChatKeys(ring, rows)
    for conversation, month, kind in (
        ("a", MONTH, "direct"),
        ("c", "2026-12", "direct"),
        ("d", MONTH, "public"),
    ):
        keys.ensure(conversation, month, kind)
    wrapped = rows.chat["a", MONTH].wrapped
    place = (moved.conversation_id, moved.month)
    rows.chat[place] = ChatKeyRow(*place, moved.retention_class, wrapped)
    with pytest.raises(IntegrityError):
        ChatKeys(ring, rows).key(*place)


def test_a_text_hash_is_keyed_by_conversation_and_month(keys: ChatKeys) -> None:
    for conversation, month in (("a", MONTH), ("b", MONTH), ("a", "2026-12")):
        keys.ensure(conversation, month, "direct")
    hashes = {keys.text_hash(*place, "yes") for place in (("a", MONTH), ("b", MONTH), ("a", "2026-12"))}
    assert len(hashes) == 3
    assert (
        keys.text_hash("a", MONTH, "yes")
        == keys.text_hash("a", MONTH, "yes")
        != keys.text_hash("a", MONTH, "no")
    )


def test_tags_meet_for_equal_values_of_one_purpose(ring: Ring, rows: MemoryKeyRows) -> None:
    one, two = OwnerKeys(ring, rows), OwnerKeys(ring, rows)
    assert one.tag("login", "ana") == two.tag("login", "ana")
    assert len({one.tag("login", "ana"), one.tag("login", "bo"), one.tag("stable", "ana")}) == 3
    assert len(one.tag("login", "ana")) == 32


def test_a_rings_own_owner_keys_are_bound_to_owner_and_place(keys_dir: Path) -> None:
    sealer = RingOwnerKeys(create_ring(RingName.DISCOVERY, keys_dir, ProcessRole.DESK))
    sealer.ensure("officer")
    sealed = sealer.seal("officer", b"profile", b"aad")
    assert sealer.open("officer", sealed, b"aad") == b"profile"
    for owner, aad in (("other", b"aad"), ("officer", b"")):
        with pytest.raises(IntegrityError):
            sealer.open(owner, sealed, aad)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "26-01", "2026-11/..", ""])
def test_a_malformed_month_is_refused(keys: ChatKeys, month: str) -> None:
    with pytest.raises(InvalidInput):
        keys.ensure("a", month, "direct")


def test_a_month_is_counted_in_utc() -> None:
    assert month_of(datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-11"
    assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == "2026-12"


def test_many_threads_share_the_keys(ring: Ring, rows: MemoryKeyRows) -> None:
    keys = ChatKeys(ring, rows, cached=8)
    for number in range(30):
        keys.ensure(f"c{number}", MONTH, "direct")
    sealed = {n: seal(keys.key(f"c{n}", MONTH), b"%d" % n, associated("x")) for n in range(30)}
    wrong: list[int] = []

    def read() -> None:
        for number, text in sealed.items():
            if open_sealed(keys.key(f"c{number}", MONTH), text, associated("x")) != b"%d" % number:
                wrong.append(number)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_cache_is_bounded() -> None:
    cache: KeyCache[int, int] = KeyCache(3)
    for number in range(10):
        cache.put(number, number)
    assert len(cache) == 3
    assert [cache.get(n) for n in (6, 7, 8, 9)] == [None, 7, 8, 9]


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def ring(keys_dir: Path) -> Ring:
    return create_ring(RingName.CHAT, keys_dir, ProcessRole.WORKER)


@pytest.fixture
def rows() -> MemoryKeyRows:
    return MemoryKeyRows()


@pytest.fixture
def keys(ring: Ring, rows: MemoryKeyRows) -> ChatKeys:
    return ChatKeys(ring, rows)
