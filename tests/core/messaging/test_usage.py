"""What a policy lets people do with what was said: for how long they change it, and what others see then."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import Denied, NotFound
from core.types import ConversationKind, ItemId, UsageRules
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_messages_are_changed_for_as_long_as_the_policy_says(chat: Chat, what: str) -> None:
    room = chat.direct()
    chat.usage.append(UsageRules(edit_within=HOUR, delete_within=HOUR))
    first, second = (ItemId(chat.send(room, text)["id"]) for text in ("one", "two"))
    change: Callable[[ItemId], dict[str, Any]] = {
        "edit": lambda item: chat.messaging.edit(ANA, chat.ids(), room, item, "changed"),
        "delete": lambda item: chat.messaging.delete(ANA, chat.ids(), room, item),
    }[what]
    chat.clock.advance(3_599)
    assert change(first)["ok"]
    chat.clock.advance(1)
    with pytest.raises(Denied) as refused:
        change(second)
    assert (refused.value.code, refused.value.params["minutes"]) == (f"too_late_to_{what}", 60)
    assert chat.messaging.history(BEN, room)["items"][-1]["view"]["text"] == "two"
    chat.usage.append(UsageRules())
    assert change(second)["ok"]


def test_a_window_of_nothing_forbids_it_and_says_so(chat: Chat) -> None:
    room = chat.direct()
    item = ItemId(chat.send(room, "x")["id"])
    chat.usage.append(UsageRules(edit_within=timedelta(0)))
    with pytest.raises(Denied, match="does not let messages be edited"):
        chat.messaging.edit(ANA, chat.ids(), room, item, "y")


def test_earlier_wordings_are_shown_where_the_policy_says_so_and_only_as_others_saw_them(chat: Chat) -> None:
    room = chat.direct()
    item = ItemId(chat.send(room, "first **bold**")["id"])
    chat.messaging.edit(ANA, chat.ids(), room, item, "[block] never seen")
    chat.messaging.edit(ANA, chat.ids(), room, item, "[redact] second")
    with pytest.raises(Denied) as refused:
        chat.messaging.versions(BEN, room, item)
    assert refused.value.code == "history_not_shown"
    chat.usage.append(UsageRules(edit_history=True))
    first, second = chat.messaging.versions(BEN, room, item)
    assert (first["version"], first["text"]) == (1, "first **bold**")
    assert first["tokens"] == [{"t": "p", "c": ["first ", {"t": "strong", "c": ["bold"]}]}]
    assert (second["version"], second["text"]) == (3, "▮▮▮ second")


def test_nobody_sees_wordings_of_what_they_do_not_see(chat: Chat) -> None:
    chat.usage.append(UsageRules(edit_history=True))
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    old, gone = (ItemId(chat.send(room, text)["id"]) for text in ("old", "gone"))
    chat.messaging.delete(ANA, chat.ids(), room, gone)
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    stopped = ItemId(chat.send(room, "[block]")["id"])
    for person, item in ((CLEO, old), (BEN, gone), (ANA, stopped), (DAN, old), (ANA, ItemId("nowhere"))):
        with pytest.raises(NotFound):
            chat.messaging.versions(person, room, item)


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
