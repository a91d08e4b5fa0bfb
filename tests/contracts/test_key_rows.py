"""What every keeper of wrapped chat keys promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.access import Database
from core.crypto.chat_keys import ChatKeyRow, KeyRows
from core.crypto.key_rows import StoredKeyRows
from tests.factories.stores import empty_store
from tests.fakes.key_rows import MemoryKeyRows

ROW = ChatKeyRow("conv", "2026-11", "direct", b"wrapped")


def test_what_was_never_kept_is_not_there(rows: KeyRows) -> None:
    assert rows.load_chat_key("conv", "2026-11") is None
    assert rows.load_owner_key("owner") is None


def test_a_kept_key_comes_back_whole(rows: KeyRows) -> None:
    rows.insert_chat_key(ROW)
    rows.insert_owner_key("owner", b"wrapped")
    assert rows.load_chat_key("conv", "2026-11") == ROW
    assert rows.load_owner_key("owner") == b"wrapped"


def test_the_first_key_wins_and_a_second_changes_nothing(rows: KeyRows) -> None:
    rows.insert_chat_key(ROW)
    rows.insert_chat_key(ChatKeyRow("conv", "2026-11", "public", b"another"))
    rows.insert_owner_key("owner", b"first")
    rows.insert_owner_key("owner", b"second")
    assert rows.load_chat_key("conv", "2026-11") == ROW
    assert rows.load_owner_key("owner") == b"first"


def test_keys_of_many_owners_come_at_once_and_who_has_none_is_left_out(rows: KeyRows) -> None:
    owners = {f"owner {number}": b"wrapped %d" % number for number in range(600)}
    for owner, wrapped in owners.items():
        rows.insert_owner_key(owner, wrapped)
    assert rows.load_owner_keys([*owners, "nobody", "owner 1"]) == owners
    assert rows.load_owner_keys([]) == {}


def test_months_and_conversations_have_keys_of_their_own(rows: KeyRows) -> None:
    rows.insert_chat_key(ROW)
    assert rows.load_chat_key("conv", "2026-12") is None
    assert rows.load_chat_key("other", "2026-11") is None


@pytest.fixture(params=["memory", "sqlite"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyRows]:
    if request.param == "memory":
        yield MemoryKeyRows()
        return
    store = empty_store(tmp_path, Database.CHAT)
    yield StoredKeyRows(store)
    store.close()
