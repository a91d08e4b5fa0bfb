"""What is pinned is at hand for everybody who may see it, and on record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Conflict, InvalidInput, NotFound
from core.messaging import pins
from core.types import ConversationId, ConversationKind, ItemId, PersonId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, at_once, make_chat


def test_a_pin_is_a_version_that_everybody_sees(chat: Chat) -> None:
    room = chat.direct()
    item = chat.send(room, "the plan")["id"]
    answer = _pin(chat, room, item, by=BEN)
    (pinned,) = chat.messaging.pinned(ANA, room)["items"]
    assert pinned["view"]["pinned"] == {"by": BEN, "at": answer["at"]}
    assert pinned["view"]["text"] == "the plan"
    assert chat.delivery.frames[-1].payload["view"]["pinned"]["by"] == BEN
    assert (pinned["version"], pinned["state"]) == (2, "sent")
    _pin(chat, room, item, on=False)
    assert chat.messaging.pinned(ANA, room)["items"] == []
    assert "pinned" not in chat.messaging.history(ANA, room)["items"][-1]["view"]


def test_the_last_pinned_stands_first(chat: Chat) -> None:
    room = chat.direct()
    first, second = (chat.send(room, text)["id"] for text in ("one", "two"))
    for item in (second, first):
        chat.clock.advance(1)
        _pin(chat, room, item)
    assert [item["id"] for item in chat.messaging.pinned(BEN, room)["items"]] == [first, second]


def test_a_pin_outlives_an_edit_and_goes_with_the_message(chat: Chat) -> None:
    room = chat.direct()
    item = chat.send(room, "old")["id"]
    _pin(chat, room, item)
    chat.messaging.edit(ANA, chat.ids(), room, item, "new")
    assert [each["view"]["text"] for each in chat.messaging.pinned(BEN, room)["items"]] == ["new"]
    chat.messaging.delete(ANA, chat.ids(), room, item)
    assert chat.messaging.pinned(BEN, room)["items"] == []


def test_what_was_said_before_one_joined_is_not_among_the_pins(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    _pin(chat, room, chat.send(room, "canary")["id"])
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    assert chat.messaging.pinned(CLEO, room)["items"] == []
    with pytest.raises(NotFound):
        chat.messaging.pinned(DAN, room)["items"]


def test_nobody_pins_or_reacts_to_what_was_said_before_they_joined(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    item = chat.send(room, "canary")["id"]
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    with pytest.raises(NotFound):
        _pin(chat, room, item, by=CLEO)
    with pytest.raises(NotFound):
        chat.messaging.react(CLEO, chat.ids(), room, item, "eyes", add=True)
    assert chat.messaging.pinned(ANA, room)["items"] == []


def test_two_pins_at_once_are_one(chat: Chat) -> None:
    room = chat.direct()
    item = chat.send(room, "x")["id"]
    answers = at_once(lambda: _pin(chat, room, item, by=ANA), lambda: _pin(chat, room, item, by=BEN))
    assert sorted(getattr(answer, "code", "ok") for answer in answers) == ["already_pinned", "ok"]
    _pin(chat, room, item, on=False)
    with pytest.raises(Conflict) as refused:
        _pin(chat, room, item, on=False)
    assert refused.value.code == "not_pinned"


def test_only_what_is_shown_is_pinned_and_only_by_members(chat: Chat) -> None:
    room = chat.direct()
    stopped = chat.send(room, "[block]")["id"]
    for item, by in ((stopped, ANA), (chat.send(room, "x")["id"], DAN), ("nowhere", ANA)):
        with pytest.raises(NotFound):
            _pin(chat, room, item, by=by)


def test_a_conversation_holds_so_many_pins_and_no_more(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "PINS_PER_CONVERSATION", 1)
    room = chat.direct()
    _pin(chat, room, chat.send(room, "one")["id"])
    with pytest.raises(InvalidInput) as refused:
        _pin(chat, room, chat.send(room, "two")["id"])
    assert refused.value.code == "too_many_pins"


def _pin(
    chat: Chat, room: ConversationId, item: str, *, by: PersonId = ANA, on: bool = True
) -> dict[str, Any]:
    return chat.messaging.pin(by, chat.ids(), room, ItemId(item), on=on)


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
