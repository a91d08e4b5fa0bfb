"""What becomes of messages that wait, and of shown ones at an officer's word."""

from dataclasses import dataclass
from typing import Any

from core.messaging.acting import Acting
from core.messaging.files.checking import CheckFiles, ReadFile, ReleaseFiles
from core.messaging.model import Person, VersionKind
from core.messaging.quarantine import EndQuarantine, Release
from core.messaging.recall import Recall, Restore
from core.types import ConversationId, ItemId, PersonId


@dataclass(frozen=True, slots=True)
class Judging(Acting):
    """Ends waiting, and takes back or shows again what was delivered."""

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
