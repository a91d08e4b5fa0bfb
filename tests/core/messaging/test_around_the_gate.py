"""What a sender may try so as to get round a decision, and what becomes of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput
from core.messaging.attempt import Confirmation
from core.types import ConversationId, ConversationKind
from tests.factories.chat import ANA, BEN, Chat, make_chat

FIRST, SECOND = "4111 1111", "1111 1111"


def test_a_number_whose_first_part_was_deleted_is_still_found(chat: Chat) -> None:
    conversation = chat.direct()
    first = chat.send(conversation, FIRST)
    chat.messaging.delete(ANA, chat.ids(), conversation, first["id"])
    assert chat.send(conversation, SECOND)["code"] == "blocked"


def test_a_number_whose_first_part_was_edited_away_is_still_found(chat: Chat) -> None:
    conversation = chat.direct()
    first = chat.send(conversation, FIRST)
    chat.messaging.edit(ANA, chat.ids(), conversation, first["id"], "never mind")
    assert chat.send(conversation, SECOND)["code"] == "blocked"


def test_a_number_whose_first_part_was_edited_into_an_old_message_is_found(chat: Chat) -> None:
    conversation = chat.direct()
    old = chat.send(conversation, "hello")
    chat.clock.advance(7_200)
    assert chat.messaging.edit(ANA, chat.ids(), conversation, old["id"], FIRST)["ok"]
    assert chat.send(conversation, SECOND)["code"] == "blocked"


def test_a_number_split_over_two_states_of_one_message_is_found(chat: Chat) -> None:
    conversation = chat.direct()
    item = chat.send(conversation, FIRST)["id"]
    answer = chat.messaging.edit(ANA, chat.ids(), conversation, item, SECOND)
    assert answer["code"] == "blocked"
    assert chat.messaging.history(BEN, conversation, None)["items"][-1]["view"]["text"] == FIRST


def test_what_nobody_else_saw_and_what_was_said_long_ago_do_not_count(chat: Chat) -> None:
    conversation = chat.direct()
    chat.send(conversation, f"{FIRST} [block]")
    assert chat.send(conversation, SECOND)["ok"]
    chat.send(conversation, FIRST)
    chat.clock.advance(7_200)
    assert chat.send(conversation, SECOND)["ok"]


def test_a_first_part_edited_in_while_the_second_is_decided_is_found(chat: Chat) -> None:
    conversation = chat.direct()
    old = chat.send(conversation, "hello")["id"]
    edited: list[dict[str, Any]] = []

    def edit_once(_facts: object, text: str) -> None:
        if text == SECOND and not edited:
            edited.append(chat.messaging.edit(ANA, chat.ids(), conversation, old, FIRST))

    chat.gate.on_ask = edit_once
    assert chat.send(conversation, SECOND)["code"] == "blocked"
    assert edited[0]["ok"]


def test_what_was_refused_as_a_topic_is_not_sent_without_the_reason_that_it_needs(chat: Chat) -> None:
    conversation = chat.channel(kind=ConversationKind.PUBLIC)
    refused = chat.messaging.set_topic(ANA, chat.ids(), conversation, "[block] [justify] x")
    _refuses_to_confirm(chat, conversation, "[block] [justify] x", refused["decision"])


def test_a_decision_that_asked_for_nothing_is_no_warning_to_confirm(chat: Chat) -> None:
    conversation = chat.direct()
    blocked = chat.send(conversation, "[block] [warn]")
    _refuses_to_confirm(chat, conversation, "[block] [warn]", blocked["decision"])


def _refuses_to_confirm(chat: Chat, conversation: ConversationId, text: str, decision: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        chat.send(conversation, text, confirms=Confirmation(decision))
    assert refused.value.code == "nothing_to_confirm"


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
