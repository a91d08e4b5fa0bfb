"""Who may enter a conversation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.errors import ChanceryError, Conflict, Denied, InvalidInput, NotFound
from core.messaging.conversations import GROUP_MAX
from core.schema import chat as tables
from core.store import Statement
from core.types import ConversationKind, PersonId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from tests.fakes.roster import NamedRoster


def test_a_group_does_not_grow_beyond_its_limit_by_invitations(chat: Chat) -> None:
    *most, last = add_people(chat, GROUP_MAX)
    group = chat.group(ANA, *most)
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.invite(ANA, "one too many", group, last)
    assert refused.value.code == "bad_members"
    assert len(chat.messaging.head(ANA, group)["members"]) == GROUP_MAX


@pytest.mark.parametrize("kind", [ConversationKind.DIRECT, ConversationKind.GROUP, ConversationKind.PUBLIC])
def test_nobody_opens_a_conversation_with_the_account_of_a_service(
    chat: Chat, kind: ConversationKind
) -> None:
    turn_into_a_service(chat, DAN)
    others = [DAN] if kind is ConversationKind.DIRECT else [BEN, DAN]
    name = "deals" if kind is ConversationKind.PUBLIC else ""
    with pytest.raises(Denied) as refused:
        chat.messaging.open(ANA, chat.ids(), kind, others, name)
    assert (refused.value.code, refused.value.params["people"]) == ("takes_no_part", [DAN])
    assert chat.messaging.overview(ANA) == chat.messaging.overview(DAN) == []


def test_nobody_brings_the_account_of_a_service_in_but_what_is_there_goes_on(chat: Chat) -> None:
    direct, room = chat.direct(ANA, DAN), chat.channel(ANA, BEN)
    turn_into_a_service(chat, DAN)
    with pytest.raises(Denied) as refused:
        chat.messaging.invite(ANA, chat.ids(), room, DAN)
    assert refused.value.code == "takes_no_part"
    assert DAN not in {member["id"] for member in chat.messaging.head(ANA, room)["members"]}
    again = chat.messaging.open(ANA, chat.ids(), ConversationKind.DIRECT, [DAN])
    assert (again["conversation"], again["existed"]) == (direct, True)
    assert chat.send(direct, "still here")["ok"]
    assert chat.messaging.invite(DAN, chat.ids(), room, DAN)["ok"], "whoever signs in with it may read along"


def turn_into_a_service(chat: Chat, person: PersonId) -> None:
    chat.roster.everybody[person] = replace(chat.roster.everybody[person], takes_part=False)


def test_whoever_opened_a_channel_takes_somebody_out_who_reads_nothing_from_then_on(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, CLEO, kind=ConversationKind.PRIVATE)
    chat.send(room, "for all three")
    answer = chat.messaging.remove(ANA, chat.ids(), room, CLEO)
    chat.send(room, "for two")
    with pytest.raises(NotFound):
        chat.messaging.history(CLEO, room, None)
    assert (room, CLEO, False) in chat.delivery.changes
    assert [person["id"] for person in chat.messaging.head(BEN, room)["members"]] == [ANA, BEN]
    told = next(
        item for item in chat.messaging.history(BEN, room, None)["items"] if item["id"] == answer["id"]
    )
    assert (told["sender"], told["view"]["data"]) == (ANA, {"person": CLEO})
    with pytest.raises(Conflict) as refused:
        chat.messaging.remove(ANA, chat.ids(), room, CLEO)
    assert refused.value.code == "not_member"


def test_the_same_request_to_take_somebody_out_does_it_once(chat: Chat) -> None:
    room = chat.group(ANA, BEN, CLEO)
    first = chat.messaging.remove(ANA, "once", room, CLEO)
    assert chat.messaging.remove(ANA, "once", room, CLEO) == first
    with pytest.raises(Conflict) as refused:
        chat.messaging.remove(ANA, "once", room, BEN)
    assert refused.value.code == "client_id_reused"


def test_a_retry_is_answered_alike_after_the_opener_has_left(chat: Chat) -> None:
    room = chat.group(ANA, BEN, CLEO)
    first = chat.messaging.remove(ANA, "once", room, CLEO)
    chat.messaging.leave(ANA, chat.ids(), room)
    assert chat.messaging.remove(ANA, "once", room, CLEO) == first


@pytest.mark.parametrize(
    ("by", "code"), [(BEN, "not_opener"), (DAN, "no_conversation")], ids=["a member", "a stranger"]
)
def test_nobody_else_takes_members_out(chat: Chat, by: PersonId, code: str) -> None:
    room = chat.group(ANA, BEN, CLEO)
    with pytest.raises(ChanceryError) as refused:
        chat.messaging.remove(by, chat.ids(), room, CLEO)
    assert refused.value.code == code
    assert len(chat.messaging.head(ANA, room)["members"]) == 3


def test_nobody_is_taken_out_of_a_direct_conversation(chat: Chat) -> None:
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.remove(ANA, chat.ids(), chat.direct(), BEN)
    assert refused.value.code == "bad_kind"


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
