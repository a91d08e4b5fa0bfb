"""The messaging core as the rooms above it use it: one method for each thing a person can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from core.errors import InvalidInput, NotFound
from core.messaging.attempt import Attempt, Confirmation
from core.messaging.changes import DeleteMessage, EditMessage, React
from core.messaging.conversations import CloseConversation, OpenConversation, Retitle, direct_pair
from core.messaging.marks import do_mark
from core.messaging.membership import AddMember, Leave, membership_history
from core.messaging.model import Person, VersionKind
from core.messaging.pipeline import Pipeline
from core.messaging.quarantine import EndQuarantine, Release
from core.messaging.resync import Resync
from core.messaging.rooms import Roster, Titles
from core.messaging.send import SendMessage, Writing
from core.messaging.vault import Vault
from core.ports import Blocking
from core.store import Store, Tx
from core.types import Clock, ConversationId, ConversationKind, ItemId, PersonId, to_ms

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Messaging:
    """Everything a person can do in the chat. Each call is decided, written and answered as a whole."""

    pipeline: Pipeline
    writing: Writing
    vault: Vault
    roster: Roster
    titles: Titles
    resync: Resync
    store: Store
    blocking: Blocking
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
    ) -> dict[str, Any]:
        """Say something in a conversation."""
        return self._run(
            SendMessage(self.writing, sender, client_id, conversation, text, thread_root, confirms, source)
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
    ) -> dict[str, Any]:
        """Carry an officer's release of a waiting message."""
        return self._run(
            Release(
                writing=self.writing,
                vault=self.vault,
                sender=sender,
                client_id=client_id,
                conversation=conversation,
                item=item,
                approved=approved,
                officer=officer,
                reason=reason,
            )
        )

    def mark(self, person: PersonId, conversation: ConversationId, cseq: int) -> int:
        """Note how far a member has read."""

        def write(tx: Tx) -> int:
            self.pipeline.rooms.load_for(tx, conversation, person)
            return do_mark(tx, conversation, person, cseq, to_ms(self.clock.now()))

        return self.blocking.commit(lambda: self.store.write(write))

    def overview(self, person: PersonId) -> list[dict[str, Any]]:
        """Return the person's conversations."""
        return self._read(lambda tx: self.resync.overview(tx, person))

    def head(self, person: PersonId, conversation: ConversationId) -> dict[str, Any]:
        """Return one conversation as its member sees it."""
        return self._read(lambda tx: self.resync.head(tx, conversation, person))

    def since(self, person: PersonId, known: Mapping[ConversationId, int]) -> dict[str, Any]:
        """Return everything after the numbers that the client knows."""
        return self._read(lambda tx: self.resync.since(tx, person, known))

    def history(self, person: PersonId, conversation: ConversationId, before: int | None) -> dict[str, Any]:
        """Return a page of history."""
        return self._read(lambda tx: self.resync.history(tx, person, conversation, before))

    def thread(
        self, person: PersonId, conversation: ConversationId, root: ItemId, after: int = 0
    ) -> dict[str, Any]:
        """Return a page of a thread."""
        return self._read(lambda tx: self.resync.thread(tx, person, conversation, root, after))

    def stopped(self, person: PersonId, conversation: ConversationId) -> list[dict[str, Any]]:
        """Return the person's own stopped messages."""
        return self._read(lambda tx: self.resync.stopped(tx, person, conversation))

    def members_over_time(self, person: PersonId, conversation: ConversationId) -> list[dict[str, Any]]:
        """Return who was a member when, to a member."""

        def read(tx: Tx) -> list[dict[str, Any]]:
            self.pipeline.rooms.load_for(tx, conversation, person)
            return list(membership_history(tx, conversation))

        return self._read(read)

    def _run(self, attempt: Attempt) -> dict[str, Any]:
        if not 1 <= len(attempt.client_id) <= 64:
            raise InvalidInput("A request needs an id of at most 64 characters.", code="bad_client_id")
        return self.pipeline.run(attempt)

    def _read(self, work: Callable[[Tx], T]) -> T:
        return self.blocking.read(lambda: self.store.read(work))

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
