"""What a policy found in a message that is delivered is told to its sender, and to nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.desk_jobs import LAPSED
from core.errors import Conflict
from core.messaging.model import VersionKind
from core.types import ConversationId, ItemId, UsageRules
from tests.factories.chat import ANA, BEN, Chat, make_chat


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()


def test_a_flag_is_told_in_the_answer_and_is_in_no_frame(chat: Chat) -> None:
    room = chat.direct()
    answer = chat.send(room, "canary [flag]")
    assert (answer["ok"], answer["told"]["notice"]["title"]) == (True, "Found flag.")
    assert "told" not in chat.delivery.frames[-1].payload["view"]


def test_a_flag_stays_with_its_message_for_its_sender_alone(chat: Chat) -> None:
    room = chat.direct()
    decision = chat.send(room, "canary [flag]")["told"]["decision"]
    assert _told(chat, room, "canary [flag]") == [decision] * 3
    seen = [
        *chat.messaging.since(BEN, {room: 0})["conversations"][room]["items"],
        *chat.messaging.history(BEN, room)["items"],
    ]
    assert all("told" not in item["view"] for item in seen)


def test_a_reaction_leaves_the_flag_and_an_edit_takes_it_away(chat: Chat) -> None:
    room = chat.direct()
    sent = chat.send(room, "canary [flag]")
    chat.messaging.react(BEN, chat.ids(), room, sent["id"], "heart", add=True)
    assert "told" not in chat.delivery.frames[-1].payload["view"]
    assert _told(chat, room, "canary [flag]") == [sent["told"]["decision"]] * 3
    chat.messaging.edit(ANA, chat.ids(), room, sent["id"], "canary")
    assert _told(chat, room, "canary") == []
    edited = chat.messaging.edit(ANA, chat.ids(), room, sent["id"], "again [flag]")
    assert _told(chat, room, "again [flag]") == [edited["told"]["decision"]] * 3


def test_what_is_covered_is_told_like_a_flag_and_can_be_reported_once(chat: Chat) -> None:
    room = chat.direct()
    told = chat.send(room, "canary [redact]")["told"]
    assert told["notice"]["title"] == "Found redact."
    assert chat.messaging.report(ANA, chat.ids(), room, told["decision"])["ok"]
    with pytest.raises(Conflict) as refused:
        chat.messaging.report(ANA, chat.ids(), room, told["decision"])
    assert refused.value.code == "already_reported"


def test_what_was_covered_is_shown_to_whoever_wrote_it_where_policy_says_so_and_to_nobody_else(
    chat: Chat,
) -> None:
    room = chat.direct()
    assert "written" not in chat.send(room, "canary [redact] before")["told"]
    chat.usage.append(UsageRules(covered_shown_to_sender=True))
    sent = chat.send(room, "canary [redact]")
    assert sent["told"]["written"] == "canary [redact]"
    assert "[redact]" not in str(chat.delivery.frames[-1].payload)
    assert "[redact]" not in str(chat.messaging.history(BEN, room))
    assert "canary [redact]" in str(chat.messaging.history(ANA, room))
    assert "written" not in chat.send(room, "canary [flag]")["told"], "nothing is covered there"
    chat.messaging.delete(ANA, chat.ids(), room, sent["id"])
    assert "canary [redact]" not in str(chat.messaging.history(ANA, room))


def _told(chat: Chat, room: ConversationId, text: str) -> list[str]:
    """Return the decisions of which Ana is told, by each way in which she reads the message."""
    ways = (
        chat.messaging.since(ANA, {room: 0})["conversations"][room]["items"],
        chat.messaging.history(ANA, room)["items"],
        chat.messaging.around(ANA, room, cseq=2)["items"],
    )
    shown = [item["view"] for items in ways for item in items if item["view"].get("text") == text]
    return [view["told"]["decision"] for view in shown if "told" in view]


def test_how_long_compliance_usually_takes_is_known_from_what_it_decided(chat: Chat) -> None:
    room = chat.direct()
    for minutes in (10, 20, 60):
        assert chat.messaging.usual_wait_ms() is None
        waiting = ItemId(chat.send(room, f"canary [quarantine] {minutes}")["id"])
        chat.clock.advance(minutes * 60)
        chat.messaging.end_quarantine(VersionKind.REJECT, ANA, chat.ids(), room, waiting, LAPSED, "Not now")
    assert chat.messaging.usual_wait_ms() == 20 * 60_000
