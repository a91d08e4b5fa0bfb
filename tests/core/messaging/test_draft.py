"""What the policy says while one writes is what it says at sending, and leaves nothing behind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Conflict, NotFound, TooLarge
from core.messaging.carried import BREAK
from core.messaging.draft import advice
from core.types import ItemId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from tests.fakes.gate import WORDS


@pytest.mark.parametrize("word", WORDS)
def test_a_draft_is_answered_like_the_message_and_nobody_gets_it(chat: Chat, word: str) -> None:
    room = chat.direct()
    frames, head = list(chat.delivery.frames), chat.messaging.head(BEN, room)
    said = chat.messaging.draft(ANA, room, f"a {word} b")
    assert (said["verdict"], said["notice"]["title"]) == (WORDS[word], f"Found {WORDS[word]}.")
    assert chat.delivery.frames == frames
    assert chat.messaging.head(BEN, room) == head
    assert chat.messaging.stopped(ANA, room)["items"] == []
    asked = chat.gate.asked[-1]
    chat.send(room, f"a {word} b")
    assert chat.gate.asked[-1] == asked


def test_of_a_flag_that_its_rule_keeps_to_itself_a_writer_learns_nothing(chat: Chat) -> None:
    room = chat.direct()
    chat.messaging.draft(ANA, room, "a [flag] b")
    facts, text = chat.gate.asked[-1]
    told = chat.gate.decide(facts, text, lambda: None)
    assert advice((facts, told))["verdict"] == "flag"
    assert advice((facts, replace(told, notice=None))) == chat.messaging.draft(ANA, room, "nothing in it")


def test_a_draft_is_decided_with_its_quote(chat: Chat) -> None:
    room = chat.direct()
    quoted = ItemId(chat.send(room, "the other half")["id"])
    chat.messaging.draft(BEN, room, "one half", quotes=quoted)
    asked = chat.gate.asked[-1]
    assert asked[1] == f"one half{BREAK}the other half"
    assert asked[0].beside == ("the other half",)
    chat.send(room, "one half", sender=BEN, quotes=quoted)
    assert chat.gate.asked[-1] == asked


def test_a_draft_is_decided_with_what_its_sender_said_before(chat: Chat) -> None:
    room = chat.direct()
    chat.send(room, "card 4111 1111")
    said = chat.messaging.draft(ANA, room, "1111 1111")
    assert (said["verdict"], said["findings"][0]["preceding"]) == ("block", True)


def test_what_would_be_forwarded_is_decided_for_those_who_would_get_it(chat: Chat) -> None:
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    item = ItemId(chat.send(room, "from Ben", sender=BEN)["id"])
    chat.gate.barred = {frozenset({BEN, CLEO})}
    assert chat.messaging.draft(ANA, other, "look", forwards=(room, item))["verdict"] == "block"
    assert chat.messaging.draft(ANA, room, "look", forwards=(room, item))["verdict"] == "allow"
    with pytest.raises(NotFound):
        chat.messaging.draft(CLEO, other, "look", forwards=(room, item))


def test_nothing_is_asked_of_what_says_nothing(chat: Chat) -> None:
    room = chat.direct()
    quoted = ItemId(chat.send(room, "said")["id"])
    before = len(chat.gate.asked)
    assert chat.messaging.draft(ANA, room, " \n", quotes=quoted) == {
        "verdict": "allow",
        "notice": None,
        "findings": [],
    }
    assert len(chat.gate.asked) == before


def test_what_could_not_be_sent_is_refused_as_it_would_be(chat: Chat) -> None:
    room, closed = chat.direct(), chat.channel()
    chat.messaging.close(ANA, chat.ids(), closed)
    with pytest.raises(NotFound):
        chat.messaging.draft(DAN, room, "let me in")
    with pytest.raises(Conflict):
        chat.messaging.draft(ANA, closed, "one more")
    with pytest.raises(TooLarge):
        chat.messaging.draft(ANA, room, "x" * 30_001)
    with pytest.raises(NotFound):
        chat.messaging.draft(ANA, room, "with this", files=("none",))


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
