"""Who takes part in a thread finds it again, with what they have not read; nobody else does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput, NotFound
from core.messaging.mentions import MENTIONS_SHOWN
from core.messaging.own_changes import own_changes
from core.messaging.threads import THREADS_SHOWN
from core.types import ConversationId, ConversationKind, ItemId, PersonId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat


def test_who_began_replied_or_is_mentioned_follows_and_the_others_do_not(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, CLEO, DAN)
    root = chat.send(room, "root")["id"]
    assert _threads(chat, ANA) == []
    chat.send(room, "a reply for @cleo", sender=BEN, thread_root=root)
    (ana,), (ben,), (cleo,) = (_threads(chat, person) for person in (ANA, BEN, CLEO))
    assert (ana["replies"], ana["unread"]) == (1, 1)
    assert (ben["replies"], ben["unread"]) == (1, 0)
    assert cleo["unread"] == 1
    assert ana["root"]["view"]["text"] == "root"
    assert ana["last_reply"]["view"]["text"] == "a reply for @cleo"
    assert _threads(chat, DAN) == []
    assert chat.messaging.followed_threads(ANA)["unread"] == 1


def test_a_thread_is_read_up_to_where_one_says_and_never_further_back(chat: Chat) -> None:
    room, root = _thread(chat)
    last = chat.send(room, "more", sender=BEN, thread_root=root)["cseq"]
    change = chat.messaging.follow(ANA, room, root, read=last)
    assert change is not None
    assert change.payload == {"conversation": room, "root": root, "following": True, "read": last}
    chat.messaging.follow(ANA, room, root, read=1)
    assert _threads(chat, ANA)[0]["unread"] == 0
    assert chat.messaging.thread(ANA, room, root)["read"] == last
    chat.messaging.follow(ANA, room, root, read=2**40)
    chat.send(room, "and more", sender=BEN, thread_root=root)
    assert _threads(chat, ANA)[0]["unread"] == 1


def test_who_follows_no_more_is_left_in_peace_until_they_reply(chat: Chat) -> None:
    room, root = _thread(chat)
    chat.messaging.follow(ANA, room, root, on=False)
    chat.send(room, "hello @ana", sender=BEN, thread_root=root)
    assert _threads(chat, ANA) == []
    assert not chat.messaging.thread(ANA, room, root)["following"]
    chat.send(room, "I am back", thread_root=root)
    assert _threads(chat, ANA)[0]["replies"] == 3


def test_anybody_who_sees_a_thread_can_follow_it(chat: Chat) -> None:
    room, root = _thread(chat, chat.channel(ANA, BEN, CLEO))
    assert chat.messaging.follow(CLEO, room, root, read=1) is None
    chat.messaging.follow(CLEO, room, root, on=True)
    assert _threads(chat, CLEO)[0]["unread"] == 0
    with pytest.raises(NotFound):
        chat.messaging.follow(DAN, room, root, on=True)
    with pytest.raises(NotFound):
        chat.messaging.follow(ANA, chat.direct(), root, on=True)


def test_a_reply_that_nobody_saw_makes_nobody_follow_until_it_is_released(chat: Chat) -> None:
    room = chat.direct()
    root = chat.send(room, "root")["id"]
    chat.send(room, "[block] x", sender=BEN, thread_root=root)
    chat.send(room, "[quarantine] x", sender=BEN, thread_root=root)
    assert _threads(chat, ANA) == _threads(chat, BEN) == []
    waiting = chat.messaging.stopped(BEN, room)["items"][0]["id"]
    chat.messaging.release(
        BEN,
        chat.ids(),
        room,
        waiting,
        approved=frozenset({"[quarantine]"}),
        officer=chat.roster.everybody[DAN],
        reason="fine",
    )
    assert _threads(chat, ANA)[0]["unread"] == 1


def test_threads_of_a_conversation_that_one_left_are_gone(chat: Chat) -> None:
    room, _ = _thread(chat, chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC))
    chat.messaging.leave(ANA, chat.ids(), room)
    assert _threads(chat, ANA) == []
    chat.messaging.invite(ANA, chat.ids(), room, ANA)
    assert _threads(chat, ANA) == []


def test_threads_and_mentions_come_in_pages_without_a_hole(chat: Chat) -> None:
    room = chat.direct()
    roots = []
    for number in range(THREADS_SHOWN + 3):
        roots.append(chat.send(room, f"root {number}")["id"])
        chat.send(room, "reply to @ana", sender=BEN, thread_root=roots[-1])
    first = chat.messaging.followed_threads(ANA)
    rest = chat.messaging.followed_threads(ANA, first["next"])
    found = [each["root"]["id"] for each in (*first["threads"], *rest["threads"])]
    assert sorted(found) == sorted(roots)
    assert rest["next"] is None
    sent = [chat.send(room, f"hey @ana {n}", sender=BEN)["id"] for n in range(MENTIONS_SHOWN)]
    first = chat.messaging.mentioned(ANA)
    rest = chat.messaging.mentioned(ANA, first["next"])
    found = [item["id"] for item in (*first["items"], *rest["items"])]
    assert len(found) == len(set(found)) == len(sent) + len(roots)
    assert rest["next"] is None


def test_what_no_longer_mentions_one_is_not_listed(chat: Chat) -> None:
    room = chat.direct()
    item = chat.send(room, "look @ben")["id"]
    gone = chat.send(room, "and @ben")["id"]
    chat.messaging.edit(ANA, chat.ids(), room, item, "never mind")
    assert [each["id"] for each in chat.messaging.mentioned(BEN)["items"]] == [gone]
    chat.messaging.delete(ANA, chat.ids(), room, gone)
    assert chat.messaging.mentioned(BEN)["items"] == []


@pytest.mark.parametrize("place", ["x", "12", "12.", "-1.a", "1e5.a"])
def test_a_place_that_was_never_given_is_refused(chat: Chat, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.mentioned(ANA, place)
    assert refused.value.code == "bad_place"


def test_other_connections_learn_how_one_follows(chat: Chat) -> None:
    room, root = _thread(chat)
    chat.messaging.follow(ANA, room, root, on=False)
    changes = chat.store.read(lambda tx: own_changes(tx, 0))
    assert [c.payload["following"] for c in changes if c.person == ANA and c.event == "followed"] == [False]


def _thread(chat: Chat, room: ConversationId | None = None) -> tuple[ConversationId, ItemId]:
    room = room or chat.direct()
    root = ItemId(chat.send(room, "root")["id"])
    chat.send(room, "reply", sender=BEN, thread_root=root)
    return room, root


def _threads(chat: Chat, person: PersonId) -> list[dict[str, Any]]:
    return list(chat.messaging.followed_threads(person)["threads"])


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
