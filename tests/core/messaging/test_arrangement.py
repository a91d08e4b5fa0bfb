"""What members arrange is theirs alone, and hides nothing that is said afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotFound
from core.messaging.own_changes import OwnChange, own_changes
from core.types import to_ms
from tests.factories.chat import ANA, BEN, DAN, Chat, make_chat


def test_everybody_arranges_a_conversation_for_themselves_alone(chat: Chat) -> None:
    room = chat.direct()
    chat.messaging.arrange(ANA, room, muted=True)
    chat.messaging.arrange(ANA, room, favourite=True)
    assert _settings(chat) == {"muted": True, "favourite": True, "hidden": False}
    assert chat.messaging.head(BEN, room)["settings"] == {"muted": False, "favourite": False, "hidden": False}
    chat.messaging.arrange(ANA, room, muted=False)
    assert _settings(chat) == {"muted": False, "favourite": True, "hidden": False}


def test_a_hidden_conversation_comes_back_when_something_is_said_and_not_before(chat: Chat) -> None:
    room = chat.direct()
    item = chat.send(room, "hello")["id"]
    chat.messaging.arrange(ANA, room, hidden=True)
    chat.messaging.react(BEN, chat.ids(), room, item, "tada", add=True)
    assert _settings(chat)["hidden"]
    chat.send(room, "are you there?", sender=BEN)
    assert not _settings(chat)["hidden"]
    chat.messaging.arrange(ANA, room, hidden=True)
    assert _settings(chat)["hidden"]
    chat.messaging.arrange(ANA, room, hidden=False)
    assert not _settings(chat)["hidden"]


def test_a_channel_is_left_and_not_hidden(chat: Chat) -> None:
    room = chat.channel()
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.arrange(ANA, room, hidden=True, muted=True)
    assert refused.value.code == "bad_kind"
    assert not _settings(chat)["muted"]


def test_whoever_is_no_member_arranges_nothing(chat: Chat) -> None:
    with pytest.raises(NotFound):
        chat.messaging.arrange(DAN, chat.direct(), muted=True)


def test_other_processes_find_what_was_arranged_and_read_lately(chat: Chat) -> None:
    room = chat.direct()
    chat.messaging.arrange(ANA, room, muted=True)
    chat.clock.advance(60)
    lately = to_ms(chat.clock.now())
    chat.messaging.mark(BEN, room, 1)
    found = chat.store.read(lambda tx: own_changes(tx, lately))
    assert found == [OwnChange(BEN, "marked", {"conversation": room, "cseq": 1, "by_hand": False}, lately)]
    chat.messaging.keep_unread(BEN, room, 1)
    found = chat.store.read(lambda tx: own_changes(tx, lately))
    assert found == [OwnChange(BEN, "marked", {"conversation": room, "cseq": 0, "by_hand": True}, lately)]
    assert {change.event for change in chat.store.read(lambda tx: own_changes(tx, 0))} == {
        "arranged",
        "marked",
    }


def _settings(chat: Chat) -> dict[str, bool]:
    (head,) = chat.messaging.overview(ANA)
    settings: dict[str, bool] = head["settings"]
    assert settings == chat.messaging.head(ANA, head["id"])["settings"]
    return settings


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
