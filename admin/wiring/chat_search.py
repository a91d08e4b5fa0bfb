"""The employees' search: fed by the worker, asked by the pages."""

from admin.wiring.chat import ChatServices
from admin.wiring.indexes import chat_index
from audit.chat_search.indexer import ChatIndexer
from audit.chat_search.reading import MessageReader
from audit.chat_search.service import ChatSearch
from core.messaging.files.texts import FileTexts


def chat_indexer(chat: ChatServices, texts: FileTexts, *, spare: bool) -> ChatIndexer:
    """Return who feeds the index; ``spare`` as in :mod:`admin.wiring.indexes`."""
    return ChatIndexer(
        store=chat.store,
        reader=_reader(chat, texts),
        keys=chat.keys,
        index=chat_index(chat.settings, spare=spare),
        clock=chat.clock,
    )


def chat_search(chat: ChatServices, texts: FileTexts) -> ChatSearch:
    """Return who asks it for one person at a time."""
    return ChatSearch(
        store=chat.store, reader=_reader(chat, texts), keys=chat.keys, index=chat_index(chat.settings)
    )  # fmt: skip


def _reader(chat: ChatServices, texts: FileTexts) -> MessageReader:
    messaging = chat.messaging
    return MessageReader(messaging.vault, messaging.pipeline.rooms, chat.roster, texts)
