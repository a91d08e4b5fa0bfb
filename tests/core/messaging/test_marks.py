"""How far somebody read moves forward only; what they keep as unread is theirs alone, until they read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import NotFound
from core.messaging.model import Person
from core.types import ConversationId, ItemId, PersonFacts, PersonId
from tests.factories.chat import ANA, BEN, DAN, Chat, make_chat

OLGA = Person(PersonId("olga"), "olga", "Olga Sand", "", PersonFacts(PersonId("olga")))


def test_what_was_read_counts_as_unread_again_from_a_message_on_until_it_is_read(chat: Chat) -> None:
    room = chat.direct()
    numbers = [chat.send(room, text, sender=BEN)["cseq"] for text in ("one", "two", "@ana three")]
    chat.messaging.mark(ANA, room, numbers[-1])
    assert _unread(chat, room) == (0, 0)
    assert chat.messaging.keep_unread(ANA, room, numbers[1]) == numbers[0]
    assert _unread(chat, room) == (2, 1)
    head = chat.messaging.head(ANA, room)
    assert (head["mark"], head["by_hand"]) == (numbers[0], True)
    chat.messaging.mark(ANA, room, numbers[-1])
    assert _unread(chat, room) == (0, 0)
    assert not chat.messaging.head(ANA, room)["by_hand"]


def test_an_old_mark_that_comes_late_leaves_what_is_kept_unread(chat: Chat) -> None:
    room = chat.direct()
    numbers = [chat.send(room, text, sender=BEN)["cseq"] for text in ("one", "two", "three", "four")]
    chat.messaging.mark(ANA, room, numbers[-1])
    chat.messaging.keep_unread(ANA, room, numbers[2])
    chat.messaging.mark(ANA, room, numbers[0])
    assert _unread(chat, room) == (2, 0)
    assert chat.messaging.head(ANA, room)["by_hand"]


def test_whoever_is_invited_again_has_kept_nothing_unread(chat: Chat) -> None:
    room = chat.group(ANA, BEN, DAN)
    said = [chat.send(room, text, sender=BEN)["cseq"] for text in ("one", "two")]
    chat.messaging.mark(DAN, room, said[-1])
    chat.messaging.keep_unread(DAN, room, said[0])
    chat.messaging.remove(ANA, chat.ids(), room, DAN)
    chat.messaging.invite(ANA, chat.ids(), room, DAN)
    assert not chat.messaging.head(DAN, room)["by_hand"]


def test_a_conversation_is_kept_unread_from_the_last_message_of_somebody_else(chat: Chat) -> None:
    room = chat.direct()
    theirs = chat.send(room, "are you there?", sender=BEN)["cseq"]
    mine = chat.send(room, "in a minute")["cseq"]
    chat.messaging.mark(ANA, room, mine)
    assert chat.messaging.keep_unread(ANA, room, None) == theirs - 1
    assert _unread(chat, room) == (1, 0)


def test_where_nobody_else_said_anything_there_is_nothing_to_keep_unread(chat: Chat) -> None:
    room = chat.direct()
    chat.send(room, "hello?")
    with pytest.raises(NotFound) as refused:
        chat.messaging.keep_unread(ANA, room, None)
    assert refused.value.code == "no_message"
    with pytest.raises(NotFound):
        chat.messaging.keep_unread(DAN, room, 1)


def test_keeping_something_unread_moves_nothing_forward_and_changes_nothing_for_others(chat: Chat) -> None:
    room = chat.direct()
    numbers = [chat.send(room, text, sender=BEN)["cseq"] for text in ("one", "two")]
    assert chat.messaging.keep_unread(ANA, room, numbers[-1]) == 0
    assert _unread(chat, room) == (2, 0)
    chat.messaging.mark(ANA, room, numbers[0])
    assert chat.messaging.keep_unread(ANA, room, 10_000) == numbers[0]
    assert _unread(chat, room) == (1, 0)
    assert _unread(chat, room, BEN) == (0, 0)
    assert not chat.messaging.head(BEN, room)["by_hand"]


def test_a_recall_that_was_seen_stays_seen_when_its_conversation_is_kept_unread(chat: Chat) -> None:
    room = chat.direct()
    chat.send(room, "one", sender=BEN)
    item = chat.send(room, "take this back")
    chat.messaging.recall(ANA, chat.ids(), room, ItemId(item["id"]), officer=OLGA, reason="a complaint")
    head = chat.messaging.head(ANA, room)
    chat.messaging.mark(ANA, room, head["cseq"])
    chat.messaging.keep_unread(ANA, room, None)
    assert chat.messaging.recalled_unseen(ANA) == {}


def _unread(chat: Chat, room: ConversationId, who: PersonId = ANA) -> tuple[int, int]:
    head = chat.messaging.head(who, room)
    return head["unread"], head["mentions"]


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
