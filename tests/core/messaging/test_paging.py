"""Pages of history reach everything one may see, once and in order, wherever one begins."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput, NotFound
from core.types import ConversationId, ConversationKind
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat

SAID = 130
"""More than two pages."""


@pytest.mark.parametrize("forward", [False, True])
def test_pages_in_either_direction_have_everything_once(long: "Long", forward: bool) -> None:
    found: list[str] = []
    page = long.page(after=0) if forward else long.page()
    while True:
        ids = long.texts(page)
        found = [*found, *ids] if forward else [*ids, *found]
        if not page["more_after" if forward else "more"]:
            break
        place = page["items"][-1 if forward else 0]["created_cseq"]
        page = long.page(after=place) if forward else long.page(before=place)
    assert found == [f"number {n}" for n in range(SAID)]
    assert not page["more" if not forward else "more_after"]


@settings(max_examples=40, deadline=None)
@given(number=st.integers(0, SAID - 1))
def test_a_page_around_a_message_holds_it_and_what_is_beside_it(long: "Long", number: int) -> None:
    page = long.chat.messaging.around(ANA, long.room, item=long.items[number])
    texts = long.texts(page)
    assert page["anchor"] == long.items[number]
    assert texts == [f"number {n}" for n in range(SAID)][max(0, number - 25) : number + 25]
    assert page["more"] == (page["items"][0]["created_cseq"] > 1)
    assert page["more_after"] == (texts[-1] != f"number {SAID - 1}")


@settings(max_examples=40, deadline=None)
@given(number=st.integers(0, SAID - 1), early=st.integers(0, 59))
def test_a_page_around_a_time_begins_at_the_first_message_since_then(
    long: "Long", number: int, early: int
) -> None:
    at = long.begun + timedelta(seconds=60 * number - early)
    page = long.chat.messaging.around(ANA, long.room, at=at)
    assert page["anchor"] == long.items[number]


def test_a_time_after_everything_shows_the_newest(long: "Long") -> None:
    page = long.chat.messaging.around(ANA, long.room, at=long.begun + timedelta(days=9))
    assert page["anchor"] is None
    assert long.texts(page)[-1] == f"number {SAID - 1}"
    assert not page["more_after"]


def test_a_page_around_a_reply_is_around_its_thread(chat: Chat) -> None:
    room = chat.direct()
    root = chat.send(room, "root")["id"]
    reply = chat.send(room, "reply", sender=BEN, thread_root=root)["id"]
    page = chat.messaging.around(ANA, room, item=reply)
    assert (page["anchor"], page["thread"]) == (root, root)
    (shown,) = [item for item in page["items"] if item["id"] == root]
    assert shown["replies"] == 1
    assert shown["last_reply_at"] == chat.messaging.thread(ANA, room, root)["items"][1]["at"]
    assert reply not in [item["id"] for item in page["items"]]


def test_nothing_from_before_joining_is_found_by_message_time_or_number(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    begun = chat.clock.now()
    old = chat.send(room, "canary before")["id"]
    chat.clock.advance(60)
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    chat.send(room, "after")
    with pytest.raises(NotFound) as refused:
        chat.messaging.around(CLEO, room, item=old)
    assert refused.value.code == "no_message"
    pages = [
        chat.messaging.around(CLEO, room, at=begun),
        chat.messaging.around(CLEO, room, cseq=1),
        chat.messaging.history(CLEO, room, after=0),
    ]
    assert "canary" not in str(pages)
    assert all(not page["more"] for page in pages)


def test_whoever_is_no_member_and_whoever_names_no_place_is_refused(chat: Chat) -> None:
    room = chat.direct()
    with pytest.raises(NotFound):
        chat.messaging.around(DAN, room, cseq=1)
    with pytest.raises(InvalidInput):
        chat.messaging.around(ANA, room)
    with pytest.raises(InvalidInput):
        chat.messaging.around(ANA, room, cseq=1, at=chat.clock.now())
    with pytest.raises(InvalidInput):
        chat.messaging.history(ANA, room, 5, after=1)


class Long:
    """A conversation of more than one page, a message a minute."""

    def __init__(self, chat: Chat) -> None:
        self.chat, self.room = chat, ConversationId(chat.direct())
        chat.clock.advance(60)
        self.begun = chat.clock.now()
        self.items = []
        for number in range(SAID):
            self.items.append(chat.send(self.room, f"number {number}")["id"])
            chat.clock.advance(60)

    def page(self, **place: int) -> dict[str, Any]:
        return self.chat.messaging.history(ANA, self.room, place.get("before"), after=place.get("after"))

    @staticmethod
    def texts(page: dict[str, Any]) -> list[str]:
        return [item["view"]["text"] for item in page["items"] if item["type"] == "message"]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Long]:
    made = make_chat(tmp_path_factory.mktemp("long"))
    yield Long(made)
    made.store.close()


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
