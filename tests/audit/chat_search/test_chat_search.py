"""An employee finds what their own conversations show them now, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.chat_search.documents import part_of
from audit.search.excerpt import Segment
from audit.search.tantivy import TantivyIndex
from core.errors import InvalidInput
from core.messaging.rooms import do_bump_policy_epoch
from core.schema import chat as schema
from core.types import ConversationId, ConversationKind, ItemId, PersonId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from tests.factories.chat_search import Searched, make_searched

MONTH = "2026-03"


def test_a_message_is_found_by_its_words_with_them_marked(searched: Searched) -> None:
    room = searched.chat.channel(ANA, BEN, name="deals")
    sent = searched.say(room, "The quiet harbour opens at nine")
    (found,) = searched.find(BEN, "harbour").found
    assert (found.item, found.conversation, found.sender) == (sent["id"], room, ANA)
    assert Segment("harbour", hit=True) in found.excerpt


def test_what_somebody_said_whose_account_is_off_is_found_under_their_name(searched: Searched) -> None:
    searched.say(searched.chat.channel(ANA, BEN, name="deals"), "the quiet harbour", BEN)
    searched.chat.roster.disabled.add(BEN)
    (found,) = searched.find(ANA, "harbour from:ben").found
    assert (found.sender, found.sender_name) == (BEN, "Ben")


def test_a_talk_of_two_is_still_called_by_the_one_whose_account_is_off(searched: Searched) -> None:
    room = searched.chat.direct(ANA, BEN)
    searched.say(room, "harbour one")
    searched.say(room, "harbour two", BEN)
    searched.chat.roster.disabled.add(BEN)
    searched.chat.store.write(do_bump_policy_epoch)
    assert searched.texts(ANA, "harbour in:ben") == ["harbour two", "harbour one"]


def test_who_is_mentioned_in_what_is_found_is_told_and_whoever_looks_like_it_is_not(
    searched: Searched,
) -> None:
    room = searched.chat.channel(ANA, BEN, name="deals")
    searched.say(room, "`@ben` is how one calls @ben to the harbour")
    (by_word,) = searched.find(ANA, "harbour").found
    (by_name,) = searched.find(ANA, "ben").found
    assert [part for part in by_word.excerpt if part.person] == [Segment("@ben", hit=False, person=BEN)]
    assert Segment("@ben", hit=True, person=BEN) in by_name.excerpt
    assert "".join(part.text for part in by_word.excerpt) == "`@ben` is how one calls @ben to the harbour"


def test_what_others_say_among_themselves_is_found_by_nobody_else(searched: Searched) -> None:
    searched.say(searched.chat.direct(ANA, BEN), "the harbour")
    assert searched.texts(BEN, "harbour") == ["the harbour"]
    assert searched.texts(CLEO, "harbour") == []


def test_what_was_said_before_one_joined_is_not_found(searched: Searched) -> None:
    room = searched.chat.channel(ANA, BEN)
    searched.say(room, "harbour before")
    searched.chat.messaging.invite(ANA, searched.chat.ids(), room, CLEO)
    searched.say(room, "harbour after")
    assert searched.texts(CLEO, "harbour") == ["harbour after"]
    assert searched.texts(BEN, "harbour") == ["harbour after", "harbour before"]


def test_whoever_left_finds_nothing_there_any_more(searched: Searched) -> None:
    room = searched.chat.channel(ANA, BEN)
    searched.say(room, "harbour")
    searched.chat.messaging.leave(BEN, searched.chat.ids(), room)
    assert searched.texts(BEN, "harbour") == []


def test_a_recalled_message_is_found_by_nobody_until_it_is_restored(searched: Searched) -> None:
    room = searched.chat.direct()
    item = ItemId(searched.say(room, "the harbour")["id"])
    searched.indexer.run()
    messaging, officer = searched.chat.messaging, searched.chat.roster.everybody[CLEO]
    messaging.recall(ANA, searched.chat.ids(), room, item, officer=officer, reason="a complaint")
    assert searched.texts(BEN, "harbour") == []
    searched.indexer.run()
    assert searched.texts(BEN, "harbour") == []
    messaging.restore(
        ANA, searched.chat.ids(), room, item, approved=frozenset(), officer=officer, reason="a mistake"
    )
    searched.indexer.run()
    assert searched.texts(BEN, "harbour") == ["the harbour"]


def test_an_edited_message_is_found_by_its_new_words_only(searched: Searched) -> None:
    room = searched.chat.direct()
    item = ItemId(searched.say(room, "the harbour")["id"])
    searched.indexer.run()
    searched.chat.messaging.edit(ANA, searched.chat.ids(), room, item, "the station")
    assert searched.texts(BEN, "harbour") == []
    assert searched.texts(BEN, "station") == ["the station"]


def test_a_deleted_message_is_found_no_more_and_leaves_the_index(searched: Searched) -> None:
    room = searched.chat.direct()
    item = ItemId(searched.say(room, "the harbour")["id"])
    searched.indexer.run()
    searched.chat.messaging.delete(ANA, searched.chat.ids(), room, item)
    assert searched.service.search(BEN, "harbour").found == (), "even before the index knows"
    assert searched.texts(BEN, "harbour") == []
    assert searched.index.count(part_of(MONTH, ConversationKind.DIRECT)) == 0


def test_a_stopped_message_is_found_by_nobody(searched: Searched) -> None:
    room = searched.chat.direct()
    assert not searched.say(room, "[block] harbour")["ok"]
    assert searched.texts(ANA, "harbour") == searched.texts(BEN, "harbour") == []


def test_who_said_it_and_where_can_be_asked(searched: Searched) -> None:
    deals, direct = searched.chat.channel(ANA, BEN, name="deals"), searched.chat.direct(ANA, BEN)
    searched.say(deals, "harbour one", ANA)
    searched.say(deals, "harbour two", BEN)
    searched.say(direct, "harbour three", BEN)
    assert searched.texts(ANA, "harbour from:ben") == ["harbour three", "harbour two"]
    assert searched.texts(ANA, "harbour in:deals") == ["harbour two", "harbour one"]
    assert searched.texts(ANA, "harbour in:ben") == ["harbour three"], "a direct one is called by its people"
    assert searched.texts(ANA, "harbour sent:2026-02") == []


def test_links_can_be_asked(searched: Searched) -> None:
    room = searched.chat.direct()
    searched.say(room, "harbour at https://example.com/map")
    searched.say(room, "harbour")
    assert searched.texts(BEN, "harbour has:link") == ["harbour at https://example.com/map"]


def test_a_link_in_what_is_forwarded_is_a_link(searched: Searched) -> None:
    here, there = searched.chat.direct(), searched.chat.channel(ANA, CLEO)
    told = searched.say(here, "harbour at https://example.com/map")
    searched.chat.messaging.forward(ANA, searched.chat.ids(), there, (here, ItemId(told["id"])), "see")
    assert searched.texts(CLEO, "harbour has:link") == ["see\nharbour at https://example.com/map"]
    assert searched.texts(CLEO, "harbour NOT has:link") == []


@pytest.mark.parametrize("query", ["harb*", "harbour to:ben", "harbour verdict:allow", 'kind:create "x"', ""])
def test_what_only_an_archive_knows_is_refused_with_a_place(searched: Searched, query: str) -> None:
    searched.say(searched.chat.direct(), "harbour")
    searched.indexer.run()
    with pytest.raises(InvalidInput) as refused:
        searched.service.search(ANA, query)
    assert refused.value.code == "bad_query"


def test_a_page_says_what_waits_in_ones_own_conversations_and_of_no_others(searched: Searched) -> None:
    searched.say(searched.chat.direct(ANA, BEN), "harbour")
    searched.say(searched.chat.direct(CLEO, DAN), "station", CLEO)
    assert searched.service.search(ANA, "harbour").waiting == 1
    assert searched.find(ANA, "harbour").waiting == 0


def test_pages_follow_each_other_without_a_gap(searched: Searched) -> None:
    room = searched.chat.channel(ANA, BEN)
    for number in range(45):
        searched.say(room, f"harbour {number}")
    searched.indexer.run()
    after, found = None, []
    while True:
        page = searched.service.search(BEN, "harbour", after=after)
        found += [one.item for one in page.found]
        after = page.next_page
        if after is None:
            break
    assert len(found) == len(set(found)) == 45


def test_an_index_that_was_lost_is_made_again(searched: Searched) -> None:
    searched.say(searched.chat.direct(), "harbour")
    searched.indexer.run()
    part = part_of(MONTH, ConversationKind.DIRECT)
    assert searched.indexer.refill() == []
    searched.index.drop(part)
    assert searched.indexer.refill() == [part]
    assert searched.texts(BEN, "harbour") == ["harbour"]


def test_what_was_destroyed_leaves_nothing_in_the_index(searched: Searched) -> None:
    searched.say(searched.chat.direct(), "harbour")
    searched.indexer.run()
    searched.chat.keys.destroy_period(MONTH, ConversationKind.DIRECT)
    searched.indexer.drop(MONTH, ConversationKind.DIRECT)
    assert searched.index.count(part_of(MONTH, ConversationKind.DIRECT)) == 0
    assert searched.texts(BEN, "harbour") == []


def test_what_still_waits_of_a_destroyed_month_is_forgotten(searched: Searched) -> None:
    searched.say(searched.chat.direct(), "harbour")
    searched.chat.keys.destroy_period(MONTH, ConversationKind.DIRECT)
    searched.indexer.run()
    assert searched.chat.rows(schema.unindexed) == []


def test_the_index_holds_no_word_in_the_clear(tmp_path: Path, chat: Chat) -> None:
    searched = make_searched(chat, TantivyIndex(tmp_path / "chat-index"))
    searched.say(searched.chat.direct(), "quietharbour")
    assert searched.texts(BEN, "quietharbour") == ["quietharbour"]
    held = b"".join(path.read_bytes() for path in (tmp_path / "chat-index").rglob("*") if path.is_file())
    assert b"quietharbour" not in held


WORDS = ("harbour", "station", "bridge")
PEOPLE = (ANA, BEN, CLEO, DAN)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(PEOPLE), st.integers(0, 2), st.sampled_from(WORDS)),
        st.tuples(st.just("join"), st.sampled_from(PEOPLE), st.integers(0, 2), st.just("")),
        st.tuples(st.just("leave"), st.sampled_from(PEOPLE), st.integers(0, 2), st.just("")),
    ),
    max_size=25,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happened_one_finds_what_one_can_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, PersonId, int, str]]
) -> None:
    searched = make_searched(make_chat(tmp_path_factory.mktemp("chat")))
    rooms = [searched.chat.channel(ANA, name=f"room {number}") for number in range(3)]
    for what, who, where, word in steps:
        act(searched.chat, what, who, rooms[where], word)
    searched.indexer.run()
    for person in PEOPLE:
        for word in WORDS:
            found = {one.item for one in searched.service.search(person, word, limit=200).found}
            assert found == readable(searched.chat, person, rooms, word)


def act(chat: Chat, what: str, who: PersonId, room: ConversationId, word: str) -> None:
    members = {member["id"] for member in chat.messaging.head(ANA, room)["members"]}
    if what == "join" and who not in members:
        chat.messaging.invite(who, chat.ids(), room, who)
    elif what == "say" and who in members:
        chat.send(room, word, who)
    elif what == "leave" and who in members and who != ANA:
        chat.messaging.leave(who, chat.ids(), room)


def readable(chat: Chat, person: PersonId, rooms: list[ConversationId], word: str) -> set[str]:
    """Return what the chat itself shows a person of what holds a word."""
    mine = {head["id"] for head in chat.messaging.overview(person)}
    pages = [chat.messaging.history(person, room, None)["items"] for room in rooms if room in mine]
    return {
        item["id"]
        for page in pages
        for item in page
        if item["type"] == "message" and item["view"].get("text") == word
    }


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def searched(chat: Chat) -> Searched:
    return make_searched(chat)
