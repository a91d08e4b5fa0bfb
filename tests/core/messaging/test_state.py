"""What attempts are compared with: asked once for a batch, and the same as if each had asked alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict
from core.messaging.state import Key, State, foresee, state_of
from core.store import Tx
from core.types import ConversationId, PersonId
from tests.factories.chat import ANA, BEN, CLEO, Chat, make_chat
from tests.factories.counted import counted


def test_a_batch_is_asked_for_once_and_what_is_known_never_again(chat: Chat) -> None:
    conversation = chat.group()
    keys = [Key(ANA, f"new-{number}", conversation) for number in range(60)]

    def work(tx: Tx) -> int:
        counting, driver = counted(tx)
        foresee(counting, keys)
        for key in keys:
            assert state_of(counting, key).earlier is None
        return driver.asked

    assert chat.store.read(work) == 1


def test_a_batch_of_many_is_what_each_alone_would_be_told(talk: "Talk") -> None:
    @given(st.lists(talk.keys(), max_size=100))
    def check(keys: list[Key]) -> None:
        def together(tx: Tx) -> list[State]:
            foresee(tx, keys)
            return [state_of(tx, key) for key in keys]

        def alone(key: Key) -> State:
            return talk.chat.store.read(lambda tx: state_of(tx, key))

        for key, found in zip(keys, talk.chat.store.read(together), strict=True):
            _same(key, found, alone(key))

    check()


def test_what_a_savepoint_undoes_is_asked_for_again(chat: Chat) -> None:
    key = Key(ANA, "new", chat.direct())

    def work(tx: Tx) -> tuple[State, bool, State]:
        before = state_of(tx, key)
        with pytest.raises(Conflict), tx.savepoint():
            raise Conflict("Something else came first.", code="already_decided")
        return before, bool(tx.known), state_of(tx, key)

    before, still_known, after = chat.store.read(work)
    assert not still_known
    _same(key, before, after)


def _same(key: Key, one: State, other: State) -> None:
    assert (one.earlier and one.earlier.answer) == (other.earlier and other.earlier.answer)
    assert (one.head and one.head.cseq) == (other.head and other.head.cseq)
    assert one.policy_epoch == other.policy_epoch
    # A batch may know of a later text than one attempt asks for; only whether one came counts.
    assert (one.said > key.seen) == (other.said > key.seen)


class Talk:
    """Conversations in which Ana and Ben said some things."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.rooms = [chat.direct(), chat.group(), ConversationId("nowhere")]
        for number in range(6):
            sender = ANA if number % 2 else BEN
            chat.messaging.send(sender, f"said-{number}", self.rooms[number % 2], f"text {number}")

    def keys(self) -> st.SearchStrategy[Key]:
        people = st.sampled_from([ANA, BEN, CLEO, PersonId("nobody")])
        ids = st.sampled_from([f"said-{number}" for number in range(8)])
        return st.builds(Key, people, ids, st.sampled_from(self.rooms), st.integers(0, 8))


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return make_chat(tmp_path)


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(make_chat(tmp_path))
