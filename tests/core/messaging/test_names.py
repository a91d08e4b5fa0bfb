"""Two channels do not have one name, and nobody learns by it of a channel that they cannot see."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.errors import ChanceryError, Conflict, InvalidInput
from core.messaging.names import NameClaims, folded
from core.schema import chat as schema
from core.store import Statement
from core.types import ConversationKind, PersonId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    found = make_chat(tmp_path)
    yield found
    found.store.close()


PRIVATE, PUBLIC = ConversationKind.PRIVATE, ConversationKind.PUBLIC
_c = schema.conversations.c


def refused(chat: Chat, name: str, by: PersonId, kind: ConversationKind = PUBLIC) -> str | None:
    """Try to open a channel; return the code of what refused it."""
    try:
        chat.channel(by, name=name, kind=kind)
    except Conflict as error:
        return error.code
    return None


def tags(chat: Chat) -> dict[str, str | None]:
    """Return the tag of each conversation."""
    rows = chat.store.read(lambda tx: tx.rows(Statement(select(_c.id, _c.name_tag))))
    return {row.id: row.name_tag for row in rows}


def forget_tags(chat: Chat) -> None:
    """Leave the store as one that is older than tags."""
    chat.store.write(lambda tx: tx.run(Statement(update(schema.conversations).values(name_tag=None))))


def claim(chat: Chat) -> None:
    """Do the worker's chore."""
    NameClaims(chat.store, chat.messaging.titles, chat.messaging.tag).run()


@pytest.mark.parametrize("name", ["deals", "Deals", " #DEALS ", "dｅals", "-deals_"])
@pytest.mark.parametrize("kind", [PUBLIC, PRIVATE])
def test_the_name_of_a_public_channel_is_taken_for_everybody(
    chat: Chat, name: str, kind: ConversationKind
) -> None:
    chat.channel(ANA, name="Deals")
    assert refused(chat, name, DAN, kind) == "name_taken"


def test_a_refused_name_leaves_nothing_behind(chat: Chat) -> None:
    chat.channel(ANA, name="deals")
    before = tags(chat)
    with pytest.raises(Conflict):
        chat.channel(BEN, name="deals")
    assert tags(chat) == before


@pytest.mark.parametrize("unseen", ["\u034f", "\u115f", "\u3164", "\uffa0", "\u2800"])
def test_nobody_takes_a_taken_name_with_what_is_drawn_as_nothing(chat: Chat, unseen: str) -> None:
    chat.channel(ANA, name="deals")
    for name in (f"deals{unseen}", f"de{unseen}als"):
        with pytest.raises(InvalidInput) as wrong:
            chat.channel(DAN, name=name)
        assert wrong.value.code == "bad_name"


def test_nobody_learns_of_a_private_channel_by_its_name(chat: Chat) -> None:
    chat.channel(ANA, BEN, name="merger", kind=PRIVATE)
    assert refused(chat, "merger", CLEO, PRIVATE) is None
    assert refused(chat, "merger", DAN, PUBLIC) is None


@pytest.mark.parametrize("kind", [PUBLIC, PRIVATE])
@pytest.mark.parametrize("who", [ANA, BEN])
def test_whoever_is_in_a_private_channel_opens_no_other_of_its_name(
    chat: Chat, who: PersonId, kind: ConversationKind
) -> None:
    room = chat.channel(ANA, BEN, name="merger", kind=PRIVATE)
    assert refused(chat, "Merger", who, kind) == "name_taken"
    chat.messaging.leave(who, chat.ids(), room)
    assert refused(chat, "Merger", who, kind) is None


def test_a_channel_is_not_renamed_to_what_another_is_called(chat: Chat) -> None:
    chat.channel(ANA, name="deals")
    chat.channel(ANA, name="merger", kind=PRIVATE)
    room = chat.channel(ANA, BEN, name="lunch")
    for taken in ("Deals", "merger"):
        with pytest.raises(Conflict, match="already"):
            chat.messaging.rename(ANA, chat.ids(), room, taken)
    names = {head["name"] for head in chat.messaging.overview(ANA)}
    assert names == {"deals", "merger", "lunch"}
    assert chat.messaging.rename(ANA, chat.ids(), room, "LUNCH")["ok"]
    assert chat.messaging.rename(BEN, chat.ids(), room, "merger")["ok"]
    assert refused(chat, "lunch", CLEO) is None


