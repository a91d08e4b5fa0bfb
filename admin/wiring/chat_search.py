"""The employees' search: fed by the worker, asked by the pages."""

from admin.wiring.chat import ChatServices
from admin.wiring.indexes import chat_index
from audit.chat_search.indexer import ChatIndexer
from audit.chat_search.reading import MessageReader
from audit.chat_search.service import ChatSearch


def chat_indexer(chat: ChatServices, *, spare: bool) -> ChatIndexer:
    """Return who feeds the index; ``spare`` as in :mod:`admin.wiring.indexes`."""
    return ChatIndexer(
        store=chat.store,
        reader=_reader(chat),
        keys=chat.keys,
        index=chat_index(chat.settings, spare=spare),
        clock=chat.clock,
    )


def chat_search(chat: ChatServices) -> ChatSearch:
    """Return who asks it for one person at a time."""
    return ChatSearch(
        store=chat.store, reader=_reader(chat), keys=chat.keys, index=chat_index(chat.settings)
    )  # fmt: skip


def _reader(chat: ChatServices) -> MessageReader:
    messaging = chat.messaging
    return MessageReader(messaging.vault, messaging.pipeline.rooms, chat.roster)
