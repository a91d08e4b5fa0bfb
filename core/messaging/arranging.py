"""What people do for themselves: how far they read, how they arrange, what they will say later."""

from dataclasses import dataclass
from typing import Any

from core.crypto.chat_keys import month_of
from core.messaging.acting import Acting, bad_client_id
from core.messaging.arrangement import Arrangement, do_arrange
from core.messaging.followers import do_follow, do_mark_thread, follower
from core.messaging.marks import do_keep_unread, do_mark, last_of_others
from core.messaging.own_changes import OwnChange, followed
from core.messaging.paging import no_message
from core.messaging.scheduled import Later
from core.store import Tx
from core.types import ConversationId, ItemId, PersonId, to_ms


@dataclass(frozen=True, slots=True)
class Arranging(Acting):
    """Keeps what each person does for themselves; of none of it others are told."""

    def mark(self, person: PersonId, conversation: ConversationId, cseq: int) -> int:
        """Note how far a member has read."""

        def write(tx: Tx) -> int:
            self.rooms.load_for(tx, conversation, person)
            return do_mark(tx, conversation, person, cseq, to_ms(self.clock.now()))

        return self.blocking.commit(lambda: self.store.write(write))

    def keep_unread(self, person: PersonId, conversation: ConversationId, cseq: int | None) -> int:
        """Put everything from ``cseq`` on back among what a member has to read; nobody else learns of it.

        Without a number it begins at the last message of somebody else. Returns how far it counts as read.

        Raises:
            NotFound: ``no_conversation``; ``no_message`` where nobody else has said anything.
        """

        def write(tx: Tx) -> int:
            self.rooms.load_for(tx, conversation, person)
            begin = cseq
            if begin is None:
                begin = last_of_others(
                    tx, conversation, person, self.rooms.sees_from(tx, conversation, person)
                )
            if begin is None:
                raise no_message()
            return do_keep_unread(tx, conversation, person, begin, to_ms(self.clock.now()))

        return self.blocking.commit(lambda: self.store.write(write))

    def arrange(
        self,
        person: PersonId,
        conversation: ConversationId,
        *,
        muted: bool | None = None,
        favourite: bool | None = None,
        hidden: bool | None = None,
    ) -> Arrangement:
        """Mute, favour or hide a conversation for oneself; what is None stays."""

        def write(tx: Tx) -> Arrangement:
            room = self.rooms.load_for(tx, conversation, person)
            return do_arrange(
                tx,
                room,
                person,
                at_ms=to_ms(self.clock.now()),
                muted=muted,
                favourite=favourite,
                hidden=hidden,
            )

        return self.blocking.commit(lambda: self.store.write(write))

    def schedule(self, person: PersonId, later: Later) -> dict[str, Any]:
        """Keep a message that is to be sent at its time."""
        if not 1 <= len(later.client_id) <= 64:
            raise bad_client_id()
        month = month_of(self.clock.now())
        room = self._read(lambda tx: self.rooms.load_for(tx, later.conversation, person))
        self.blocking.commit(lambda: self.vault.ensure(room.id, month, room.kind))

        def write(tx: Tx) -> dict[str, Any]:
            now = self.rooms.load_for(tx, later.conversation, person)
            return self.scheduled.do_schedule(tx, now, person, later, month)

        return self.blocking.commit(lambda: self.store.write(write))

    def unschedule(self, person: PersonId, which: str, *, keep_files: bool = False) -> dict[str, Any]:
        """Take back a message that was to be sent later, or put away one that was not sent.

        Its files are forgotten, or given back to their sender.
        """

        def write(tx: Tx) -> dict[str, Any]:
            return self.scheduled.do_unschedule(tx, person, which, keep_files=keep_files)

        return self.blocking.commit(lambda: self.store.write(write))

    def follow(
        self,
        person: PersonId,
        conversation: ConversationId,
        root: ItemId,
        *,
        on: bool | None = None,
        read: int | None = None,
    ) -> OwnChange | None:
        """Follow a thread or follow it no more, and note how far it was read; what is None stays.

        Returns what one's other connections have to learn, nothing where one never followed.
        """

        def write(tx: Tx) -> OwnChange | None:
            row = self.threads.root(tx, person, conversation, root)
            now = to_ms(self.clock.now())
            if on is not None:
                do_follow(tx, row, person, now, on=on)
            if read is not None:
                do_mark_thread(tx, row, person, read, now)
            mine = follower(tx, root, person)
            return followed(person, mine) if mine is not None else None

        return self.blocking.commit(lambda: self.store.write(write))
