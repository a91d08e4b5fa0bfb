"""Whoever can write to a database, but holds no key, becomes nobody by it: neither person nor officer."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Delete, Insert, Table, Update, delete, insert, select, update

from core.errors import IntegrityError, InvalidInput, NotSignedIn
from core.identity.permissions import Role
from core.identity.sessions import Sessions
from core.schema import chat, desk
from core.store import Statement, Store
from core.types import PersonId, SessionId
from tests.factories.identity import PASSWORD, ChatIdentity, DeskIdentity, chat_identity, desk_identity

OWN = "a password of my own"
ROLES = frozenset({Role.COMPLIANCE_OFFICER, Role.COMPLIANCE_APPROVER})


# -- sessions -------------------------------------------------------------------------------------


def test_a_session_that_was_written_into_the_table_lets_nobody_in(firm: ChatIdentity) -> None:
    add(firm, "alice")
    sign_in(firm, "alice")
    [genuine] = rows_of(firm.store, chat.sessions)
    for token in ("planted.secret", "planted"):
        hashed = hashlib.sha256(token.rpartition(".")[2].encode()).hexdigest()
        behind(firm.store, delete(chat.sessions).where(chat.sessions.c.id == "planted"))
        behind(firm.store, insert(chat.sessions).values({**genuine, "id": "planted", "token_hash": hashed}))
        assert not lets_in(firm.store, firm.sessions, token)


@pytest.mark.parametrize("column", ["person_id", "expires_ms", "created_ms"])
def test_ones_own_session_can_be_given_neither_to_another_nor_more_time(
    firm: ChatIdentity, column: str
) -> None:
    add(firm, "alice")
    token = sign_in(firm, "alice")
    assert lets_in(firm.store, firm.sessions, token)
    [row] = rows_of(firm.store, chat.sessions)
    other = add(firm, "ben") if column == "person_id" else row[column] + 1
    behind(firm.store, update(chat.sessions).values({column: other}))
    assert not lets_in(firm.store, firm.sessions, token)


def test_a_socket_is_not_handed_to_somebody_else_with_its_session(firm: ChatIdentity) -> None:
    alice, ben = add(firm, "alice"), add(firm, "ben")
    session = SessionId(sign_in(firm, "alice").partition(".")[0])
    assert firm.store.read(lambda tx: firm.sessions.check_alive(tx, session, alice)).person == alice
    behind(firm.store, update(chat.sessions).values(person_id=ben))
    with pytest.raises(NotSignedIn):
        firm.store.read(lambda tx: firm.sessions.check_alive(tx, session, alice))


# -- people ---------------------------------------------------------------------------------------


def test_a_leaver_does_not_come_back_by_a_word_in_a_column(firm: ChatIdentity) -> None:
    alice = add(firm, "alice")
    firm.store.write(lambda tx: firm.people.do_disable(tx, alice, "it"))
    behind(firm.store, update(chat.people).values(state="active"))
    with pytest.raises(IntegrityError):
        sign_in(firm, "alice")


def test_my_password_does_not_open_another_account(firm: ChatIdentity) -> None:
    add(firm, "alice")
    mine = add(firm, "mallory", OWN)
    sealed = {row["person_id"]: row["sealed"] for row in rows_of(firm.store, chat.credentials)}
    behind(firm.store, update(chat.credentials).values(sealed=sealed[mine]))
    with pytest.raises(IntegrityError):
        sign_in(firm, "alice", OWN)


# -- officers -------------------------------------------------------------------------------------


def test_an_officers_account_stands_with_no_other_officer(desk_: DeskIdentity) -> None:
    confirmed(desk_, "carol")
    [hers] = [row["account"] for row in rows_of(desk_.store, desk.officers) if row["code_tag"]]
    behind(desk_.store, update(desk.officers).values(account=hers))
    with pytest.raises(IntegrityError):
        desk_.sign_in.sign_in("first", PASSWORD, "10.0.0.1", "browser")


def test_a_one_time_code_sets_the_password_of_nobody_else(desk_: DeskIdentity) -> None:
    code = confirmed(desk_, "carol")
    tags = {row["id"]: row["code_tag"] for row in rows_of(desk_.store, desk.officers)}
    [(hers, tag)] = [(officer, tag) for officer, tag in tags.items() if tag]
    officers = desk.officers
    behind(desk_.store, update(officers).where(officers.c.id == hers).values(code_tag=None))
    behind(desk_.store, update(officers).where(officers.c.id != hers).values(code_tag=tag))
    with pytest.raises(IntegrityError):
        desk_.officers.enrol(code, OWN)


def test_a_code_that_was_written_into_the_table_is_good_for_nothing(desk_: DeskIdentity) -> None:
    confirmed(desk_, "carol")
    behind(
        desk_.store,
        update(desk.officers)
        .where(desk.officers.c.code_tag.is_not(None))
        .values(code_tag=hashlib.sha256(b"planted").hexdigest()),
    )
    with pytest.raises(InvalidInput) as refused:
        desk_.officers.enrol("planted", OWN)
    assert refused.value.code == "bad_enrolment_code"


def test_what_the_directory_says_of_one_candidate_counts_for_no_other(desk_: DeskIdentity) -> None:
    first = desk_.first_approver()
    desk_.mirror("person-1", "carol", *ROLES)
    mallory = desk_.mirror("person-2", "mallory")
    letters = {row["person_id"]: row["letter"] for row in rows_of(desk_.store, desk.candidates)}
    behind(desk_.store, update(desk.candidates).values(letter=letters["person-1"]))
    with pytest.raises(IntegrityError):
        desk_.officers.confirm(mallory, first, ROLES)


# -- what the tests need --------------------------------------------------------------------------


def add(firm: ChatIdentity, username: str, password: str = PASSWORD) -> PersonId:
    return firm.builtin.add(username, password, display_name=username.title(), by="test").id


def sign_in(firm: ChatIdentity, username: str, password: str = PASSWORD) -> str:
    return firm.sign_in().sign_in(username, password, "10.0.0.1", "browser")[0]


def confirmed(house: DeskIdentity, username: str) -> str:
    """Confirm somebody beside the first officer; return their code."""
    first = house.first_approver()
    return house.officers.confirm(house.mirror("person-1", username, *ROLES), first, ROLES)


def lets_in(store: Store, sessions: Sessions, token: str) -> bool:
    try:
        store.read(lambda tx: sessions.check(tx, token))
    except NotSignedIn:
        return False
    return True


def behind(store: Store, statement: Insert | Update | Delete) -> None:
    """Write past the code that seals, as an administrator of the database could."""
    store.write(lambda tx: tx.run(Statement(statement)))


def rows_of(store: Store, table: Table) -> list[dict[str, Any]]:
    columns = [column.name for column in table.c]
    found = store.read(lambda tx: tx.rows(Statement(select(table).order_by(table.c[columns[0]]))))
    return [{name: getattr(row, name) for name in columns} for row in found]


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[ChatIdentity]:
    made = chat_identity(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def desk_(tmp_path: Path) -> Iterator[DeskIdentity]:
    made = desk_identity(tmp_path)
    yield made
    made.store.close()
