"""Sessions end when they should, and everybody who holds one open hears of it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.access import Database
from core.crypto.owner_keys import RingOwnerKeys
from core.crypto.rings import ProcessRole, RingName, create_ring
from core.errors import NotFound, NotSignedIn
from core.identity.sessions import Session, Sessions
from core.schema import desk
from core.store import Store
from core.types import SessionId, new_id
from tests.factories.clear_text import files_of, where
from tests.factories.identity import LIMITS
from tests.factories.stores import empty_store
from tests.fakes.clock import DrivenClock

IDLE_S, ABSOLUTE_S = LIMITS.idle.total_seconds(), LIMITS.absolute.total_seconds()


class Desk:
    """The sessions of one store; the chat's table has the same columns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: Store = empty_store(folder, Database.DESK)
        self.clock = DrivenClock()
        self.sealer = RingOwnerKeys(create_ring(RingName.DISCOVERY, folder / new_id(), ProcessRole.DESK))
        self.sessions = Sessions(desk.sessions, self.clock, LIMITS, self.sealer)

    def open(self, person: str = "alice") -> tuple[str, Session]:
        return self.store.write(lambda tx: self.sessions.do_open(tx, person, "10.0.0.1", "browser"))

    def alive(self, token: str) -> bool:
        try:
            self.store.read(lambda tx: self.sessions.check(tx, token))
        except NotSignedIn:
            return False
        return True

    def touch(self, session: SessionId) -> bool:
        return self.store.write(lambda tx: self.sessions.do_touch(tx, session))

    def revoked_since(self, version: int) -> tuple[int, set[str]]:
        newest, ended = self.store.read(lambda tx: self.sessions.revoked_since(tx, version))
        return newest, {one.session for one in ended}


def test_a_token_is_known_again_and_no_other_is(desk_: Desk) -> None:
    token, session = desk_.open()
    assert desk_.store.read(lambda tx: desk_.sessions.check(tx, token)) == session
    assert desk_.store.read(lambda tx: desk_.sessions.check_alive(tx, session.id, "alice")) == session
    for other in ("", "x", token[:-1], token + "x", session.id, "\ud800"):
        assert not desk_.alive(other)


@pytest.mark.embedded
def test_no_token_stands_in_the_database(desk_: Desk) -> None:
    token, _ = desk_.open()
    assert where(token, files_of(desk_.folder)) == []


def test_a_session_ends_when_it_was_idle_too_long(desk_: Desk) -> None:
    token, _ = desk_.open()
    desk_.clock.advance(IDLE_S - 1)
    assert desk_.alive(token)
    desk_.clock.advance(1)
    assert not desk_.alive(token)


def test_use_prolongs_a_session_but_not_beyond_its_absolute_end(desk_: Desk) -> None:
    token, session = desk_.open()
    for _ in range(int(ABSOLUTE_S / IDLE_S * 2) - 1):
        desk_.clock.advance(IDLE_S / 2)
        assert desk_.touch(session.id)
        assert desk_.alive(token)
    desk_.clock.advance(IDLE_S / 2)
    assert not desk_.alive(token)


def test_use_is_noted_at_most_once_a_minute(desk_: Desk) -> None:
    _, session = desk_.open()
    desk_.clock.advance(59)
    assert not desk_.sessions.is_touch_due(session)
    assert not desk_.touch(session.id)
    desk_.clock.advance(1)
    assert desk_.sessions.is_touch_due(session)
    assert desk_.touch(session.id)
    assert not desk_.touch(session.id)


def test_one_session_can_be_ended_by_its_owner_only(desk_: Desk) -> None:
    token, session = desk_.open("alice")
    with pytest.raises(NotFound) as refused:
        desk_.store.write(lambda tx: desk_.sessions.do_revoke(tx, session.id, "mallory"))
    assert refused.value.code == "no_session"
    assert desk_.alive(token)
    desk_.store.write(lambda tx: desk_.sessions.do_revoke(tx, session.id, "alice"))
    assert not desk_.alive(token)


def test_signing_out_everywhere_spares_the_session_at_hand_and_other_people(desk_: Desk) -> None:
    here, mine = desk_.open("alice")
    there, _ = desk_.open("alice")
    others, _ = desk_.open("bob")
    assert desk_.store.write(lambda tx: desk_.sessions.do_revoke_all(tx, "alice", but=mine.id)) == 1
    assert [desk_.alive(token) for token in (here, there, others)] == [True, False, True]
    assert [one.id for one in desk_.store.read(lambda tx: desk_.sessions.of(tx, "alice"))] == [mine.id]


