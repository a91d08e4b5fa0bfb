"""The employees' search around a messaging core of tests."""

from dataclasses import dataclass
from typing import Any

from audit.chat_search.indexer import ChatIndexer
from audit.chat_search.reading import MessageReader
from audit.chat_search.service import ChatSearch, FoundPage
from audit.search.port import SearchIndex
from core.blobs.sealed import Blobs
from core.messaging.files.texts import FileTexts
from core.types import ConversationId, PersonId
from tests.factories.chat import ANA, Chat
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.search_index import FakeSearchIndex


@dataclass
class Searched:
    """A messaging core, its index, who feeds it and who asks it."""

    chat: Chat
    index: SearchIndex
    indexer: ChatIndexer
    service: ChatSearch

    def say(self, conversation: ConversationId, text: str, sender: PersonId = ANA) -> dict[str, Any]:
        """Send a message a second after the last one."""
        self.chat.clock.advance(1)
        return self.chat.send(conversation, text, sender)

    def find(self, person: PersonId, text: str) -> FoundPage:
        """Carry what waits, then search."""
        self.indexer.run()
        return self.service.search(person, text)

    def texts(self, person: PersonId, text: str) -> list[str]:
        """Return the words of what is found, newest first."""
        return ["".join(part.text for part in one.excerpt) for one in self.find(person, text).found]


def make_searched(chat: Chat, index: SearchIndex | None = None) -> Searched:
    """Return the search of a messaging core, on an index in memory unless another is given."""
    index = index or FakeSearchIndex()
    messaging = chat.messaging
    texts = FileTexts(chat.store, messaging.vault, Blobs(MemoryBlobs()))
    reader = MessageReader(messaging.vault, messaging.pipeline.rooms, chat.roster, texts)
    indexer = ChatIndexer(store=chat.store, reader=reader, keys=chat.keys, index=index, clock=chat.clock)
    service = ChatSearch(store=chat.store, reader=reader, keys=chat.keys, index=index)
    return Searched(chat, index, indexer, service)
