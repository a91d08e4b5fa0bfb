"""Whoever left a conversation is still named beside what they said there, to whoever sees it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.messaging.rooms import do_bump_policy_epoch
from core.messaging.scheduled import Later
from core.messaging.showing import for_reader
from core.store import Tx
from core.types import ConversationId, ItemId, to_ms
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from tests.factories.counted import counted

Way = Callable[[Chat, ConversationId, ItemId], Any]

SPEAKS_OF: dict[str, Way] = {
    "who wrote it": lambda c, room, item: c.send(room, "words", CLEO),
    "who is mentioned": lambda c, room, item: c.send(room, "ask @cleo"),
    "who reacted": lambda c, room, item: c.messaging.react(CLEO, c.ids(), room, item, "thumbsup", add=True),
    "who pinned it": lambda c, room, item: c.messaging.pin(CLEO, c.ids(), room, item, on=True),
    "who is quoted": lambda c, room, item: c.send(room, "yes", quotes=c.send(room, "no", CLEO)["id"]),
    "who is mentioned in a quote": lambda c, room, item: c.send(
        room, "yes", quotes=c.send(room, "so says **@cleo**", BEN)["id"]
    ),
    "who is mentioned in what is forwarded": lambda c, room, item: c.messaging.forward(
        BEN, c.ids(), room, (room, ItemId(c.send(room, "* @cleo")["id"]))
    ),
}
"""What in an item speaks of Cleo."""


@pytest.mark.parametrize("what", SPEAKS_OF)
def test_an_item_comes_with_the_names_of_all_whom_it_speaks_of_and_who_left(chat: Chat, what: str) -> None:
    room = chat.group(ANA, BEN, CLEO)
    item = ItemId(chat.send(room, "hello")["id"])
    SPEAKS_OF[what](chat, room, item)
    newest = chat.messaging.history(ANA, room)
    assert newest["former"] == []
    chat.messaging.leave(CLEO, chat.ids(), room)
    page = chat.messaging.history(ANA, room, newest["through"] + 1)
    assert page["former"] == [{"id": CLEO, "username": "cleo", "name": "Cleo", "external": False}]


def test_whoever_was_taken_out_is_named_in_the_line_that_says_so(chat: Chat) -> None:
    room = chat.group(ANA, BEN, CLEO)
    told = chat.messaging.head(BEN, room)["cseq"]
    chat.messaging.remove(ANA, chat.ids(), room, CLEO)
    assert _names(chat.messaging.history(BEN, room, after=told)) == ["Cleo"]


def test_every_answer_with_items_names_whom_they_speak_of(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, CLEO)
    said = ItemId(chat.send(room, "hello @ana", CLEO)["id"])
    chat.messaging.pin(ANA, chat.ids(), room, said, on=True)
    chat.send(room, "a reply", thread_root=said)
    chat.send(room, "forbidden @cleo")
    due = to_ms(chat.clock.now()) + 60_000
    chat.messaging.schedule(ANA, Later(chat.ids(), room, "later", due, quotes=said))
    chat.messaging.leave(CLEO, chat.ids(), room)
    for answer in (
        chat.messaging.history(ANA, room),
        chat.messaging.around(ANA, room, item=said),
        chat.messaging.since(ANA, {room: 0}),
        chat.messaging.thread(ANA, room, said),
        chat.messaging.followed_threads(ANA),
        chat.messaging.mentioned(ANA),
        chat.messaging.pinned(ANA, room),
        chat.messaging.scheduled_by(ANA),
        chat.messaging.stopped(ANA, room),
        chat.messaging.members_over_time(ANA, room),
    ):
        assert _names(answer) == ["Cleo"], answer.keys()


def test_what_is_heard_at_once_names_whoever_left_but_not_to_whom_the_quote_is_empty(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, CLEO)
    old = ItemId(chat.send(room, "before", CLEO)["id"])
    chat.messaging.leave(CLEO, chat.ids(), room)
    chat.messaging.invite(ANA, chat.ids(), room, DAN)
    cseq = chat.messaging.head(ANA, room)["cseq"]
    chat.send(room, "after", quotes=old)
    chat.messaging.react(BEN, chat.ids(), room, old, "thumbsup", add=True)
    heard = [frame.payload for frame in chat.delivery.frames[-2:]]
    assert [_names(payload) for payload in heard] == [["Cleo"], ["Cleo"]]
    assert chat.store.read(lambda tx: chat.messaging.resync.after(tx, room, cseq))[-1] == heard[-1]
    joined = chat.messaging.head(DAN, room)["sees_from"]
    assert _names(for_reader(heard[0], joined)) == []
    chat.send(room, "nobody else")
    assert "former" not in chat.delivery.frames[-1].payload


def test_nobody_is_named_of_whom_the_answer_shows_nothing(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, CLEO)
    old = ItemId(chat.send(room, "before", CLEO)["id"])
    chat.messaging.leave(CLEO, chat.ids(), room)
    chat.messaging.invite(ANA, chat.ids(), room, DAN)
    quoting = ItemId(chat.send(room, "after", quotes=old)["id"])
    chat.send(room, "a reply", thread_root=old)
    for answer in (
        chat.messaging.history(DAN, room),
        chat.messaging.around(DAN, room, item=quoting),
        chat.messaging.since(DAN, {room: 0}),
        chat.messaging.thread(DAN, room, old),
        chat.messaging.members_over_time(DAN, room),
    ):
        assert _names(answer) == []
    assert _names(chat.messaging.history(BEN, room)) == ["Cleo"]


def test_whose_account_is_off_is_named_and_whom_nobody_knows_any_more_is_not(chat: Chat) -> None:
    room = chat.group(ANA, BEN, CLEO)
    for person in (BEN, CLEO):
        chat.send(room, "words", person)
    chat.roster.disabled.add(BEN)
    chat.store.write(do_bump_policy_epoch)
    assert _names(chat.messaging.history(ANA, room)) == ["Ben"]
    chat.messaging.leave(CLEO, chat.ids(), room)
    del chat.roster.everybody[CLEO]
    assert _names(chat.messaging.history(ANA, room)) == ["Ben"]


def test_names_of_many_take_as_many_statements_as_of_one(chat: Chat) -> None:
    rooms = [chat.group(ANA, BEN, CLEO, DAN) for _ in range(5)]
    for room in rooms:
        for person in (CLEO, DAN):
            chat.send(room, "@ana @ben", person)
            chat.messaging.leave(person, chat.ids(), room)
    items = [item for room in rooms for item in chat.messaging.history(ANA, room)["items"]]
    assert _asked(chat, items[-1:]) == _asked(chat, items) <= 3


def _names(answer: dict[str, Any]) -> list[str]:
    return [each["name"] for each in answer["former"]]


def _asked(chat: Chat, items: list[dict[str, Any]]) -> int:
    """Return how many statements names take of a process that holds none of the conversations."""
    chat.store.write(do_bump_policy_epoch)

    def read(tx: Tx) -> int:
        counting, driver = counted(tx)
        assert chat.messaging.naming.former(counting, items)
        return driver.asked

    return chat.store.read(read)


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
