"""Reads messages of the chat as they are searched, and as they are shown among what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from audit.chat_search.documents import chat_record
from audit.search.excerpt import Segment, marked
from audit.search.port import SearchRecord
from audit.search.syntax import Node
from core.errors import IntegrityError
from core.messaging.model import ItemState, Person
from core.messaging.rooms import Rooms, Roster
from core.messaging.vault import Vault
from core.messaging.versions import VIEW
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, PersonId, from_ms, rfc3339

SHOWN: Final = (ItemState.SENT, ItemState.EDITED, ItemState.REDACTED)
"""The states in which a message shows words."""

_ITEM = Statement(select(chat.items).where(chat.items.c.id == bindparam("item")))


@dataclass(frozen=True, slots=True)
class Found:
    """One message that was found; ``excerpt`` has the words that were asked for marked."""

    item: str
    conversation: str
    thread_root: str | None
    created_cseq: int
    at: str
    sender: str
    sender_name: str
    excerpt: tuple[Segment, ...]


class MessageReader:
    """Opens what the chat shows now. Asks nobody who may see it."""

    def __init__(self, vault: Vault, rooms: Rooms, roster: Roster) -> None:
        self._vault = vault
        self._rooms = rooms
        self._roster = roster

    @property
    def rooms(self) -> Rooms:
        """Conversations and their members."""
        return self._rooms

    def row(self, tx: Tx, item: str) -> Row | None:
        """Return the row of a message that shows words now."""
        row = tx.one(_ITEM, item=item)
        if row is None or row.state not in SHOWN or row.view is None or row.created_cseq is None:
            return None
        return row

    def record(self, tx: Tx, row: Row) -> SearchRecord | None:
        """Return a message as it is searched; None if its key is gone."""
        view = self._view(row)
        if view is None:
            return None
        conversation = self._rooms.load(tx, ConversationId(row.conversation_id))
        return chat_record(row, view, self._sender(tx, row), conversation)

    def found(self, tx: Tx, row: Row, tree: Node) -> Found | None:
        """Return a message as it is shown among what ``tree`` found; None if its key is gone."""
        record = self.record(tx, row)
        if record is None:
            return None
        sender = self._sender(tx, row)
        excerpt, _ = marked(record.body, tree, excerpt=True)
        return Found(
            item=row.id,
            conversation=row.conversation_id,
            thread_root=row.thread_root,
            created_cseq=row.created_cseq,
            at=rfc3339(from_ms(row.created_ms)),
            sender=row.sender_id,
            sender_name=sender.display_name if sender else "",
            excerpt=excerpt,
        )

    def _view(self, row: Row) -> Mapping[str, Any] | None:
        try:
            view: Mapping[str, Any] = self._vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        except IntegrityError:
            return None
        return view

    def _sender(self, tx: Tx, row: Row) -> Person | None:
        sender = PersonId(row.sender_id)
        return self._roster.people(tx, (sender,)).get(sender)
