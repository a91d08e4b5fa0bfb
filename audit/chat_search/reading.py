"""Reads messages of the chat as they are searched, and as they are shown among what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from audit.chat_search.documents import chat_record, files_of, mentions_of, words_of
from audit.search.excerpt import Segment, marked
from audit.search.port import SearchRecord
from audit.search.syntax import Node
from core.errors import IntegrityError
from core.messaging.files.texts import Beginnings, FileTexts
from core.messaging.model import Conversation, ItemState, Person
from core.messaging.rooms import Rooms, Roster
from core.messaging.vault import Vault
from core.messaging.versions import VIEW
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ConversationKind, PersonId, from_ms, rfc3339

SHOWN: Final = (ItemState.SENT, ItemState.EDITED, ItemState.REDACTED)
"""The states in which a message shows words."""

_ITEM = Statement(select(chat.items).where(chat.items.c.id == bindparam("item")))


@dataclass(frozen=True, slots=True)
class Found:
    """One message that was found; ``excerpt`` has the words that were asked for marked.

    ``file`` is the name of the file in which they stand, if they do not stand in the message itself.
    """

    item: str
    conversation: str
    thread_root: str | None
    created_cseq: int
    at: str
    sender: str
    sender_name: str
    excerpt: tuple[Segment, ...]
    file: str = ""


class MessageReader:
    """Opens what the chat shows now. Asks nobody who may see it."""

    def __init__(self, vault: Vault, rooms: Rooms, roster: Roster, texts: FileTexts) -> None:
        self._vault = vault
        self._rooms = rooms
        self._roster = roster
        self._texts = texts

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

    def files(self, items: Sequence[str]) -> Beginnings:
        """Return what the files of messages say, for :meth:`record` and :meth:`found`; in no transaction.

        Raises:
            Unavailable: ``blobs_unavailable``.
        """
        return self._texts.beginnings(items)

    def record(self, tx: Tx, row: Row, files: Beginnings) -> SearchRecord | None:
        """Return a message as it is searched; None if its key is gone."""
        view = self._view(row)
        if view is None:
            return None
        conversation = self._rooms.load(tx, ConversationId(row.conversation_id))
        sender = self._sender(tx, row)
        left = self._left(tx, sender, conversation)
        return chat_record(row, view, sender, conversation, left, files.get(row.id, {}))

    def found(self, tx: Tx, row: Row, tree: Node, files: Beginnings) -> Found | None:
        """Return a message as it is shown among what ``tree`` found; None if its key is gone."""
        view = self._view(row)
        if view is None:
            return None
        sender = self._sender(tx, row)
        excerpt, file = _excerpt(view, tree, files.get(row.id, {}))
        return Found(
            item=row.id,
            conversation=row.conversation_id,
            thread_root=row.thread_root,
            created_cseq=row.created_cseq,
            at=rfc3339(from_ms(row.created_ms)),
            sender=row.sender_id,
            sender_name=sender.display_name if sender else "",
            excerpt=excerpt,
            file=file,
        )

    def _left(self, tx: Tx, sender: Person | None, conversation: Conversation) -> Sequence[Person]:
        """Return who of two is off; of a group nobody, as whoever came late must not find who was there."""
        if conversation.kind != ConversationKind.DIRECT or sender is None or len(conversation.members) > 1:
            return ()
        if sender.id not in conversation.members:
            return (sender,)
        return self._rooms.former(tx, sender.id, [conversation]).get(conversation.id, ())

    def _view(self, row: Row) -> Mapping[str, Any] | None:
        try:
            view: Mapping[str, Any] = self._vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        except IntegrityError:
            return None
        return view

    def _sender(self, tx: Tx, row: Row) -> Person | None:
        return self._roster.anybody(tx, PersonId(row.sender_id))


def _excerpt(view: Mapping[str, Any], tree: Node, read: Mapping[str, str]) -> tuple[tuple[Segment, ...], str]:
    """Return the words that were asked for as they stand in the message, or else in the first file of it."""
    own, _ = marked(words_of(view), tree, excerpt=True, mentions=mentions_of(view))
    names = [str(file["name"]) for file in view.get("files", ())]
    if _is_hit(own):
        return own, ""
    for name, text in zip(names, files_of(view, read), strict=True):
        # Its name is told beside the excerpt: it is in there only where that is what was asked for.
        for part in (text.removeprefix(name).lstrip(), name):
            pieces, _ = marked(part, tree, excerpt=True)
            if _is_hit(pieces):
                return pieces, name
    return own or tuple(Segment(name, hit=False) for name in names[:1]), ""


def _is_hit(pieces: Sequence[Segment]) -> bool:
    return any(piece.hit for piece in pieces)