@pytest.mark.parametrize("kind", [PUBLIC, PRIVATE])
def test_a_closed_or_renamed_channel_frees_its_name(chat: Chat, kind: ConversationKind) -> None:
    closed, renamed = chat.channel(ANA, name="one", kind=kind), chat.channel(ANA, name="two", kind=kind)
    chat.messaging.close(ANA, chat.ids(), closed)
    chat.messaging.rename(ANA, chat.ids(), renamed, "three")
    assert [refused(chat, name, ANA, kind) for name in ("one", "two", "three")] == [None, None, "name_taken"]


def test_a_name_that_policy_stopped_is_not_taken(chat: Chat) -> None:
    assert not chat.messaging.open(ANA, chat.ids(), PUBLIC, [], "[block] this")["ok"]
    assert set(tags(chat).values()) == {None}


def test_a_repeated_request_gets_its_first_answer(chat: Chat) -> None:
    first, again = (chat.messaging.open(ANA, "once", PUBLIC, [], "deals") for _ in range(2))
    assert first == again


def test_of_many_who_open_one_name_at_once_one_does(chat: Chat) -> None:
    start, answers = Barrier(8), list[str]()

    def open_it(number: int) -> None:
        start.wait()
        try:
            chat.messaging.open(DAN, f"at-once-{number}", PUBLIC, [], "deals")
            answers.append("opened")
        except ChanceryError as error:
            answers.append(error.code)

    threads = [Thread(target=open_it, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [*["name_taken"] * 7, "opened"]


def test_names_of_an_older_house_are_taken_once_the_worker_tagged_them(chat: Chat) -> None:
    rooms = [chat.channel(ANA, name="deals"), chat.channel(BEN, name="lunch", kind=PRIVATE)]
    closed = chat.channel(ANA, name="old")
    chat.messaging.close(ANA, chat.ids(), closed)
    before = tags(chat)
    forget_tags(chat)
    claim(chat)
    assert tags(chat) == before
    assert {bool(before[room]) for room in rooms} == {True}
    assert refused(chat, "deals", CLEO) == "name_taken"


def test_channels_of_one_name_stay_and_the_older_holds_it_until_it_is_closed(chat: Chat) -> None:
    older = chat.channel(ANA, name="deals")
    forget_tags(chat)
    chat.clock.advance(1)
    newer = chat.channel(BEN, name="deals")
    forget_tags(chat)
    claim(chat)
    assert [bool(tags(chat)[room]) for room in (older, newer)] == [True, False]
    chat.messaging.close(ANA, chat.ids(), older)
    claim(chat)
    assert tags(chat)[newer]
    assert refused(chat, "deals", CLEO) == "name_taken"


def test_a_tag_tells_no_name_and_differs_from_house_to_house(chat: Chat, tmp_path: Path) -> None:
    room = chat.channel(ANA, name="deals")
    other = make_chat(tmp_path / "other")
    there = other.channel(ANA, name="deals")
    tag = tags(chat)[room]
    assert tag
    assert "deals" not in tag
    assert tag != tags(other)[there]
    other.store.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deal room", "deal-room"),
        ("deal_room", "#Deal  Room "),
        ("Straße", "STRASSE"),
        ("ﬁnance", "Finance"),
        ("❤️", "❤"),
        ("Zürich", "Zu\u0308rich"),
        ("Z\u00fcrich", "Zu\u200d\u0308rich"),
        ("葛", "葛\U000e0100"),
        ("deals", "de\u180bals"),
        ("deals", "##deals"),
        ("deals", "-#deals"),
        ("a–b", "a—b"),
    ],
)
def test_what_people_take_for_one_name_is_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("C#", "C"), ("C++", "C"), ("dealroom", "deal room"), ("-", "_")])
def test_what_people_tell_apart_is_two(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(min_size=1))
def test_what_is_folded_is_never_empty_and_folds_to_itself(name: str) -> None:
    once = folded(name)
    assert once
    assert folded(once) == once