def test_a_process_that_polls_hears_of_every_end_once(desk_: Desk) -> None:
    version = desk_.store.read(desk_.sessions.revocation_version)
    first, second = desk_.open("alice")[1], desk_.open("bob")[1]
    desk_.store.write(lambda tx: desk_.sessions.do_revoke_all(tx, "alice"))
    version, ended = desk_.revoked_since(version)
    assert ended == {first.id}
    desk_.store.write(lambda tx: desk_.sessions.do_revoke_all(tx, "bob"))
    version, ended = desk_.revoked_since(version)
    assert ended == {second.id}
    assert desk_.revoked_since(version) == (version, set())


def test_an_end_is_heard_of_even_when_the_clock_went_back(desk_: Desk) -> None:
    first, second = desk_.open("alice")[1], desk_.open("bob")[1]
    desk_.store.write(lambda tx: desk_.sessions.do_revoke(tx, first.id, "alice"))
    version, _ = desk_.revoked_since(0)
    desk_.clock.advance(-3600)
    desk_.store.write(lambda tx: desk_.sessions.do_revoke(tx, second.id, "bob"))
    assert desk_.revoked_since(version)[1] == {second.id}


def test_ended_sessions_are_removed_after_a_day(desk_: Desk) -> None:
    desk_.open()
    desk_.clock.advance(ABSOLUTE_S + 60)
    assert desk_.store.write(desk_.sessions.do_purge) == 0
    desk_.clock.advance(24 * 3600 + IDLE_S)
    token, _ = desk_.open()
    assert desk_.store.write(desk_.sessions.do_purge) == 1
    assert desk_.alive(token)


class SessionLife(RuleBasedStateMachine):
    """Whatever happens in whatever order, exactly the right tokens are alive."""

    folder: ClassVar[Path]
    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.folder)
        self.model: dict[str, tuple[SessionId, str, datetime, datetime]] = {}
        self.ended: set[str] = set()
        self.heard: set[str] = set()
        self.version = 0

    def teardown(self) -> None:
        self.desk.store.close()
        for file in self.desk.folder.glob("desk.db*"):
            file.unlink()

    @rule(target=tokens, person=st.sampled_from(["alice", "bob"]))
    def sign_in(self, person: str) -> str:
        token, session = self.desk.open(person)
        now = self.desk.clock.now()
        self.model[token] = (session.id, person, now, now)
        return token

    @rule(seconds=st.integers(1, int(IDLE_S * 1.5)))
    def wait(self, seconds: int) -> None:
        self.desk.clock.advance(seconds)

    @rule(token=tokens)
    def use(self, token: str) -> None:
        if self.lives(token):
            session, person, created, seen = self.model[token]
            if self.desk.touch(session):
                seen = self.desk.clock.now()
            self.model[token] = (session, person, created, seen)

    @rule(token=consumes(tokens))
    def revoke(self, token: str) -> None:
        session, person, _, _ = self.model[token]
        if session not in self.ended:
            self.desk.store.write(lambda tx: self.desk.sessions.do_revoke(tx, session, person))
            self.ended.add(session)

    @rule(person=st.sampled_from(["alice", "bob"]))
    def revoke_all(self, person: str) -> None:
        self.desk.store.write(lambda tx: self.desk.sessions.do_revoke_all(tx, person))
        self.ended |= {session for session, owner, _, _ in self.model.values() if owner == person}

    def lives(self, token: str) -> bool:
        session, _, created, seen = self.model[token]
        now = self.desk.clock.now()
        return session not in self.ended and now < created + LIMITS.absolute and now < seen + LIMITS.idle

    @invariant()
    def exactly_the_right_tokens_are_alive(self) -> None:
        for token in self.model:
            assert self.desk.alive(token) == self.lives(token)

    @invariant()
    def a_poller_has_heard_of_every_end(self) -> None:
        self.version, ended = self.desk.revoked_since(self.version)
        assert not ended & self.heard
        self.heard |= ended
        assert self.heard == self.ended


@pytest.mark.embedded
def test_sessions_live_as_their_model_does(tmp_path: Path) -> None:
    SessionLife.folder = tmp_path
    run_state_machine_as_test(
        SessionLife, settings=settings(max_examples=15, stateful_step_count=20, deadline=None)
    )


# -- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def desk_(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()
