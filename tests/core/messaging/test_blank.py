"""What nobody can see is not said, and names nothing."""

from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.messaging.blank import hides_something, is_blank
from core.types import ConversationKind, new_id
from tests.factories.chat import ANA, make_chat

UNSEEN = ["", " \t\n", "\u200b", "\ufeff\u2060", "\u3164", "\u2800\u2800", "\ufe0f\u200d", "\u00ad", "\u202e"]


@pytest.mark.parametrize("text", UNSEEN)
def test_a_text_without_anything_to_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "\u200ba", "👩\u200d💻", "\u0301", "ﷺ"])
def test_a_text_with_anything_to_see_is_not(text: str) -> None:
    assert not is_blank(text)


def test_emoji_may_be_joined_and_directions_may_not_be_turned() -> None:
    assert not hides_something("👩\u200d💻 team")
    assert hides_something("gpj.\u202etxt")
    assert hides_something("two\nlines")
    assert not hides_something("❤\ufe0f 葛\U000e0100")
    assert hides_something("no\u3164body")


@pytest.mark.parametrize("text", UNSEEN[2:])
def test_an_unseen_text_is_not_sent_and_an_unseen_name_not_given(tmp_path: Path, text: str) -> None:
    chat = make_chat(tmp_path)
    conversation = chat.direct()
    with pytest.raises(InvalidInput) as refused:
        chat.send(conversation, text)
    assert refused.value.code == "empty_text"
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.open(ANA, new_id(), ConversationKind.PUBLIC, [], name=text)
    assert refused.value.code == "bad_name"


def test_a_name_that_turns_its_direction_is_refused(tmp_path: Path) -> None:
    chat = make_chat(tmp_path)
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.open(ANA, new_id(), ConversationKind.PUBLIC, [], name="desk\u202ehcraeser")
    assert refused.value.code == "bad_name"
