"""Delivery: carries committed versions to the sockets of this process, in the order of ``cseq``.

Every process may write, so a process learns of others' commits by polling the store. What it
delivered last is known for each conversation; a frame that does not follow directly is not sent on
its own, the gap is read from the store instead. A client that misses something anyway asks for it.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from core.messaging.model import Frame
from core.messaging.resync import PAGE_ITEMS, Resync
from core.ports import Blocking
from core.store import Store, Tx
from core.types import ConversationId, PersonId
from web.realtime.connections import Connection, Connections, Emitter

T = TypeVar("T")


class Fanout:
    """The :class:`core.ports.Delivery` of the websocket process."""

    def __init__(self, connections: Connections, emit: Emitter, blocking: Blocking) -> None:
        self._connections = connections
        self._emit = emit
        self._blocking = blocking
        self._source: tuple[Store, Resync] | None = None
        self._delivered: dict[ConversationId, int] = {}
        self._revisions: dict[ConversationId, int] = {}
        self._seen_version: Hashable = None

    def start(self, store: Store, resync: Resync) -> None:
        """Remember where every conversation stands: what came before is history."""
        self._source = store, resync
        self._seen_version = self._blocking.commit(store.foreign_version)
        for conversation, (cseq, revision) in self._heads().items():
            self._delivered[conversation] = cseq
            self._revisions[conversation] = revision

    # -- the Delivery port ------------------------------------------------------------------------

    def committed(self, conversation: ConversationId, frames: Sequence[Frame]) -> None:
        """Deliver what this process committed."""
        for frame in frames:
            if frame.cseq == self._delivered.get(conversation, 0) + 1:
                self._deliver(conversation, frame.cseq, frame.created_cseq, frame.payload)
            elif frame.cseq > self._delivered.get(conversation, 0):
                self._blocking.spawn(lambda: self.catch_up(conversation))

    def told(self, person: PersonId, event: str, payload: dict[str, Any]) -> None:
        """Tell one person on all their connections."""
        sids = [connection.sid for connection in self._connections.of_person(person)]
        if sids:
            self._emit(event, payload, sids)

    def membership_changed(self, conversation: ConversationId, person: PersonId, member: bool) -> None:
        """Let live connections enter or leave."""
        for connection in self._connections.of_person(person):
            if member:
                self._connections.enter(connection, conversation, self._joined_at(conversation, person))
                self._emit("conversation_added", {"conversation": conversation}, [connection.sid])
            else:
                self._connections.leave(connection, conversation)
                self._emit("conversation_removed", {"conversation": conversation}, [connection.sid])

    def _joined_at(self, conversation: ConversationId, person: PersonId) -> int:
        """Return after which ``cseq`` a member sees; what was delivered here last may be from before it."""
        return self._read(lambda tx, resync: resync.sees_from(tx, conversation, person))

    # -- what other processes committed -----------------------------------------------------------

    def poll(self, refresh: Callable[[ConversationId], None]) -> None:
        """Deliver what others committed; call ``refresh`` for conversations whose members changed."""
        store, _ = self._started()
        version = self._blocking.commit(store.foreign_version)
        if version == self._seen_version:
            return
        self._seen_version = version
        for conversation, (cseq, revision) in self._heads().items():
            if self._revisions.get(conversation) != revision:
                self._revisions[conversation] = revision
                refresh(conversation)
            if cseq > self._delivered.get(conversation, 0):
                self.catch_up(conversation)

    def catch_up(self, conversation: ConversationId) -> None:
        """Deliver everything of a conversation after what was delivered last."""
        while self._deliver_page(conversation):
            pass

    def _deliver_page(self, conversation: ConversationId) -> bool:
        """Deliver a page of what is missing; tell whether there may be more."""
        after = self._delivered.get(conversation, 0)
        items = self._read(lambda tx, resync: resync.after(tx, conversation, after))
        for item in items:
            if item["cseq"] > self._delivered.get(conversation, 0):
                self._deliver(conversation, item["cseq"], item.get("created_cseq") or 0, item)
        return len(items) == PAGE_ITEMS

    def _deliver(
        self, conversation: ConversationId, cseq: int, created: int, payload: dict[str, Any]
    ) -> None:
        self._delivered[conversation] = cseq
        full: list[str] = []
        bare: list[str] = []
        for connection in self._connections.hearing(conversation):
            (full if _sees(connection, conversation, created) else bare).append(connection.sid)
        if full:
            self._emit("item", payload, full)
        if bare:
            self._emit(
                "item", {"conversation": conversation, "id": payload["id"], "cseq": cseq, "bare": True}, bare
            )

    def _heads(self) -> dict[ConversationId, tuple[int, int]]:
        return self._read(lambda tx, resync: resync.heads(tx))

    def _read(self, work: Callable[[Tx, Resync], T]) -> T:
        store, resync = self._started()
        return self._blocking.read(lambda: store.read(lambda tx: work(tx, resync)))

    def _started(self) -> tuple[Store, Resync]:
        assert self._source is not None, "start() comes before anything is delivered"
        return self._source


def _sees(connection: Connection, conversation: ConversationId, created: int) -> bool:
    return created > connection.hears.get(conversation, 0)
