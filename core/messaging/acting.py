"""What every act in the chat needs: the pipeline, and who and what it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput, NotFound
from core.messaging.attempt import Attempt
from core.messaging.model import Person
from core.messaging.pipeline import Pipeline
from core.messaging.reading import Reading
from core.messaging.rooms import Roster, Titles
from core.messaging.send import Writing
from core.messaging.vault import Vault
from core.types import Clock, ConversationId, ItemId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting(Reading):
    """Carries attempts for people who can read the chat, too."""

    pipeline: Pipeline
    writing: Writing
    vault: Vault
    roster: Roster
    titles: Titles
    clock: Clock
    tag: Callable[[str, str], str]
    ensure_owner: Callable[[str], None]

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


def bad_client_id() -> InvalidInput:
    """Return what is raised for a request without an id that can be kept."""
    return InvalidInput("A request needs an id of at most 64 characters.", code="bad_client_id")
