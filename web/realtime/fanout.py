"""Delivery: carries committed versions to the sockets of this process, in the order of ``cseq``.

Every process may write, so a process learns of others' commits by polling the store; hints on the
bus only say where to look sooner. What it delivered last is known for each conversation; a frame
that does not follow directly is not sent on its own, the gap is read from the store instead. A
client that misses something anyway asks for it.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import structlog

from core.bus import Bus, Moved, Silent
from core.messaging.heads import NONE, Counts, ended_after, head, heads
from core.messaging.model import Frame
from core.messaging.paging import PAGE_ITEMS
from core.messaging.resync import Resync
from core.messaging.showing import for_reader, without_quote
from core.ports import Blocking
from core.store import Store, Tx
from core.types import ConversationId, PersonId
from web.realtime.connections import Connections, Emitter

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Fanout:
    """The :class:`core.ports.Delivery` of the websocket process."""

    def __init__(self, connections: Connections, emit: Emitter, blocking: Blocking) -> None:
        self._connections = connections
        self._emit = emit
        self._blocking = blocking
        self._bus: Bus = Silent()
        self._source: tuple[Store, Resync] | None = None
        self._delivered: dict[ConversationId, int] = {}
        self._stops: dict[ConversationId, int] = {}
        self._revisions: dict[ConversationId, int] = {}
        self._seen_version: Hashable = None
        self._refresh: Callable[[ConversationId], None] = lambda _: None
        self._hinted: set[ConversationId] = set()
        self._looking = False
        self._lock = threading.Lock()

    def start(self, store: Store, resync: Resync, bus: Bus) -> None:
        """Remember where every conversation stands: what came before is history."""
        self._source, self._bus = (store, resync), bus
        self._seen_version = self._blocking.commit(store.foreign_version)
        for conversation, counts in self._read(lambda tx, _: heads(tx)).items():
            self._delivered[conversation] = counts.cseq
            self._stops[conversation] = counts.stop_seq
            self._revisions[conversation] = counts.revision

    def on_members(self, refresh: Callable[[ConversationId], None]) -> None:
        """Call ``refresh`` for conversations whose members changed elsewhere."""
        self._refresh = refresh

    # -- the Delivery port ------------------------------------------------------------------------

    def committed(self, conversation: ConversationId, frames: Sequence[Frame]) -> None:
        """Deliver what this process committed."""
        for frame in frames:
            if frame.cseq == self._delivered.get(conversation, 0) + 1:
                self._deliver(conversation, frame.cseq, frame.created_cseq, frame.payload)
            elif frame.cseq > self._delivered.get(conversation, 0):
                # What another process committed in between may be that somebody is no member any more.
                self.moved(conversation)
        self._bus.publish(Moved(conversation))

    def stops_changed(self, conversation: ConversationId) -> None:
        """Tell senders here what became of what waited, and let the others look."""
        self.moved(conversation)
        self._bus.publish(Moved(conversation))

    def membership_changed(self, conversation: ConversationId, person: PersonId, member: bool) -> None:
        """Let live connections enter or leave."""
        for connection in self._connections.of_person(person):
            if member:
                self._connections.enter(connection, conversation, self._joined_at(conversation, person))
                self._emit("conversation_added", {"conversation": conversation}, [connection.sid])
            else:
                self._connections.leave(connection, conversation)
                self._emit("conversation_removed", {"conversation": conversation}, [connection.sid])
        self._bus.publish(Moved(conversation))

    def _joined_at(self, conversation: ConversationId, person: PersonId) -> int:
        """Return after which ``cseq`` a member sees; what was delivered here last may be from before it."""
        return self._read(lambda tx, resync: resync.sees_from(tx, conversation, person))

    # -- what other processes committed -----------------------------------------------------------

    def poll(self) -> None:
        """Deliver what others committed."""
        store, _ = self._started()
        version = self._blocking.commit(store.foreign_version)
        if version == self._seen_version:
            return
        self._seen_version = version
        for conversation, counts in self._read(lambda tx, _: heads(tx)).items():
            self._follow(conversation, counts)

    def moved(self, conversation: ConversationId) -> None:
        """Look at one conversation soon: something may have been committed there."""
        with self._lock:
            self._hinted.add(conversation)
            start, self._looking = not self._looking, True
        if start:
            self._blocking.spawn(self._look)

    def _look(self) -> None:
        while True:
            with self._lock:
                if not self._hinted:
                    self._looking = False
                    return
                conversation = self._hinted.pop()
            try:
                self._follow(conversation, self._read(lambda tx, _: head(tx, conversation)))  # noqa: B023
            except Exception:
                # The next poll finds the same.
                _log.exception("looking failed")

    def _follow(self, conversation: ConversationId, now: Counts) -> None:
        """Bring everybody here to where the conversation is."""
        if now is NONE:
            return
        self._follow_members(conversation, now)
        if now.cseq > self._delivered.get(conversation, 0):
            self.catch_up(conversation)
        if now.stop_seq > (told := self._stops.get(conversation, 0)):
            self._stops[conversation] = now.stop_seq
            for sender, what in self._read(lambda tx, _: ended_after(tx, conversation, told)):
                sids = [connection.sid for connection in self._connections.of_person(sender)]
                self._emit("stopped_changed", what, sids)

    def _follow_members(self, conversation: ConversationId, now: Counts) -> None:
        if self._revisions.get(conversation) != now.revision:
            self._revisions[conversation] = now.revision
            self._refresh(conversation)

    def catch_up(self, conversation: ConversationId) -> None:
        """Deliver everything of a conversation after what was delivered last."""
        while self._deliver_page(conversation):
            pass

    def _deliver_page(self, conversation: ConversationId) -> bool:
        """Deliver a page of what is missing; tell whether there may be more."""
        after = self._delivered.get(conversation, 0)
        now, items = self._read(
            lambda tx, resync: (head(tx, conversation), resync.after(tx, conversation, after))
        )
        # Of the same moment as the items: nobody hears what was said after they were no member.
        self._follow_members(conversation, now)
        for item in items:
            if item["cseq"] > self._delivered.get(conversation, 0):
                self._deliver(conversation, item["cseq"], item.get("created_cseq") or 0, item)
        return len(items) == PAGE_ITEMS

    def _deliver(
        self, conversation: ConversationId, cseq: int, created: int, payload: dict[str, Any]
    ) -> None:
        self._delivered[conversation] = cseq
        full: list[str] = []
        unquoted: list[str] = []
        bare: list[str] = []
        for connection in self._connections.hearing(conversation):
            sees_from = connection.hears.get(conversation, 0)
            if created <= sees_from:
                bare.append(connection.sid)
            elif for_reader(payload, sees_from) is payload:
                full.append(connection.sid)
            else:
                unquoted.append(connection.sid)
        if full:
            self._emit("item", payload, full)
        if unquoted:
            self._emit("item", without_quote(payload), unquoted)
        if bare:
            self._emit(
                "item", {"conversation": conversation, "id": payload["id"], "cseq": cseq, "bare": True}, bare
            )

    def _read(self, work: Callable[[Tx, Resync], T]) -> T:
        store, resync = self._started()
        return self._blocking.read(lambda: store.read(lambda tx: work(tx, resync)))

    def _started(self) -> tuple[Store, Resync]:
        assert self._source is not None, "start() comes before anything is delivered"
        return self._source
