"""What somebody prefers is kept for them alone, and only what can be chosen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, update

from core.errors import IntegrityError, InvalidInput
from core.identity.preferences import DEFAULTS, OwnPreferences, PreferenceRows, Theme, changed
from core.schema import chat
from core.store import Statement
from core.types import to_ms
from tests.factories.clear_text import files_of, where
from tests.factories.identity import ChatIdentity, chat_identity

ANN, BEN = "person-ann", "person-ben"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def rows(house: ChatIdentity) -> PreferenceRows:
    for owner in (ANN, BEN):
        house.sealer.ensure(owner)
    return PreferenceRows(chat.preferences, house.clock, house.sealer)


@pytest.fixture
def own(house: ChatIdentity, rows: PreferenceRows) -> OwnPreferences:
    return OwnPreferences(house.store, rows)


def test_whoever_has_chosen_nothing_has_the_defaults(own: OwnPreferences) -> None:
    assert own.of(ANN) == DEFAULTS


def test_a_choice_changes_that_and_nothing_else_and_for_nobody_else(own: OwnPreferences) -> None:
    own.change(ANN, theme="dark", language="de")
    own.change(ANN, single_keys=False, language=None)
    assert own.of(ANN) == changed(DEFAULTS, theme=Theme.DARK, language="de", single_keys=False)
    assert own.of(BEN) == DEFAULTS


@pytest.mark.parametrize(
    "change",
    [{"theme": "pink"}, {"language": "../de"}, {"language": "deutsch"}, {"send_with": ""}, {"colour": "red"}],
)
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(
    own: OwnPreferences, change: dict[str, str]
) -> None:
    own.change(ANN, theme="light")
    with pytest.raises(InvalidInput) as refused:
        own.change(ANN, notify="all", **change)
    assert refused.value.code == "bad_preference"
    assert own.of(ANN) == changed(DEFAULTS, theme="light")


def test_other_processes_find_what_was_changed_since(house: ChatIdentity, rows: PreferenceRows) -> None:
    house.store.write(lambda tx: rows.do_change(tx, ANN, theme="dark"))
    house.clock.advance(60)
    lately = to_ms(house.clock.now())
    now, at = house.store.write(lambda tx: rows.do_change(tx, BEN, notify="all"))
    found = house.store.read(lambda tx: list(rows.changed_since(tx, lately)))
    assert found == [(BEN, now, at)]


def test_nothing_of_it_stands_in_the_database_and_no_row_can_be_moved(
    house: ChatIdentity, own: OwnPreferences, tmp_path: Path
) -> None:
    own.change(ANN, theme="contrast", send_with="ctrl_enter")
    own.change(BEN, theme="dark")
    assert where("contrast", files_of(tmp_path)) == where("ctrl_enter", files_of(tmp_path)) == []
    p = chat.preferences.c
    move = Statement(
        update(chat.preferences).where(p.owner_id == bindparam("who")).values(sealed=bindparam("new"))
    )
    stolen = house.store.read(lambda tx: tx.rows(Statement(chat.preferences.select())))[0]
    house.store.write(lambda tx: tx.run(move, who=BEN, new=stolen.sealed))
    with pytest.raises(IntegrityError):
        own.of(BEN)
