"""Employees find messages by what stands in their files, and are told in which."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from admin.wiring.chat_search import chat_search
from audit.chat_search.indexer import ChatIndexer
from audit.chat_search.reading import Found, MessageReader
from audit.chat_search.service import ChatSearch
from audit.search.port import IndexDocument, PutResult
from core.errors import Unavailable
from core.types import ItemId
from tests.factories.desk import House
from tests.factories.files import FileHouse, pdf
from tests.fakes.search_index import FakeSearchIndex

LONG = "The minutes of Monday. " * 60


@pytest.fixture
def files(house: House) -> FileHouse:
    return FileHouse(house)


def test_a_message_is_found_by_what_stands_deep_in_its_file_which_is_named(files: FileHouse) -> None:
    told = files.send("minutes.txt", f"{LONG}The walrus agreed.".encode(), "as promised")
    files.check()
    (found,) = find(files, "walrus")
    assert (found.item, found.file) == (told["id"], "minutes.txt")
    assert [part.text for part in found.excerpt if part.hit] == ["walrus"]


def test_a_phrase_with_small_words_is_verified_on_the_text_of_the_file(files: FileHouse) -> None:
    files.send("plan.pdf", pdf("we sail to the island at noon"))
    files.check()
    assert [one.file for one in find(files, '"to the island"')] == ["plan.pdf"]
    assert find(files, '"from the island"') == []


def test_words_of_the_message_itself_name_no_file_and_its_name_is_found_too(files: FileHouse) -> None:
    files.send("walrus.txt", b"nothing of it", "the harbour")
    files.check()
    assert [one.file for one in find(files, "harbour")] == [""]
    (named,) = find(files, "walrus.txt")
    assert named.file == "walrus.txt"


def test_what_is_being_checked_was_stopped_or_was_taken_back_is_not_found_by_its_file(
    files: FileHouse,
) -> None:
    told = files.send("minutes.txt", b"the walrus")
    assert find(files, "walrus") == []
    files.check()
    assert len(find(files, "walrus")) == 1
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    assert find(files, "walrus") == []
    files.send("cards.txt", b"the walrus card 4111 1111 1111 1111")
    files.check()
    assert find(files, "walrus") == []


def test_messages_with_a_file_can_be_asked_for_or_left_out(files: FileHouse) -> None:
    files.house.send(files.room, "ana", "the harbour alone")
    told = files.send("walrus.txt", b"nothing of it", "the harbour")
    assert find(files, "has:file") == [], "nobody has seen what is being checked"
    files.check()
    assert [one.item for one in find(files, "has:file")] == [told["id"]]
    assert [one.item for one in find(files, "harbour has:file")] == [told["id"]]
    (alone,) = find(files, "harbour NOT has:file")
    assert alone.item != told["id"]
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    assert find(files, "has:file") == []


def test_a_file_is_found_in_an_index_of_before_it_told_of_files_which_is_then_made_anew(
    files: FileHouse,
) -> None:
    files.house.send(files.room, "ana", "the harbour alone")
    told = files.send("walrus.txt", b"nothing of it", "the harbour")
    files.check()
    index, chat = OlderIndex(), files.house.chat
    reader = MessageReader(
        chat.messaging.vault, chat.messaging.pipeline.rooms, chat.roster, files.files.texts
    )
    indexer = ChatIndexer(store=chat.store, reader=reader, keys=chat.keys, index=index, clock=chat.clock)
    search = ChatSearch(store=chat.store, reader=reader, keys=chat.keys, index=index)
    indexer.run()

    def found(query: str) -> list[str]:
        return [one.item for one in search.search(files.house.people["ben"], query).found]

    before = found("has:file"), found("harbour NOT has:file")
    assert before[0] == [told["id"]]
    assert len(before[1]) == 1
    index.older = False
    (part,) = indexer.refill()
    assert indexer.refill() == [], "what is on its way is not asked for again"
    indexer.run()
    assert indexer.refill() == []
    assert (found("has:file"), found("harbour NOT has:file")) == before
    assert index.count(part) == 3, "what is gone from the chat is left alone"


class OlderIndex(FakeSearchIndex):
    """An index whose documents do not tell of files, as once; until it is no longer ``older``.

    It also holds a message that the chat does not have any more.
    """

    older = True

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        if self.older:
            documents = [replace(one, has="") for one in documents]
            documents += [replace(one, rid="gone") for one in documents[:1]]
        return super().put(partition, documents)


def test_whoever_is_no_member_finds_no_file(files: FileHouse) -> None:
    files.house.add("dan")
    files.send("minutes.txt", b"the walrus")
    files.check()
    assert find(files, "walrus", "dan") == []


def test_a_text_that_was_lost_says_nothing_and_stops_nobody(files: FileHouse) -> None:
    files.send("minutes.txt", f"{LONG}The walrus agreed.".encode(), "the harbour")
    files.check()
    for name in list(files.files.blobs.store.names()):
        files.files.blobs.store.delete(name)
    assert find(files, "walrus") == []
    assert len(find(files, "harbour")) == 1


def test_messages_wait_for_the_index_while_files_cannot_be_read(files: FileHouse) -> None:
    files.send("minutes.txt", f"{LONG}The walrus agreed.".encode())
    files.check()
    folder, aside = files.house.settings.blobs_dir, files.house.settings.home / "aside"
    folder.rename(aside)
    folder.write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        files.house.worker.chat_indexer.run()
    folder.unlink()
    aside.rename(folder)
    assert len(find(files, "walrus")) == 1


def find(files: FileHouse, query: str, who: str = "ben") -> list[Found]:
    """Carry what waits, then search as somebody."""
    house = files.house
    house.worker.chat_indexer.run()
    page = chat_search(house.chat, files.files.texts).search(house.people[who], query)
    assert page.waiting == 0
    return list(page.found)
