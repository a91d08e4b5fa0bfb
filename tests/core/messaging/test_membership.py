"""Who may enter a conversation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.errors import InvalidInput
from core.messaging.conversations import GROUP_MAX
from core.schema import chat as tables
from core.store import Statement
from core.types import PersonId
from tests.factories.chat import ANA, Chat, make_chat
from tests.fakes.roster import NamedRoster


def test_a_group_does_not_grow_beyond_its_limit_by_invitations(chat: Chat) -> None:
    *most, last = add_people(chat, GROUP_MAX)
    group = chat.group(ANA, *most)
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.invite(ANA, "one too many", group, last)
    assert refused.value.code == "bad_members"
    assert len(chat.messaging.head(ANA, group)["members"]) == GROUP_MAX


def add_people(chat: Chat, count: int) -> list[PersonId]:
    people = [PersonId(f"p{number:02}") for number in range(count)]
    rows = [
        {
            "id": name, "stable_tag": name, "login_tag": name, "profile": b"", "state": "active",
            "revision": 1, "created_ms": 0, "changed_ms": 0,
        }
        for name in people
    ]  # fmt: skip
    chat.store.write(lambda tx: tx.run_many(Statement(insert(tables.people)), rows))
    chat.roster.everybody |= NamedRoster(*people).everybody
    return people


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
