"""The messaging core as the rooms above it use it: one method for each thing a person can do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.crypto.chat_keys import month_of
from core.errors import InvalidInput, NotFound
from core.messaging.arrangement import Arrangement, do_arrange
from core.messaging.attempt import Attempt, Confirmation
from core.messaging.carried import Forwarding, Quoting
from core.messaging.changes import DeleteMessage, EditMessage, React
from core.messaging.conversations import CloseConversation, OpenConversation, Retitle, direct_pair
from core.messaging.files.checking import CheckFiles, ReadFile, ReleaseFiles
from core.messaging.files.forward import ForwardFiles
from core.messaging.files.rows import file_ids
from core.messaging.files.send import SendFiles
from core.messaging.followers import do_follow, do_mark_thread, follower
from core.messaging.marks import do_mark
from core.messaging.membership import AddMember, Leave
from core.messaging.model import Person, VersionKind
from core.messaging.own_changes import OwnChange, followed
from core.messaging.pins import Pin
from core.messaging.pipeline import Pipeline
from core.messaging.quarantine import EndQuarantine, Release
from core.messaging.reading import Reading
from core.messaging.recall import Recall, Restore
from core.messaging.reporting import ReportFinding
from core.messaging.rooms import Roster, Titles
from core.messaging.scheduled import Later
from core.messaging.send import SendMessage, Writing
from core.messaging.vault import Vault
from core.store import Tx
from core.types import Clock, ConversationId, ConversationKind, ItemId, PersonId, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging(Reading):
    """Everything a person can do in the chat. Each call is decided, written and answered as a whole."""

    pipeline: Pipeline
    writing: Writing
    vault: Vault
    roster: Roster
    titles: Titles
    clock: Clock
    tag: Callable[[str, str], str]
    ensure_owner: Callable[[str], None]

    def send(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        text: str,
        *,
        thread_root: ItemId | None = None,
        confirms: Confirmation | None = None,
        source: str = "native",
        files: tuple[str, ...] = (),
        quotes: ItemId | None = None,
        quotes_if_there: bool = False,
    ) -> dict[str, Any]:
        """Say something in a conversation; with files it waits until they were checked.

        With ``quotes_if_there`` it goes without its quote where nobody may quote that any more.
        """
        carries = Quoting(quotes, quotes_if_there) if quotes else None
        if files:
            return self._run(
                SendFiles(
                    self.writing, self.vault, sender, client_id, conversation, text, files, thread_root,
                    confirms, source, carries,
                )
            )  # fmt: skip
        return self._run(
            SendMessage(
                self.writing, sender, client_id, conversation, text, thread_root, confirms, source, carries
            )
        )

    def forward(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        source: tuple[ConversationId, ItemId],
        text: str = "",
        *,
        thread_root: ItemId | None = None,
        confirms: Confirmation | None = None,
    ) -> dict[str, Any]:
        """Say again in a conversation what was said in another, with words of one's own or without.

        Its files go along, and wait to be checked as files do.
        """
        has_files = bool(self._read(lambda tx: file_ids(tx, source[1])))
        carries = Forwarding(*source, has_files=has_files)
        if has_files:
            return self._run(
                ForwardFiles(
                    self.writing, self.vault, sender, client_id, conversation, text, (), thread_root,
                    confirms, carries=carries, source_item=carries.item,
                )
            )  # fmt: skip
        return self._run(
            SendMessage(
                self.writing,
                sender,
                client_id,
                conversation,
                text,
                thread_root,
                confirms,
                carries=carries,
            )
        )

    def edit(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        text: str,
        confirms: Confirmation | None = None,
    ) -> dict[str, Any]:
        """Replace the text of one's own message."""
        return self._run(
            EditMessage(**self._change(sender, client_id, conversation, item), text=text, confirms=confirms)
        )

    def delete(
        self, sender: PersonId, client_id: str, conversation: ConversationId, item: ItemId
    ) -> dict[str, Any]:
        """Take one's own message back."""
        return self._run(DeleteMessage(**self._change(sender, client_id, conversation, item)))

    def react(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        alias: str,
        *,
        add: bool,
    ) -> dict[str, Any]:
        """Add or take back a reaction."""
        return self._run(React(**self._change(sender, client_id, conversation, item), alias=alias, add=add))

    def pin(
        self, sender: PersonId, client_id: str, conversation: ConversationId, item: ItemId, *, on: bool
    ) -> dict[str, Any]:
        """Pin a message for everybody in the conversation, or take its pin off."""
        return self._run(Pin(**self._change(sender, client_id, conversation, item), on=on))

    def open(
        self, sender: PersonId, client_id: str, kind: ConversationKind, people: list[PersonId], name: str = ""
    ) -> dict[str, Any]:
        """Open a conversation with ``people``; a direct one that exists is returned."""
        everybody = {sender, *people}
        found = self._people(everybody)
        tag = self.tag("direct", direct_pair(everybody)) if kind is ConversationKind.DIRECT else None
        opening = OpenConversation(
            writing=self.writing,
            titles=self.titles,
            sender=sender,
            client_id=client_id,
            kind=kind,
            name=name.strip(),
            people=tuple(found[p] for p in sorted(found)),
            direct_tag=tag,
        )
        self.blocking.commit(lambda: self.ensure_owner(opening.conversation))
        return self._run(opening)

    def rename(
        self, sender: PersonId, client_id: str, conversation: ConversationId, name: str
    ) -> dict[str, Any]:
        """Change a channel's name."""
        return self._run(self._retitle(sender, client_id, conversation, VersionKind.RENAME, name.strip()))

    def set_topic(
        self, sender: PersonId, client_id: str, conversation: ConversationId, topic: str
    ) -> dict[str, Any]:
        """Change a channel's topic."""
        return self._run(self._retitle(sender, client_id, conversation, VersionKind.TOPIC, topic.strip()))

    def close(self, sender: PersonId, client_id: str, conversation: ConversationId) -> dict[str, Any]:
        """Close a channel that one opened."""
        head = self._read(lambda tx: self.resync.head(tx, conversation, sender))
        return self._run(
            CloseConversation(
                writing=self.writing,
                sender=sender,
                client_id=client_id,
                conversation=conversation,
                opener=head["opener"],
            )
        )

    def invite(
        self, sender: PersonId, client_id: str, conversation: ConversationId, person: PersonId
    ) -> dict[str, Any]:
        """Invite somebody; inviting oneself to a public channel is joining it."""
        found = self._people({person})[person]
        return self._run(
            AddMember(
                writing=self.writing,
                sender=sender,
                client_id=client_id,
                conversation=conversation,
                person=found,
            )
        )

    def leave(self, sender: PersonId, client_id: str, conversation: ConversationId) -> dict[str, Any]:
        """Leave a conversation."""
        return self._run(
            Leave(writing=self.writing, sender=sender, client_id=client_id, conversation=conversation)
        )

    def withdraw(
        self, sender: PersonId, client_id: str, conversation: ConversationId, item: ItemId
    ) -> dict[str, Any]:
        """Take back one's own message that waits in the release queue."""
        actor = self._people({sender})[sender]
        return self.end_quarantine(VersionKind.WITHDRAW, sender, client_id, conversation, item, actor)

    def end_quarantine(
        self,
        kind: VersionKind,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        actor: Person,
        reason: str = "",
    ) -> dict[str, Any]:
        """Withdraw, reject or lapse a waiting message."""
        return self._run(
            EndQuarantine(
                writing=self.writing,
                vault=self.vault,
                sender=sender,
                client_id=client_id,
                conversation=conversation,
                item=item,
                kind=kind,
                actor=actor,
                reason=reason,
            )
        )

    def release(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        *,
        approved: frozenset[str],
        officer: Person,
        reason: str,
        files: tuple[ReadFile, ...] = (),
    ) -> dict[str, Any]:
        """Carry an officer's release of a waiting message, with the files it carries."""
        given = {
            **self._change(sender, client_id, conversation, item),
            "approved": approved,
            "officer": officer,
            "reason": reason,
        }
        return self._run(ReleaseFiles(**given, files=files) if files else Release(**given))

    def recall(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        *,
        officer: Person,
        reason: str,
    ) -> dict[str, Any]:
        """Carry an officer's recall of a message that was delivered."""
        given = self._change(sender, client_id, conversation, item)
        return self._run(Recall(**given, officer=officer, reason=reason))

    def restore(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        *,
        approved: frozenset[str],
        officer: Person,
        reason: str,
        files: tuple[ReadFile, ...] = (),
    ) -> dict[str, Any]:
        """Show a recalled message again, with the files it carries, if nothing new stops it."""
        given = self._change(sender, client_id, conversation, item)
        return self._run(Restore(**given, approved=approved, officer=officer, reason=reason, files=files))

    def deliver_checked(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        item: ItemId,
        files: tuple[ReadFile, ...],
    ) -> dict[str, Any]:
        """Decide a message whose files were read, and deliver or stop it."""
        return self._run(CheckFiles(**self._change(sender, client_id, conversation, item), files=files))

    def mark(self, person: PersonId, conversation: ConversationId, cseq: int) -> int:
        """Note how far a member has read."""

        def write(tx: Tx) -> int:
            self.rooms.load_for(tx, conversation, person)
            return do_mark(tx, conversation, person, cseq, to_ms(self.clock.now()))

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

    def report(
        self, sender: PersonId, client_id: str, conversation: ConversationId, decision: str
    ) -> dict[str, Any]:
        """Say that what was found in one's own words is wrong."""
        return self._run(
            ReportFinding(
                writing=self.writing,
                sender=sender,
                client_id=client_id,
                conversation=conversation,
                decision=decision,
            )
        )

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

    def _run(self, attempt: Attempt) -> dict[str, Any]:
        if not 1 <= len(attempt.client_id) <= 64:
            raise bad_client_id()
        return self.pipeline.run(attempt)

    def _people(self, ids: set[PersonId]) -> dict[PersonId, Person]:
        found = dict(self._read(lambda tx: self.roster.people(tx, ids)))
        if missing := ids - found.keys():
            raise NotFound(
                "There is no such person, or they have left.", code="no_person", people=sorted(missing)
            )
        return found

    def _change(
        self, sender: PersonId, client_id: str, conversation: ConversationId, item: ItemId
    ) -> dict[str, Any]:
        return {
            "writing": self.writing,
            "vault": self.vault,
            "sender": sender,
            "client_id": client_id,
            "conversation": conversation,
            "item": item,
        }

    def _retitle(
        self, sender: PersonId, client_id: str, conversation: ConversationId, kind: VersionKind, text: str
    ) -> Retitle:
        return Retitle(
            writing=self.writing,
            titles=self.titles,
            sender=sender,
            client_id=client_id,
            conversation=conversation,
            kind=kind,
            text=text,
        )


def bad_client_id() -> InvalidInput:
    """Return what is raised for a request without an id that can be kept."""
    return InvalidInput("A request needs an id of at most 64 characters.", code="bad_client_id")
