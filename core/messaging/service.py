"""The messaging core as the rooms above it use it: one method for each thing a person can do."""

from dataclasses import dataclass
from typing import Any

from core.messaging.arranging import Arranging
from core.messaging.attempt import Confirmation
from core.messaging.carried import Carries, Forwarding, Quoting
from core.messaging.changes import DeleteMessage, EditMessage, React
from core.messaging.conversations import (
    NAME_MAX,
    CloseConversation,
    OpenConversation,
    Retitle,
    direct_pair,
)
from core.messaging.draft import Draft, advice
from core.messaging.files.forward import ForwardFiles
from core.messaging.files.rows import file_ids
from core.messaging.files.send import SendFiles
from core.messaging.judging import Judging
from core.messaging.membership import AddMember, EndMembership
from core.messaging.model import VersionKind
from core.messaging.names import tag_of
from core.messaging.pins import Pin
from core.messaging.reporting import ReportFinding
from core.messaging.send import SendMessage
from core.types import ConversationId, ConversationKind, ItemId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging(Judging, Arranging):
    """Everything a person can do in the chat. Each call is decided, written and answered as a whole."""

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

    def draft(
        self,
        sender: PersonId,
        conversation: ConversationId,
        text: str,
        *,
        files: tuple[str, ...] = (),
        quotes: ItemId | None = None,
        forwards: tuple[ConversationId, ItemId] | None = None,
    ) -> dict[str, Any]:
        """Return what the policy would say to a message now. It is stored nowhere; nothing is promised."""
        carries: Carries | None = Quoting(quotes, if_there=True) if quotes else None
        if forwards is not None:
            carries = Forwarding(*forwards, has_files=True)
        return advice(
            self.pipeline.preview(
                Draft(
                    writing=self.writing, vault=self.vault, sender=sender, conversation=conversation,
                    text=text, files=files, source=forwards[1] if forwards else None, carries=carries,
                )
            )
        )  # fmt: skip

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
        name = name.strip()
        opening = OpenConversation(
            writing=self.writing,
            titles=self.titles,
            sender=sender,
            client_id=client_id,
            kind=kind,
            name=name,
            name_tag=self._name_tag(name),
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
        return self._run(
            CloseConversation(
                writing=self.writing, sender=sender, client_id=client_id, conversation=conversation
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
        return self.remove(sender, client_id, conversation, sender)

    def remove(
        self, sender: PersonId, client_id: str, conversation: ConversationId, person: PersonId
    ) -> dict[str, Any]:
        """Take somebody out of a group or channel that one opened; one's own self leaves it."""
        return self._run(
            EndMembership(
                writing=self.writing,
                sender=sender,
                client_id=client_id,
                conversation=conversation,
                person=person,
            )
        )

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
            name_tag=self._name_tag(text) if kind is VersionKind.RENAME else None,
        )

    def _name_tag(self, name: str) -> str | None:
        """Return the tag of a name that a channel can have: what is too long is refused, not folded."""
        return tag_of(self.tag, name) if 0 < len(name) <= NAME_MAX else None
