"""What a member may read of the chat: one method for each question, each one consistent snapshot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.messaging.cursor import Cursor
from core.messaging.followers import follower
from core.messaging.membership import membership_history
from core.messaging.mentions import Mentions
from core.messaging.naming import Naming, named
from core.messaging.paging import Paging
from core.messaging.pins import Pins
from core.messaging.recalled import recalled_unseen
from core.messaging.resync import Resync
from core.messaging.rooms import Rooms
from core.messaging.scheduled import Scheduled
from core.messaging.threads import Threads
from core.messaging.wordings import Wordings
from core.ports import Blocking
from core.store import Store, Tx
from core.types import ConversationId, ItemId, PersonId

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything a person can read in the chat. To whoever is no member, a conversation does not exist.

    What holds items names in ``former`` whom they speak of and who is no member any more.
    """

    rooms: Rooms
    resync: Resync
    paging: Paging
    threads: Threads
    mentions: Mentions
    pins: Pins
    wordings: Wordings
    naming: Naming
    scheduled: Scheduled
    store: Store
    blocking: Blocking

    def overview(self, person: PersonId) -> list[dict[str, Any]]:
        """Return the person's conversations."""
        return self._read(lambda tx: self.resync.overview(tx, person))

    def recalled_unseen(self, person: PersonId) -> dict[str, list[str]]:
        """Return what was recalled of a person's messages where they read no further since."""
        return self._read(lambda tx: recalled_unseen(tx, person))

    def head(self, person: PersonId, conversation: ConversationId) -> dict[str, Any]:
        """Return one conversation as its member sees it."""
        return self._read(lambda tx: self.resync.head(tx, conversation, person))

    def since(self, person: PersonId, known: Mapping[ConversationId, int]) -> dict[str, Any]:
        """Return everything after the numbers that the client knows."""

        def read(tx: Tx) -> dict[str, Any]:
            conversations = self.resync.since(tx, person, known)
            items = [item for answer in conversations.values() for item in answer.get("items", ())]
            return {"conversations": conversations, "former": self.naming.former(tx, items)}

        return self._read(read)

    def history(
        self,
        person: PersonId,
        conversation: ConversationId,
        before: int | None = None,
        *,
        after: int | None = None,
    ) -> dict[str, Any]:
        """Return a page of history."""
        return self._read_named(
            lambda tx: self.paging.history(tx, person, conversation, before=before, after=after)
        )

    def around(
        self,
        person: PersonId,
        conversation: ConversationId,
        *,
        item: ItemId | None = None,
        at: datetime | None = None,
        cseq: int | None = None,
    ) -> dict[str, Any]:
        """Return a page of history around a message, a time or a number."""
        return self._read_named(
            lambda tx: self.paging.around(tx, person, conversation, item=item, at=at, cseq=cseq)
        )

    def thread(
        self, person: PersonId, conversation: ConversationId, root: ItemId, after: int = 0
    ) -> dict[str, Any]:
        """Return a page of a thread, and how the person follows it."""

        def read(tx: Tx) -> dict[str, Any]:
            mine = follower(tx, root, person)
            return {
                **self.paging.thread(tx, person, conversation, root, after),
                "following": mine is not None and bool(mine.following),
                "read": mine.read_cseq if mine is not None else 0,
            }

        return self._read_named(read)

    def followed_threads(self, person: PersonId, before: str | None = None) -> dict[str, Any]:
        """Return a page of the threads that the person follows."""
        place = Cursor.parse(before) if before else None

        def read(tx: Tx) -> dict[str, Any]:
            page = self.threads.page(tx, person, place)
            items = [row[which] for row in page["threads"] for which in ("root", "last_reply")]
            return {**page, "former": self.naming.former(tx, items)}

        return self._read(read)

    def mentioned(self, person: PersonId, before: str | None = None) -> dict[str, Any]:
        """Return a page of messages that mention the person."""
        place = Cursor.parse(before) if before else None
        return self._read_named(lambda tx: self.mentions.page(tx, person, place))

    def pinned(self, person: PersonId, conversation: ConversationId) -> dict[str, Any]:
        """Return the pinned messages of a conversation."""
        return self._read_named(lambda tx: {"items": self.pins.of(tx, person, conversation)})

    def versions(self, person: PersonId, conversation: ConversationId, item: ItemId) -> list[dict[str, Any]]:
        """Return what a message said before, where the policy shows that."""
        return self._read(lambda tx: self.wordings.of(tx, person, conversation, item))

    def scheduled_by(self, person: PersonId) -> dict[str, Any]:
        """Return what the person wants to say later, and what could not be said."""

        def read(tx: Tx) -> dict[str, Any]:
            entries = self.scheduled.of(tx, person)
            quoting = [{**entry, "view": {"quote": entry["quote"]}} for entry in entries if entry["quote"]]
            return {"entries": entries, "former": self.naming.former(tx, quoting)}

        return self._read(read)

    def stopped(self, person: PersonId, conversation: ConversationId) -> dict[str, Any]:
        """Return the person's own stopped messages."""
        return self._read_named(lambda tx: {"items": self.resync.stopped(tx, person, conversation)})

    def usual_wait_ms(self) -> int | None:
        """Return how long Compliance usually takes for what is quarantined, as far as that is known."""
        return self._read(self.resync.usual_wait_ms)

    def members_over_time(self, person: PersonId, conversation: ConversationId) -> dict[str, Any]:
        """Return who was a member when, to a member; by name whoever was one together with them."""

        def read(tx: Tx) -> dict[str, Any]:
            room = self.rooms.load_for(tx, conversation, person)
            former = self.rooms.former(tx, person, [room]).get(room.id, ())
            return {"history": membership_history(tx, conversation), "former": named(former)}

        return self._read(read)

    def _read_named(self, work: Callable[[Tx], dict[str, Any]]) -> dict[str, Any]:
        """Return an answer with ``items``, and the names of whom they speak of and who left."""

        def read(tx: Tx) -> dict[str, Any]:
            answer = work(tx)
            return {**answer, "former": self.naming.former(tx, answer["items"])}

        return self._read(read)

    def _read(self, work: Callable[[Tx], T]) -> T:
        return self.blocking.read(lambda: self.store.read(work))
