"""The list of conversations: right for everybody, in a handful of statements however many there are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.messaging.resync import UNREAD_COUNTED
from core.messaging.rooms import do_bump_policy_epoch
from core.store import Tx
from core.types import ConversationId, PersonId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from tests.factories.counted import counted
from tests.factories.long_talk import fill
from tests.factories.steps import steps_of


def test_the_list_takes_as_many_statements_for_fifty_conversations_as_for_one(tmp_path: Path) -> None:
    one, fifty = make_chat(tmp_path / "one"), make_chat(tmp_path / "fifty")
    _talk(one, 1)
    _talk(fifty, 50)
    assert len(fifty.messaging.overview(BEN)) == 50 * len(one.messaging.overview(BEN))
    assert _asked_for_list(fifty) == _asked_for_list(one) <= 4


def test_what_the_list_says_of_a_conversation_is_what_it_says_alone(chat: Chat) -> None:
    _talk(chat, 5)
    chat.messaging.invite(ANA, chat.ids(), chat.channel(name="later"), CLEO)
    for person in (ANA, BEN, CLEO):
        listed = chat.messaging.overview(person)
        assert listed
        for head in listed:
            assert head == chat.messaging.head(person, ConversationId(head["id"]))


def test_whoever_is_left_alone_is_told_who_was_there(chat: Chat) -> None:
    group, full, pair = chat.group(ANA, BEN, CLEO), chat.group(ANA, BEN, DAN), chat.direct(ANA, DAN)
    room = chat.channel(ANA, BEN)
    for person in (BEN, CLEO):
        chat.messaging.leave(person, chat.ids(), group)
    chat.messaging.leave(BEN, chat.ids(), full)
    chat.messaging.leave(BEN, chat.ids(), room)
    former = {head["id"]: [each["id"] for each in head["former"]] for head in chat.messaging.overview(ANA)}
    assert former == {group: [BEN, CLEO], full: [], pair: [], room: []}


def test_whoever_left_before_one_came_is_not_named_to_whoever_is_left_alone(chat: Chat) -> None:
    group = chat.group(ANA, BEN, CLEO)
    chat.messaging.leave(BEN, chat.ids(), group)
    chat.messaging.invite(CLEO, chat.ids(), group, DAN)
    for person in (ANA, CLEO):
        chat.messaging.leave(person, chat.ids(), group)
    assert [each["id"] for each in chat.messaging.head(DAN, group)["former"]] == [ANA, CLEO]
    chat.messaging.invite(DAN, chat.ids(), group, BEN)
    chat.messaging.leave(DAN, chat.ids(), group)
    assert [each["id"] for each in chat.messaging.head(BEN, group)["former"]] == [ANA, CLEO, DAN]


def test_the_list_takes_as_many_statements_for_many_that_others_left_as_for_one(tmp_path: Path) -> None:
    one, many = make_chat(tmp_path / "one"), make_chat(tmp_path / "many")
    for chat, rooms in ((one, 1), (many, 30)):
        for group in [chat.group(ANA, BEN, CLEO) for _ in range(rooms)]:
            for person in (ANA, CLEO):
                chat.messaging.leave(person, chat.ids(), group)
    assert {len(head["former"]) for head in many.messaging.overview(BEN)} == {2}
    assert _asked_for_list(many) == _asked_for_list(one) <= 5


def test_whose_account_is_off_is_still_named_to_the_other(chat: Chat) -> None:
    pair = chat.direct(ANA, BEN)
    chat.roster.disabled.add(BEN)
    chat.store.write(do_bump_policy_epoch)
    head = chat.messaging.head(ANA, pair)
    assert [each["name"] for each in head["members"]] == ["Ana"]
    assert [each["name"] for each in head["former"]] == ["Ben"]


def test_what_was_before_one_came_and_what_one_said_oneself_is_not_unread(chat: Chat) -> None:
    room = chat.channel(ANA, BEN)
    chat.send(room, "before @cleo", sender=BEN)
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    assert (_of(chat, CLEO, room)["unread"], _of(chat, CLEO, room)["mentions"]) == (0, 0)
    chat.send(room, "hello @cleo", sender=BEN)
    chat.send(room, "thanks", sender=CLEO)
    assert (_of(chat, CLEO, room)["unread"], _of(chat, CLEO, room)["mentions"]) == (1, 1)
    chat.messaging.leave(CLEO, chat.ids(), room)
    assert not chat.messaging.overview(CLEO)


def test_no_more_is_counted_than_anybody_is_told_apart(chat: Chat) -> None:
    room = chat.direct()
    fill(chat, room, [BEN], ["hello"] * (UNREAD_COUNTED + 10))
    assert _of(chat, ANA, room)["unread"] == UNREAD_COUNTED


@pytest.mark.embedded
def test_a_page_costs_no_more_in_a_long_conversation(chat: Chat) -> None:
    room = chat.direct()
    paging, resync = chat.messaging.paging, chat.messaging.resync

    def steps() -> list[int]:
        middle = _of(chat, BEN, room)["cseq"] // 2
        return [
            chat.store.read(lambda tx, read=read: steps_of(tx, read))  # type: ignore[misc]
            for read in (
                lambda tx: paging.history(tx, ANA, room),
                lambda tx: paging.history(tx, ANA, room, before=middle),
                lambda tx: paging.history(tx, ANA, room, after=middle),
                lambda tx: paging.around(tx, ANA, room, cseq=middle),
                lambda tx: resync.stopped(tx, ANA, room),
                lambda tx: resync.head(tx, room, ANA),
            )
        ]

    fill(chat, room, [ANA, BEN], ["hello"] * 300)
    chat.messaging.mark(ANA, room, 290)
    short = steps()
    fill(chat, room, [ANA, BEN], ["hello"] * 3_000)
    chat.messaging.mark(ANA, room, 3_290)
    assert steps() == [pytest.approx(each, rel=0.1, abs=20) for each in short]


def _talk(chat: Chat, rooms: int) -> None:
    """Open channels in which both have said something; Ana mutes, favours and hides some."""
    for number in range(rooms):
        room = chat.channel(ANA, BEN, name=f"room {number}")
        chat.messaging.set_topic(ANA, chat.ids(), room, "what it is about")
        chat.send(room, f"hello @ben {number}")
        chat.send(room, "hello @ana", sender=BEN)
        chat.messaging.arrange(ANA, room, muted=number % 2 == 0, favourite=number % 3 == 0)
        chat.messaging.arrange(BEN, chat.group(ANA, BEN, CLEO), hidden=number % 2 == 0)


def _asked_for_list(chat: Chat) -> int:
    """Return how many statements the list takes of a process that holds none of its conversations."""
    chat.store.write(do_bump_policy_epoch)

    def read(tx: Tx) -> int:
        counting, driver = counted(tx)
        chat.messaging.resync.overview(counting, BEN)
        return driver.asked

    return chat.store.read(read)


def _of(chat: Chat, person: PersonId, room: ConversationId) -> dict[str, Any]:
    head = chat.messaging.head(person, room)
    assert head in chat.messaging.overview(person)
    return head


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
